package io.ollyscale.schema.testing;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** What is wrong with data points that are stored all the same, as they came. Each is the only one of its metric. */
public enum OddPoint {
    COUNTS_NOT_MATCHING_BOUNDS(number -> histogram(MetricRecords.histogramPoint(number)
            .clearBucketCounts()
            .addBucketCounts(1)
            .addBucketCounts(-1))),
    BOUNDS_THAT_FALL(number -> histogram(MetricRecords.histogramPoint(number)
            .clearExplicitBounds()
            .addAllExplicitBounds(List.of(5.0, 1.0, 1.0, -0.0)))),
    BOUNDS_THAT_ARE_NO_NUMBERS(number -> histogram(MetricRecords.histogramPoint(number)
            .clearExplicitBounds()
            .addAllExplicitBounds(List.of(
                    Double.NaN,
                    Double.longBitsToDouble(0x7ff800000000beefL),
                    Double.POSITIVE_INFINITY,
                    Double.NEGATIVE_INFINITY)))),
    NO_BUCKETS(number ->
            histogram(MetricRecords.histogramPoint(number).clearExplicitBounds().clearBucketCounts())),
    BUCKETS_100000(number ->
            histogram(MetricRecords.histogramPoint(number).addAllBucketCounts(Collections.nCopies(100_000, 1L)))),
    NO_SUM(number ->
            histogram(MetricRecords.histogramPoint(number).clearSum().clearMin().clearMax())),
    SUM_OF_0(number ->
            histogram(MetricRecords.histogramPoint(number).setSum(0).setMin(0).setMax(-0.0))),
    /** The number can't be its count. */
    UNSIGNED_COUNTS(number -> histogram(MetricRecords.histogramPoint(number)
            .setCount(-1)
            .setFlags(-2)
            .clearBucketCounts()
            .addBucketCounts(Long.MIN_VALUE))),
    SCALE_20_AND_THE_LARGEST_OFFSET(number -> exponential(MetricRecords.exponentialPoint(number)
            .setScale(20)
            .setPositive(Buckets.newBuilder().setOffset(Integer.MAX_VALUE).addBucketCounts(1))
            .setNegative(Buckets.newBuilder().setOffset(Integer.MIN_VALUE).addBucketCounts(1)))),
    SCALE_BEYOND_REASON(
            number -> exponential(MetricRecords.exponentialPoint(number).setScale(Integer.MIN_VALUE))),
    EMPTY_AND_NO_BUCKETS(number -> exponential(MetricRecords.exponentialPoint(number)
            .setPositive(Buckets.getDefaultInstance())
            .clearNegative())),
    QUANTILES_OUTSIDE_0_TO_1(number -> summary(MetricRecords.summaryPoint(number)
            .clearQuantileValues()
            .addQuantileValues(MetricRecords.quantile(-1, 1))
            .addQuantileValues(MetricRecords.quantile(2, Double.POSITIVE_INFINITY))
            .addQuantileValues(MetricRecords.quantile(Double.NaN, -0.0))
            .addQuantileValues(MetricRecords.quantile(2, 1)))),
    /** Has no number. */
    NO_VALUE(number -> MetricRecords.gauge(MetricRecords.barePoint(number))),
    /** Has no number. */
    VALUE_OF_NAN(number -> MetricRecords.gauge(
            MetricRecords.barePoint(number).setAsDouble(Double.longBitsToDouble(0xfff800000000beefL)))),
    UNKNOWN_TEMPORALITY(number -> {
        Metric.Builder metric = Metric.newBuilder().setName("test.odd");
        metric.getSumBuilder().setAggregationTemporalityValue(99).addDataPoints(point(number));
        return metric;
    }),
    NO_NAME(number -> MetricRecords.gauge(point(number)).clearName()),
    NUL_IN_TEXTS(number ->
            MetricRecords.gauge(point(number)).setName("a\0b").setUnit("c\0d").setDescription("e\0f")),
    /** No index takes it, as it can't be compressed. */
    NAME_OF_100_KB(number -> MetricRecords.gauge(point(number)).setName(incompressible(100_000))),
    METADATA_WITH_A_KEY_TWICE(
            number -> MetricRecords.gauge(point(number)).addAllMetadata(OddAttributes.KEY_TWICE.list())),
    NUL_IN_METADATA(number -> MetricRecords.gauge(point(number))
            .addAllMetadata(OddAttributes.NUL_IN_KEY.list())
            .addAllMetadata(OddAttributes.NUL_IN_VALUE.list())),
    EXEMPLAR_IDS_OF_3_BYTES(number -> MetricRecords.gauge(point(number)
            .addExemplars(Exemplar.newBuilder().setTraceId(bytes(3)).setSpanId(bytes(3))))),
    EXEMPLAR_IDS_OF_32_BYTES(number -> MetricRecords.gauge(point(number)
            .addExemplars(Exemplar.newBuilder().setTraceId(bytes(32)).setSpanId(bytes(32))))),
    EMPTY_EXEMPLAR(number -> MetricRecords.gauge(point(number).addExemplars(Exemplar.getDefaultInstance()))),
    TIMES_OF_0(number -> MetricRecords.gauge(point(number).setTimeUnixNano(0).setStartTimeUnixNano(0))),
    LATEST_TIMES(number -> MetricRecords.gauge(point(number).setTimeUnixNano(-1).setStartTimeUnixNano(-1))),
    START_AFTER_TIME(number -> MetricRecords.gauge(point(number)
            .setTimeUnixNano(TraceRecords.startNanos(0))
            .setStartTimeUnixNano(TraceRecords.startNanos(1)))),
    NUL_IN_KEY(number -> withAttributes(number, OddAttributes.NUL_IN_KEY)),
    NUL_IN_VALUE(number -> withAttributes(number, OddAttributes.NUL_IN_VALUE)),
    ATTRIBUTE_OF_1_MB(number -> withAttributes(number, OddAttributes.ATTRIBUTE_OF_1_MB)),
    KEY_TWICE(number -> withAttributes(number, OddAttributes.KEY_TWICE)),
    NAN(number -> withAttributes(number, OddAttributes.NAN)),
    NEGATIVE_ZERO(number -> withAttributes(number, OddAttributes.NEGATIVE_ZERO)),
    NESTED_100_DEEP(number -> withAttributes(number, OddAttributes.NESTED_100_DEEP));

