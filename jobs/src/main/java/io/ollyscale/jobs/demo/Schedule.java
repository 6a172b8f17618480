package io.ollyscale.jobs.demo;

import java.util.concurrent.TimeUnit;

/** When each span is due, evenly and without drift. Times are Unix nanoseconds. Not thread-safe. */
final class Schedule {
    private static final long TOLERANCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final double nanosBetween;
    private long anchorNanos;
    private long done;

    /** @param spansPerSecond positive and finite */
    Schedule(long startNanos, double spansPerSecond) {
        if (!(spansPerSecond > 0 && spansPerSecond < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "the rate must be a positive number of spans a second: " + spansPerSecond);
        }
        anchorNanos = startNanos;
        nanosBetween = TimeUnit.SECONDS.toNanos(1) / spansPerSecond;
    }

    /** Of the next span. */
    long due() {
        return anchorNanos + (long) (done * nanosBetween);
    }

    void advance() {
        done++;
    }

    /**
     * Puts off, or forward, what is to come if it is more than a few seconds from now: a stall isn't made up for by a
     * burst, and a clock that was set is followed.
     *
     * @return by how much; 0 if it stays
     */
    long keepUpWith(long nowNanos) {
        long late = nowNanos - due();
        if (late > TOLERANCE_NANOS || -late > TOLERANCE_NANOS + nanosBetween) {
            anchorNanos += late;
            return late;
        }
        return 0;
    }
}
