package io.ollyscale.jobs.demo;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.List;

/** A metric of the demo as it was exported once, as somebody who reads the topic has it. */
record DemoMetric(Resource resource, InstrumentationScope scope, Metric metric) {

    static List<DemoMetric> in(byte[] record) {
        List<DemoMetric> metrics = new ArrayList<>();
        try {
            for (ResourceMetrics resourceMetrics : MetricsData.parseFrom(record).getResourceMetricsList()) {
                for (ScopeMetrics scopeMetrics : resourceMetrics.getScopeMetricsList()) {
                    for (Metric metric : scopeMetrics.getMetricsList()) {
                        metrics.add(new DemoMetric(resourceMetrics.getResource(), scopeMetrics.getScope(), metric));
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a record isn't a message", e);
        }
        return metrics;
    }

    String name() {
        return metric.getName();
    }

    /** Empty unless it is a sum or a gauge. */
    List<NumberDataPoint> numbers() {
        return metric.hasGauge()
                ? metric.getGauge().getDataPointsList()
                : metric.getSum().getDataPointsList();
    }

    /** Empty unless it is a histogram of explicit bounds. */
    List<HistogramDataPoint> histograms() {
        return metric.getHistogram().getDataPointsList();
    }

    /** Empty unless it is an exponential histogram. */
    List<ExponentialHistogramDataPoint> exponentialHistograms() {
        return metric.getExponentialHistogram().getDataPointsList();
    }

    /** Empty unless it is a summary. */
    List<SummaryDataPoint> summaries() {
        return metric.getSummary().getDataPointsList();
    }
}
