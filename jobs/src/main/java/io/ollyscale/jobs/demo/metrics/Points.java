package io.ollyscale.jobs.demo.metrics;

import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;

/** Counts data points. */
public final class Points {

    private Points() {}

    /** Of all metrics. */
    public static int in(MetricsData metrics) {
        return metrics.getResourceMetricsList().stream()
                .flatMap(resource -> resource.getScopeMetricsList().stream())
                .flatMap(scope -> scope.getMetricsList().stream())
                .mapToInt(Points::in)
                .sum();
    }

    /** It has one of them. */
    private static int in(Metric metric) {
        return metric.getGauge().getDataPointsCount()
                + metric.getSum().getDataPointsCount()
                + metric.getHistogram().getDataPointsCount()
                + metric.getExponentialHistogram().getDataPointsCount()
                + metric.getSummary().getDataPointsCount();
    }
}
