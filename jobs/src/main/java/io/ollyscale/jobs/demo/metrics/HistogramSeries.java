package io.ollyscale.jobs.demo.metrics;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.Arrays;
import java.util.List;

/** Measurements by explicit bounds, with the last one of each bucket as an exemplar. */
public final class HistogramSeries implements Series {
    private final double[] bounds;
    private final long[] counts;
    private final Measurement[] last;
    private long count;
    private double sum;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    /** @param bounds ascending, each the largest value of its bucket */
    HistogramSeries(double[] bounds) {
        this.bounds = bounds;
        this.counts = new long[bounds.length + 1];
        this.last = new Measurement[bounds.length + 1];
    }

    public void record(Measurement measurement) {
        double value = measurement.value();
        int found = Arrays.binarySearch(bounds, value);
        int bucket = found < 0 ? -found - 1 : found;
        counts[bucket]++;
        last[bucket] = measurement;
        count++;
        sum += value;
        min = Math.min(min, value);
        max = Math.max(max, value);
    }

    @Override
    public void addPoint(Metric.Builder metric, List<KeyValue> attributes, long startNanos, long timeNanos) {
        HistogramDataPoint.Builder point = metric.getHistogramBuilder()
                .addDataPointsBuilder()
                .addAllAttributes(attributes)
                .setStartTimeUnixNano(startNanos)
                .setTimeUnixNano(timeNanos)
                .setCount(count)
                .setSum(sum)
                .setMin(min)
                .setMax(max);
        for (double bound : bounds) {
            point.addExplicitBounds(bound);
        }
        for (int bucket = 0; bucket < counts.length; bucket++) {
            point.addBucketCounts(counts[bucket]);
            if (last[bucket] != null) {
                point.addExemplars(last[bucket].exemplar());
                last[bucket] = null;
            }
        }
    }
}
