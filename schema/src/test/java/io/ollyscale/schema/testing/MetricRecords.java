package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint.ValueAtQuantile;
import java.util.Arrays;
import java.util.List;

/**
 * Generates records of metrics, as {@link TraceRecords} does of traces: a data point is made from its number alone, which is the
 * value of a gauge (an int) and of a sum (a double), and the count of every other type. Its attributes can't hold it: each
 * point would be a series of its own. Five consecutive numbers are the points of one metric, each of another series; the
 * metrics of 25 consecutive numbers are of the five types.
 */
public final class MetricRecords {

    /** A point's place in its metric: an int attribute that is its series' own. */
    public static final String SHARD = "test.shard";

    private static final int POINTS_IN_METRIC = 5;
    private static final int TYPES = 5;
    private static final List<Double> BOUNDS = List.of(0.005, 0.25, 1.0, 30.0);

    private MetricRecords() {}

    /** A record of {@code count} points with the numbers from {@code first} on, of several resources, scopes and metrics. */
    public static MetricsData numbered(int first, int count) {
        MetricsData.Builder record = MetricsData.newBuilder();
        for (Numbers ofResource : Numbers.of(first, count).inBlocksOf(TraceRecords.UNITS_IN_RESOURCE)) {
            ResourceMetrics.Builder resourceMetrics = record.addResourceMetricsBuilder()
                    .setResource(TraceRecords.resourceOf(ofResource.first()))
                    .setSchemaUrl(TraceRecords.SCHEMA_URL);
            for (Numbers ofScope : ofResource.inBlocksOf(TraceRecords.UNITS_IN_SCOPE)) {
                ScopeMetrics.Builder scopeMetrics =
                        resourceMetrics.addScopeMetricsBuilder().setScope(TraceRecords.scopeOf(ofScope.first()));
                ofScope.inBlocksOf(POINTS_IN_METRIC).forEach(ofMetric -> scopeMetrics.addMetrics(metric(ofMetric)));
            }
        }
        return record.build();
    }

    /** {@link #numbered} as it stands in Kafka. */
    public static byte[] bytes(int first, int count) {
        return numbered(first, count).toByteArray();
    }

