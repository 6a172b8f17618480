package io.ollyscale.jobs.cli.top;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How often which durations occurred, in logarithmic buckets, so that any number of them is small, can be merged, and
 * gives quantiles to within 1 %. Not for several threads.
 */
public final class Durations {

    /** The bucket of what has no positive length. */
    static final int NONE = -1;

    private static final double ACCURACY = 0.01;
    private static final double GROWTH = (1 + ACCURACY) / (1 - ACCURACY);

    /** The logarithm of a bucket's upper bound by that of its lower one. */
    static final double LOG_GROWTH = Math.log(GROWTH);

    private final NavigableMap<Integer, Long> counts = new TreeMap<>();
    private long count;
    private long maxNanos;

    /**
     * @param bucket {@link #NONE}, or the least n for which {@code GROWTH^n} nanoseconds are no shorter
     * @param spans how many
     */
    void add(int bucket, long spans) {
        counts.merge(bucket, spans, Long::sum);
        count += spans;
    }

    /** The longest duration is known exactly. */
    void atMost(long nanos) {
        maxNanos = Math.max(maxNanos, nanos);
    }

    void add(Durations others) {
        others.counts.forEach(this::add);
        atMost(others.maxNanos);
    }

    /**
     * The duration in nanoseconds that a share of all don't exceed; NaN where there are none.
     *
     * @param share from 0 to 1
     */
    public double quantile(double share) {
        long rank = (long) Math.ceil(share * count);
        long passed = 0;
        for (Map.Entry<Integer, Long> bucket : counts.entrySet()) {
            passed += bucket.getValue();
            if (passed >= rank) {
                // The value in the bucket that is at most 1 % away from either bound.
                double nanos = bucket.getKey() == NONE ? 0 : 2 * Math.pow(GROWTH, bucket.getKey()) / (1 + GROWTH);
                return Math.min(nanos, maxNanos);
            }
        }
        return Double.NaN;
    }

    /** In nanoseconds; NaN where there are none. */
    public double max() {
        return count == 0 ? Double.NaN : maxNanos;
    }
}