    private final IntFunction<Metric.Builder> metric;

    OddPoint(IntFunction<Metric.Builder> metric) {
        this.metric = metric;
    }

    /** A metric with one point of this kind; its value or count is the number, but where that is what is odd. */
    public Metric.Builder metric(int number) {
        return metric.apply(number);
    }

    private static NumberDataPoint.Builder point(int number) {
        return MetricRecords.barePoint(number).clearExemplars().setAsInt(number);
    }

    private static Metric.Builder withAttributes(int number, OddAttributes attributes) {
        return MetricRecords.gauge(point(number).addAllAttributes(attributes.list()));
    }

    private static Metric.Builder histogram(HistogramDataPoint.Builder point) {
        Metric.Builder metric = Metric.newBuilder().setName("test.odd");
        metric.getHistogramBuilder().addDataPoints(point);
        return metric;
    }

    private static Metric.Builder exponential(ExponentialHistogramDataPoint.Builder point) {
        Metric.Builder metric = Metric.newBuilder().setName("test.odd");
        metric.getExponentialHistogramBuilder().addDataPoints(point);
        return metric;
    }

    private static Metric.Builder summary(SummaryDataPoint.Builder point) {
        Metric.Builder metric = Metric.newBuilder().setName("test.odd");
        metric.getSummaryBuilder().addDataPoints(point);
        return metric;
    }

    private static ByteString bytes(int size) {
        return ByteString.copyFrom(new byte[size]);
    }

    private static String incompressible(int size) {
        return new EdgeValues(new Random(size), true).incompressible(size);
    }
}
