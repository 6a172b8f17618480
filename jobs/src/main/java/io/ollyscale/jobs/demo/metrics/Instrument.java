package io.ollyscale.jobs.demo.metrics;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Something that is measured, by attributes. One of delta temporality forgets its series at each collection, as a series
 * without measurements has no point then. Not thread-safe.
 *
 * @param <S> what its series are
 */
public final class Instrument<S extends Series> {
    private final Metric prototype;
    private final boolean delta;
    private final Supplier<S> newSeries;
    private final Map<List<KeyValue>, S> series = new LinkedHashMap<>();

    private Instrument(Metric.Builder prototype, AggregationTemporality temporality, Supplier<S> newSeries) {
        this.prototype = prototype.build();
        this.delta = temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
        this.newSeries = newSeries;
    }

    /** @param newSeries of integers or of doubles */
    public static <N extends NumberSeries> Instrument<N> counter(
            String name, String unit, String description, AggregationTemporality temporality, Supplier<N> newSeries) {
        return new Instrument<>(
                metric(name, unit, description)
                        .setSum(Sum.newBuilder()
                                .setAggregationTemporality(temporality)
                                .setIsMonotonic(true)),
                temporality,
                newSeries);
    }

    /** Always cumulative, as every SDK has them. */
    public static Instrument<NumberSeries.Whole> upDownCounter(String name, String unit, String description) {
        AggregationTemporality temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
        return new Instrument<>(
                metric(name, unit, description).setSum(Sum.newBuilder().setAggregationTemporality(temporality)),
                temporality,
                NumberSeries.Whole::new);
    }

    /** @param newSeries of integers or of doubles */
    public static <N extends NumberSeries> Instrument<N> gauge(
            String name, String unit, String description, Supplier<N> newSeries) {
        return new Instrument<>(
                metric(name, unit, description).setGauge(Gauge.getDefaultInstance()),
                AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED,
                newSeries);
    }

    /** @param bounds ascending */
    public static Instrument<HistogramSeries> histogram(
            String name, String unit, String description, AggregationTemporality temporality, double... bounds) {
        return new Instrument<>(
                metric(name, unit, description)
                        .setHistogram(Histogram.newBuilder().setAggregationTemporality(temporality)),
                temporality,
                () -> new HistogramSeries(bounds));
    }

    public static Instrument<ExponentialHistogramSeries> exponentialHistogram(
            String name, String unit, String description, AggregationTemporality temporality) {
        return new Instrument<>(
                metric(name, unit, description)
                        .setExponentialHistogram(
                                ExponentialHistogram.newBuilder().setAggregationTemporality(temporality)),
                temporality,
                ExponentialHistogramSeries::new);
    }

    public static Instrument<SummarySeries> summary(String name, String description) {
        return new Instrument<>(
                metric(name, "", description).setSummary(Summary.getDefaultInstance()),
                AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED,
                SummarySeries::new);
    }

    private static Metric.Builder metric(String name, String unit, String description) {
        return Metric.newBuilder().setName(name).setUnit(unit).setDescription(description);
    }

    /** The series with these attributes, new or not; good until the next collection. */
    public S with(List<KeyValue> attributes) {
        return series.computeIfAbsent(attributes, any -> newSeries.get());
    }

    public S with(KeyValue... attributes) {
        return with(List.of(attributes));
    }

    /** All that were measured. */
    public void forEach(Consumer<S> action) {
        series.values().forEach(action);
    }

    boolean isEmpty() {
        return series.isEmpty();
    }

    Metric collect(long startNanos, long lastNanos, long timeNanos) {
        Metric.Builder metric = prototype.toBuilder();
        series.forEach(
                (attributes, ofThem) -> ofThem.addPoint(metric, attributes, delta ? lastNanos : startNanos, timeNanos));
        if (delta) {
            series.clear();
        }
        return metric.build();
    }
}
