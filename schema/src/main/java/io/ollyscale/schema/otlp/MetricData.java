package io.ollyscale.schema.otlp;

import com.google.protobuf.Message;
import io.ollyscale.schema.identity.CanonicalForm;
import io.ollyscale.schema.identity.IdentityHash;
import io.opentelemetry.proto.metrics.v1.Metric;

/**
 * What a metric is besides its points.
 *
 * @param type the field number in {@code Metric.data}; 0 where it is not set
 * @param temporality null where the type has none; an unknown number as it came
 * @param monotonic null where the type has none
 * @param points how many there are
 */
record MetricData(Metric metric, Message data, int type, Integer temporality, Boolean monotonic, int points) {

    static MetricData of(Metric metric) {
        int type = metric.getDataCase().getNumber();
        return switch (metric.getDataCase()) {
            case GAUGE ->
                new MetricData(
                        metric,
                        metric.getGauge(),
                        type,
                        null,
                        null,
                        metric.getGauge().getDataPointsCount());
            case SUM ->
                new MetricData(
                        metric,
                        metric.getSum(),
                        type,
                        metric.getSum().getAggregationTemporalityValue(),
                        metric.getSum().getIsMonotonic(),
                        metric.getSum().getDataPointsCount());
            case HISTOGRAM ->
                new MetricData(
                        metric,
                        metric.getHistogram(),
                        type,
                        metric.getHistogram().getAggregationTemporalityValue(),
                        null,
                        metric.getHistogram().getDataPointsCount());
            case EXPONENTIAL_HISTOGRAM ->
                new MetricData(
                        metric,
                        metric.getExponentialHistogram(),
                        type,
                        metric.getExponentialHistogram().getAggregationTemporalityValue(),
                        null,
                        metric.getExponentialHistogram().getDataPointsCount());
            case SUMMARY ->
                new MetricData(
                        metric,
                        metric.getSummary(),
                        type,
                        null,
                        null,
                        metric.getSummary().getDataPointsCount());
            case DATA_NOT_SET -> new MetricData(metric, metric, type, null, null, 0);
        };
    }

    /** Of every field but the points: a variant. */
    IdentityHash hash() {
        return identity(new CanonicalForm("metric"))
                .text(metric.getDescription())
                .attributes(metric.getMetadataList())
                .hash();
    }

    /** Without what may be worded differently: the variants of a metric have one. */
    IdentityHash identityHash() {
        return identity(new CanonicalForm("metric-identity")).hash();
    }

    private CanonicalForm identity(CanonicalForm form) {
        form.text(metric.getName()).text(metric.getUnit()).integer(type);
        // Beyond every 32-bit number, so that none is taken for absence.
        return form.integer(temporality == null ? Long.MIN_VALUE : temporality)
                .integer(monotonic == null ? Long.MIN_VALUE : monotonic ? 1 : 0);
    }

    void checkUnknown(UnknownFields unknown) throws RefusedRecordException {
        unknown.check(metric);
        if (data != metric) {
            unknown.check(data);
        }
    }
}
