package io.ollyscale.jobs.demo;

import java.util.concurrent.TimeUnit;

/**
 * When the payment provider is in trouble: for a minute, one minute after the start, and again every ten minutes.
 *
 * @param startNanos when the shop opens, in Unix nanoseconds
 */
record Incident(long startNanos) {
    static final long FIRST_NANOS = TimeUnit.MINUTES.toNanos(1);
    static final long DURATION_NANOS = TimeUnit.MINUTES.toNanos(1);
    static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(10);

    boolean isOn(long unixNanos) {
        long sinceFirst = unixNanos - startNanos - FIRST_NANOS;
        return sinceFirst >= 0 && sinceFirst % PERIOD_NANOS < DURATION_NANOS;
    }
}
