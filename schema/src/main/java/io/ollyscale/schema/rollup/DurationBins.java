package io.ollyscale.schema.rollup;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * The bins of a DDSketch of 1 % relative accuracy: bin {@code i} holds the durations above γ<sup>i-1</sup> up to γ<sup>i</sup>
 * nanoseconds, where γ = 101/99. Their bounds are whole numbers, made by exact arithmetic, so that SQL ({@code
 * otel.duration_bin}) finds the same bin as this: a logarithm's last bit differs between libraries.
 *
 * @see <a href="https://arxiv.org/abs/1908.10693">DDSketch</a>
 */
public final class DurationBins {
    private static final BigInteger NUMERATOR = BigInteger.valueOf(101);
    private static final BigInteger DENOMINATOR = BigInteger.valueOf(99);
    private static final BigInteger LONGEST = BigInteger.valueOf(Long.MAX_VALUE);

    /** Durations below have bins of their own or none: bounds repeat, because γ<sup>i</sup> grows by less than one. */
    private static final int SMALL = 128;

    /** The least duration of the bin behind each, ascending. */
    private static final long[] LOWER_BOUNDS = lowerBounds();

    private static final int[] OF_SMALL = ofSmall();

    /** By the number of bits of a duration, from where to look. */
    private static final int[] FIRST_OF_LENGTH = firstOfLength();

    private DurationBins() {}

    /** @param nanos at least 1 */
    public static int of(long nanos) {
        if (nanos < SMALL) {
            return OF_SMALL[(int) nanos];
        }
        int length = Long.SIZE - Long.numberOfLeadingZeros(nanos);
        int found = Arrays.binarySearch(LOWER_BOUNDS, FIRST_OF_LENGTH[length], FIRST_OF_LENGTH[length + 1], nanos);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private static long[] lowerBounds() {
        long[] bounds = new long[4_096];
        int count = 0;
        BigInteger numerator = BigInteger.ONE;
        BigInteger denominator = BigInteger.ONE;
        while (true) {
            BigInteger bound = numerator.divide(denominator).add(BigInteger.ONE);
            if (bound.compareTo(LONGEST) > 0) {
                return Arrays.copyOf(bounds, count);
            }
            bounds[count++] = bound.longValueExact();
            numerator = numerator.multiply(NUMERATOR);
            denominator = denominator.multiply(DENOMINATOR);
        }
    }

    private static int[] ofSmall() {
        int[] bins = new int[SMALL];
        for (int nanos = 1; nanos < SMALL; nanos++) {
            while (LOWER_BOUNDS[bins[nanos]] <= nanos) {
                bins[nanos]++;
            }
        }
        return bins;
    }

    private static int[] firstOfLength() {
        int[] first = new int[Long.SIZE + 1];
        for (int length = 1; length < first.length; length++) {
            int i = first[length - 1];
            while (i < LOWER_BOUNDS.length && LOWER_BOUNDS[i] < 1L << (length - 1)) {
                i++;
            }
            first[length] = length == Long.SIZE ? LOWER_BOUNDS.length : i;
        }
        return first;
    }
}