    /** A record of these metrics, of one resource and one scope; for those that are odd. */
    public static MetricsData of(Metric.Builder... metrics) {
        ScopeMetrics.Builder scopeMetrics = ScopeMetrics.newBuilder().setScope(TraceRecords.scope(0));
        Arrays.stream(metrics).forEach(scopeMetrics::addMetrics);
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(TraceRecords.resource(0))
                        .addScopeMetrics(scopeMetrics))
                .build();
    }

    /** The metric with the point of a number, as {@link #numbered} has it. */
    public static Metric.Builder metric(int number) {
        return metric(Numbers.of(number, 1));
    }

    private static Metric.Builder metric(Numbers numbers) {
        Metric.Builder metric = Metric.newBuilder();
        switch (numbers.first() / POINTS_IN_METRIC % TYPES) {
            case 0 -> {
                metric.setName("test.temperature").setUnit("Cel").setDescription("of the room");
                numbers.each().forEach(number -> metric.getGaugeBuilder().addDataPoints(gaugePoint(number)));
            }
            case 1 -> {
                metric.setName("test.requests")
                        .setUnit("{request}")
                        .addMetadata(attribute("prometheus.type", "counter"));
                metric.getSumBuilder()
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                        .setIsMonotonic(true);
                numbers.each().forEach(number -> metric.getSumBuilder().addDataPoints(sumPoint(number)));
            }
            case 2 -> {
                metric.setName("test.duration").setUnit("s");
                metric.getHistogramBuilder()
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
                numbers.each().forEach(number -> metric.getHistogramBuilder().addDataPoints(histogramPoint(number)));
            }
            case 3 -> {
                metric.setName("test.size").setUnit("By");
                metric.getExponentialHistogramBuilder()
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
                numbers.each()
                        .forEach(number ->
                                metric.getExponentialHistogramBuilder().addDataPoints(exponentialPoint(number)));
            }
            default -> {
                metric.setName("test.wait").setUnit("ms");
                numbers.each().forEach(number -> metric.getSummaryBuilder().addDataPoints(summaryPoint(number)));
            }
        }
        return metric;
    }

    /** A metric of one point, to be made odd. */
    public static Metric.Builder gauge(NumberDataPoint.Builder point) {
        return Metric.newBuilder()
                .setName("test.odd")
                .setGauge(Gauge.newBuilder().addDataPoints(point));
    }

    /** A gauge's or a sum's point without a value, and with an exemplar's ids; to be made odd. */
    public static NumberDataPoint.Builder barePoint(int number) {
        return NumberDataPoint.newBuilder()
                .addAttributes(attribute(SHARD, number % POINTS_IN_METRIC))
                .addExemplars(Exemplar.newBuilder()
                        .setTraceId(TraceRecords.traceId(number))
                        .setSpanId(TraceRecords.spanId(number)));
    }

    private static NumberDataPoint.Builder point(int number) {
        return NumberDataPoint.newBuilder()
                .setTimeUnixNano(TraceRecords.startNanos(number))
                .addAllAttributes(attributes(number));
    }

    static NumberDataPoint.Builder gaugePoint(int number) {
        NumberDataPoint.Builder point = point(number).setAsInt(number);
        if (number % 10 == 0) {
            point.addExemplars(exemplar(number).setAsInt(number));
        }
        return point;
    }

    private static NumberDataPoint.Builder sumPoint(int number) {
        NumberDataPoint.Builder point =
                point(number).setStartTimeUnixNano(TraceRecords.startNanos(0)).setAsDouble(number);
        if (number % 4 == 0) {
            point.addExemplars(exemplar(number).setAsDouble(1)).addExemplars(Exemplar.getDefaultInstance());
        }
        return point;
    }

    static HistogramDataPoint.Builder histogramPoint(int number) {
        HistogramDataPoint.Builder point = HistogramDataPoint.newBuilder()
                .setStartTimeUnixNano(TraceRecords.startNanos(number - 1))
                .setTimeUnixNano(TraceRecords.startNanos(number))
                .addAllAttributes(attributes(number))
                .setCount(number)
                .addAllExplicitBounds(BOUNDS)
                .addAllBucketCounts(List.of(0L, (long) number / 2, (long) number - number / 2, 0L, 0L));
        if (number % 3 == 0) {
            point.setSum(number * 0.5).setMin(0.125).setMax(0.75);
        }
        if (number % 4 == 0) {
            point.addExemplars(exemplar(number).setAsDouble(0.5));
        }
        return point;
    }

    static ExponentialHistogramDataPoint.Builder exponentialPoint(int number) {
        ExponentialHistogramDataPoint.Builder point = ExponentialHistogramDataPoint.newBuilder()
                .setStartTimeUnixNano(TraceRecords.startNanos(number - 1))
                .setTimeUnixNano(TraceRecords.startNanos(number))
                .addAllAttributes(attributes(number))
                .setCount(number)
                .setSum(number * 2.5)
                .setScale(3 - number % 7)
                .setZeroCount(number / 2)
                .setPositive(Buckets.newBuilder()
                        .setOffset(number % 9 - 4)
                        .addAllBucketCounts(List.of((long) number - number / 2, 0L)));
        if (number % 2 == 0) {
            point.setZeroThreshold(1e-6).setNegative(Buckets.getDefaultInstance());
        }
        return point;
    }

    static SummaryDataPoint.Builder summaryPoint(int number) {
        SummaryDataPoint.Builder point = SummaryDataPoint.newBuilder()
                .setStartTimeUnixNano(TraceRecords.startNanos(0))
                .setTimeUnixNano(TraceRecords.startNanos(number))
                .addAllAttributes(attributes(number))
                .setCount(number)
                .setSum(number * 0.25);
        for (int quantile = 0; quantile < number % 4; quantile++) {
            point.addQuantileValues(quantile(quantile / 2.0, number + quantile));
        }
        return point;
    }

    static ValueAtQuantile.Builder quantile(double quantile, double value) {
        return ValueAtQuantile.newBuilder().setQuantile(quantile).setValue(value);
    }

    private static List<KeyValue> attributes(int number) {
        return List.of(
                attribute(SHARD, number % POINTS_IN_METRIC),
                attribute("http.route", "/items/{id}"),
                attribute("test.tags", List.of("a", 1)));
    }

    private static Exemplar.Builder exemplar(int number) {
        return Exemplar.newBuilder()
                .setTimeUnixNano(TraceRecords.startNanos(number) - 5)
                .setTraceId(TraceRecords.traceId(number))
                .setSpanId(TraceRecords.spanId(number))
                .addFilteredAttributes(attribute(TraceRecords.NUMBER, number))
                .addFilteredAttributes(attribute("url.path", "/items/" + number));
    }

    /**
     * A record in which every field of the metrics messages is set and every type of value occurs, but the references into a
     * dictionary, which no record of metrics may have. Has a metric of each type.
     */
    public static MetricsData allFields() {
        List<KeyValue> attributes = TraceRecords.allTypes("point", 0);
        Exemplar.Builder doubleExemplar = exemplar(1)
                .clearFilteredAttributes()
                .addAllFilteredAttributes(TraceRecords.allTypes("exemplar", 1))
                .setAsDouble(1.5);
        Exemplar.Builder intExemplar = exemplar(2).setAsInt(2);
        Metric.Builder gauge = metricOfAllFields("gauge")
                .setGauge(Gauge.newBuilder()
                        .addDataPoints(point(1).setStartTimeUnixNano(TraceRecords.startNanos(1) - 7)
                                .addAllAttributes(attributes)
                                .setAsInt(1)
                                .addExemplars(doubleExemplar)
                                .addExemplars(intExemplar)
                                .setFlags(1)));
        Metric.Builder sum = metricOfAllFields("sum")
                .setSum(Sum.newBuilder()
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                        .setIsMonotonic(true)
                        .addDataPoints(point(2).setAsDouble(2).setFlags(1).addExemplars(intExemplar)));
        Metric.Builder histogram = metricOfAllFields("histogram")
                .setHistogram(Histogram.newBuilder()
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                        .addDataPoints(histogramPoint(3)
                                .addAllAttributes(attributes)
                                .addExemplars(doubleExemplar)
                                .setFlags(1)));
        Metric.Builder exponential = metricOfAllFields("exponential")
                .setExponentialHistogram(ExponentialHistogram.newBuilder()
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                        .addDataPoints(exponentialPoint(4)
                                .addAllAttributes(attributes)
                                .setPositive(Buckets.newBuilder()
                                        .setOffset(5)
                                        .addBucketCounts(6)
                                        .addBucketCounts(7))
                                .setNegative(Buckets.newBuilder().setOffset(-8).addBucketCounts(9))
                                .setMin(-1.5)
                                .setMax(1.5)
                                .addExemplars(doubleExemplar)
                                .setFlags(1)));
        Metric.Builder summary = metricOfAllFields("summary")
                .setSummary(Summary.newBuilder()
                        .addDataPoints(summaryPoint(5)
                                .addAllAttributes(attributes)
                                .addQuantileValues(quantile(0.5, 10))
                                .addQuantileValues(quantile(0.99, 100))
                                .setFlags(1)));
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(TraceRecords.resourceOfAllFields())
                        .setSchemaUrl("https://example.org/resource")
                        .addScopeMetrics(ScopeMetrics.newBuilder()
                                .setScope(TraceRecords.scopeOfAllFields())
                                .setSchemaUrl("https://example.org/scope")
                                .addMetrics(gauge)
                                .addMetrics(sum)
                                .addMetrics(histogram)
                                .addMetrics(exponential)
                                .addMetrics(summary)))
                .build();
    }

    private static Metric.Builder metricOfAllFields(String name) {
        return Metric.newBuilder()
                .setName(name)
                .setDescription("a " + name)
                .setUnit("1")
                .addAllMetadata(TraceRecords.allTypes("metadata", 0));
    }
}
