package io.ollyscale.schema.rollup;

import java.math.BigInteger;

/** A sum of durations, of which 292 years alone fill a long. Not thread-safe. */
final class DurationSum {
    private BigInteger carried = BigInteger.ZERO;
    private long sum;

    /** @param nanos 0 or more */
    void add(long nanos) {
        long next = sum + nanos;
        if (next < 0) {
            carried = carried.add(BigInteger.valueOf(sum));
            next = nanos;
        }
        sum = next;
    }

    BigInteger value() {
        return carried.add(BigInteger.valueOf(sum));
    }
}
