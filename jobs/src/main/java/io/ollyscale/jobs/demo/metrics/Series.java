package io.ollyscale.jobs.demo.metrics;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.List;

/** What was measured with one set of attributes. */
public interface Series {

    /**
     * Adds a data point to a metric of the type that the series is of. Exemplars are given once.
     *
     * @param startNanos since when, in Unix nanoseconds; 0 for none
     * @param timeNanos Unix nanoseconds
     */
    void addPoint(Metric.Builder metric, List<KeyValue> attributes, long startNanos, long timeNanos);
}
