package io.ollyscale.benchmarks;

import static io.ollyscale.benchmarks.Otlp.METHODS;
import static io.ollyscale.benchmarks.Otlp.REGIONS;
import static io.ollyscale.benchmarks.Otlp.STATUS_CODES;
import static io.ollyscale.benchmarks.Otlp.THINGS;
import static io.ollyscale.benchmarks.Otlp.bytes;
import static io.ollyscale.benchmarks.Otlp.integer;
import static io.ollyscale.benchmarks.Otlp.text;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Records of metrics, without end. Each record is what one of 20 processes measures at a time, always of the same series:
 * 85 % sums and gauges, 10 % histograms of 15 buckets of which one in ten has an exemplar, 3 % exponential histograms, 2 %
 * summaries; 3 to 5 attributes, up to 10 series a metric. Not thread-safe.
 */
final class GeneratedMetrics implements Supplier<byte[]> {
    private static final int PROCESSES = 20;
    private static final int SERIES_OF_METRIC = 10;
    private static final double[] BOUNDS = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};
    private static final int EXPONENTIAL_BUCKETS = 40;
    private static final double[] QUANTILES = {0, 0.5, 0.9, 0.99, 1};

    private final int pointsPerRecord;
    private final Clock clock;
    private long next;

    // Of the record at hand.
    private long time;
    private long scrape;
    private SplittableRandom random;

    /** @param clock of the points' times; those of a record have one */
    GeneratedMetrics(int pointsPerRecord, Clock clock) {
        this.pointsPerRecord = pointsPerRecord;
        this.clock = clock;
    }

    @Override
    public byte[] get() {
        int process = (int) (next % PROCESSES);
        scrape = next / PROCESSES;
        time = clock.nanos(next * pointsPerRecord);
        random = new SplittableRandom(next);
        next++;

        int histograms = pointsPerRecord / 10;
        int exponential = pointsPerRecord * 3 / 100;
        int summaries = pointsPerRecord * 2 / 100;
        int numbers = pointsPerRecord - histograms - exponential - summaries;
        ScopeMetrics.Builder scope = ScopeMetrics.newBuilder().setScope(Otlp.scope(process));
        for (Series series : series(numbers)) {
            scope.addMetrics(series.metric() % 2 == 0 ? sum(series) : gauge(series));
        }
        series(histograms).forEach(series -> scope.addMetrics(histogram(series)));
        series(exponential).forEach(series -> scope.addMetrics(exponentialHistogram(series)));
        series(summaries).forEach(series -> scope.addMetrics(summary(series)));
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(Otlp.resource(process))
                        .addScopeMetrics(scope))
                .build()
                .toByteArray();
    }

    /** The series of one metric of a type. */
    private record Series(int metric, int count) {}

    private static List<Series> series(int points) {
        List<Series> metrics = new ArrayList<>();
        for (int from = 0; from < points; from += SERIES_OF_METRIC) {
            metrics.add(new Series(metrics.size(), Math.min(SERIES_OF_METRIC, points - from)));
        }
        return metrics;
    }

    private Metric.Builder sum(Series series) {
        Sum.Builder sum = Sum.newBuilder()
                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                .setIsMonotonic(true);
        for (int i = 0; i < series.count(); i++) {
            sum.addDataPoints(number(i).setAsInt(scrape * 100 + random.nextInt(100)));
        }
        return metric(series, "requests", "{request}").setSum(sum);
    }

    private Metric.Builder gauge(Series series) {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = 0; i < series.count(); i++) {
            gauge.addDataPoints(number(i).setAsDouble(random.nextDouble()));
        }
        return metric(series, "utilization", "1").setGauge(gauge);
    }

    private NumberDataPoint.Builder number(int series) {
        return NumberDataPoint.newBuilder()
                .addAllAttributes(attributes(series))
                .setStartTimeUnixNano(clock.first())
                .setTimeUnixNano(time);
    }

    private Metric.Builder histogram(Series series) {
        Histogram.Builder histogram = Histogram.newBuilder()
                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        for (int i = 0; i < series.count(); i++) {
            HistogramDataPoint.Builder point = HistogramDataPoint.newBuilder()
                    .addAllAttributes(attributes(i))
                    .setStartTimeUnixNano(clock.first())
                    .setTimeUnixNano(time)
                    .setSum(random.nextDouble())
                    .setMin(0.001)
                    .setMax(20);
            long count = 0;
            for (int bucket = 0; bucket <= BOUNDS.length; bucket++) {
                long inBucket = scrape * bucket + random.nextInt(10);
                count += inBucket;
                point.addBucketCounts(inBucket);
            }
            for (double bound : BOUNDS) {
                point.addExplicitBounds(bound);
            }
            if (random.nextInt(10) == 0) {
                point.addExemplars(exemplar());
            }
            histogram.addDataPoints(point.setCount(count));
        }
        return metric(series, "duration", "s").setHistogram(histogram);
    }

    private Exemplar.Builder exemplar() {
        return Exemplar.newBuilder()
                .setTimeUnixNano(time - random.nextInt(1_000_000))
                .setAsDouble(random.nextDouble())
                .setTraceId(bytes(random.nextLong(), random.nextLong()))
                .setSpanId(bytes(random.nextLong()))
                .addFilteredAttributes(text("app.user.id", "user-" + random.nextInt(1_000_000)));
    }

    private Metric.Builder exponentialHistogram(Series series) {
        ExponentialHistogram.Builder histogram = ExponentialHistogram.newBuilder()
                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        for (int i = 0; i < series.count(); i++) {
            ExponentialHistogramDataPoint.Buckets.Builder buckets =
                    ExponentialHistogramDataPoint.Buckets.newBuilder().setOffset(-10);
            long count = 0;
            for (int bucket = 0; bucket < EXPONENTIAL_BUCKETS; bucket++) {
                long inBucket = random.nextInt(100);
                count += inBucket;
                buckets.addBucketCounts(inBucket);
            }
            histogram.addDataPoints(ExponentialHistogramDataPoint.newBuilder()
                    .addAllAttributes(attributes(i))
                    .setStartTimeUnixNano(clock.first())
                    .setTimeUnixNano(time)
                    .setScale(3)
                    .setCount(count)
                    .setSum(random.nextDouble())
                    .setPositive(buckets));
        }
        return metric(series, "size", "By").setExponentialHistogram(histogram);
    }

    private Metric.Builder summary(Series series) {
        Summary.Builder summary = Summary.newBuilder();
        for (int i = 0; i < series.count(); i++) {
            SummaryDataPoint.Builder point = SummaryDataPoint.newBuilder()
                    .addAllAttributes(attributes(i))
                    .setStartTimeUnixNano(clock.first())
                    .setTimeUnixNano(time)
                    .setCount(scrape * 10)
                    .setSum(random.nextDouble());
            for (double quantile : QUANTILES) {
                point.addQuantileValues(SummaryDataPoint.ValueAtQuantile.newBuilder()
                        .setQuantile(quantile)
                        .setValue(random.nextDouble()));
            }
            summary.addDataPoints(point);
        }
        return metric(series, "gc.pause", "s").setSummary(summary);
    }

    private static Metric.Builder metric(Series series, String what, String unit) {
        return Metric.newBuilder()
                .setName("shop." + THINGS[series.metric() % THINGS.length] + "." + what + "." + series.metric())
                .setDescription("What the benchmark measures of " + what + ", number " + series.metric())
                .setUnit(unit);
    }

    /** Different for each of a metric's series. */
    private static List<KeyValue> attributes(int series) {
        List<KeyValue> attributes = new ArrayList<>();
        attributes.add(text("http.request.method", METHODS[series % METHODS.length]));
        attributes.add(text("http.route", "/api/v1/" + THINGS[series % THINGS.length] + "/{id}"));
        attributes.add(integer("http.response.status_code", STATUS_CODES[(series + 5) % STATUS_CODES.length]));
        if (series % 3 > 0) {
            attributes.add(text("app.region", REGIONS[series % REGIONS.length]));
        }
        if (series % 3 > 1) {
            attributes.add(text("server.address", "node-" + series + ".shop.example.org"));
        }
        return attributes;
    }
}
