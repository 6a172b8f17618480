package io.ollyscale.jobs.demo.metrics;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Positive measurements by bounds that grow by a ninth, with the last few as exemplars. */
public final class ExponentialHistogramSeries implements Series {
    /** Eight buckets for each doubling: fewer than the usual 160 from a microsecond to a second. */
    private static final int SCALE = 3;

    private static final double BUCKETS_PER_LN = (1 << SCALE) / StrictMath.log(2);
    private static final int EXEMPLARS = 4;

    private final Map<Integer, Long> counts = new TreeMap<>();
    private final Deque<Measurement> last = new ArrayDeque<>(EXEMPLARS);
    private long count;
    private double sum;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    ExponentialHistogramSeries() {}

    /** @param measurement more than 0 */
    public void record(Measurement measurement) {
        double value = measurement.value();
        // Math.log may differ between platforms in its last bit. A bucket has its upper bound and hasn't its lower one.
        counts.merge((int) Math.ceil(StrictMath.log(value) * BUCKETS_PER_LN) - 1, 1L, Long::sum);
        if (last.size() == EXEMPLARS) {
            last.remove();
        }
        last.add(measurement);
        count++;
        sum += value;
        min = Math.min(min, value);
        max = Math.max(max, value);
    }

    @Override
    public void addPoint(Metric.Builder metric, List<KeyValue> attributes, long startNanos, long timeNanos) {
        ExponentialHistogramDataPoint.Builder point = metric.getExponentialHistogramBuilder()
                .addDataPointsBuilder()
                .addAllAttributes(attributes)
                .setStartTimeUnixNano(startNanos)
                .setTimeUnixNano(timeNanos)
                .setCount(count)
                .setSum(sum)
                .setMin(min)
                .setMax(max)
                .setScale(SCALE);
        int bucket = counts.keySet().iterator().next();
        ExponentialHistogramDataPoint.Buckets.Builder positive =
                point.getPositiveBuilder().setOffset(bucket);
        for (Map.Entry<Integer, Long> counted : counts.entrySet()) {
            for (; bucket < counted.getKey(); bucket++) {
                positive.addBucketCounts(0);
            }
            positive.addBucketCounts(counted.getValue());
            bucket++;
        }
        last.forEach(measurement -> point.addExemplars(measurement.exemplar()));
        last.clear();
    }
}
