package io.ollyscale.schema.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DurationBinsTest {
    private static final double GROWTH = 101.0 / 99;

    /** Bin i holds d if and only if γ^(i-1) < d <= γ^i, in whole numbers: 101^(i-1) < d 99^(i-1) and d 99^i <= 101^i. */
    @Test
    void isTheBinWhoseBoundsHoldTheDurationExactly() {
        Random random = new Random(1);
        for (int i = 0; i < 3_000; i++) {
            long nanos = 1 + (random.nextLong() >>> (1 + random.nextInt(63)));
            assertHolds(DurationBins.of(nanos), nanos);
        }
        for (long nanos = 1; nanos < 1_000; nanos++) {
            assertHolds(DurationBins.of(nanos), nanos);
        }
        for (int length = 1; length < Long.SIZE; length++) {
            long power = 1L << (length - 1);
            assertHolds(DurationBins.of(power), power);
            assertHolds(DurationBins.of(power + (power - 1)), power + (power - 1));
        }
        assertHolds(DurationBins.of(Long.MAX_VALUE), Long.MAX_VALUE);
    }

    @Test
    void boundsBelongToTheBinBelow() {
        for (int bin = 300; bin < 2_183; bin += 7) {
            long bound = power(101, bin).divide(power(99, bin)).longValueExact();

            assertThat(DurationBins.of(bound)).isEqualTo(bin);
            assertThat(DurationBins.of(bound + 1)).isEqualTo(bin + 1);
        }
    }

    @Test
    void quantilesAreThoseOfTheLibrarysSketch() {
        Random random = new Random(2);
        DDSketch library = DDSketches.unboundedDense(0.01);
        TreeMap<Integer, Long> ours = new TreeMap<>();
        long[] durations = new long[50_000];
        for (int i = 0; i < durations.length; i++) {
            durations[i] = 1 + (long) Math.exp(random.nextGaussian() * 3 + 15);
            library.accept(durations[i]);
            ours.merge(DurationBins.of(durations[i]), 1L, Long::sum);
        }
        Arrays.sort(durations);

        for (double q : new double[] {0.001, 0.5, 0.9, 0.95, 0.99, 0.999}) {
            double exact = durations[(int) Math.ceil(q * durations.length) - 1];
            assertThat(quantile(ours, q, durations.length)).isCloseTo(exact, within(exact * 0.01));
            assertThat(library.getValueAtQuantile(q))
                    .isCloseTo(quantile(ours, q, durations.length), within(exact * 0.02));
        }
    }

    private static double quantile(TreeMap<Integer, Long> bins, double q, int count) {
        long rank = (long) Math.ceil(q * count);
        for (var bin : bins.entrySet()) {
            rank -= bin.getValue();
            if (rank <= 0) {
                return 2 * Math.pow(GROWTH, bin.getKey()) / (GROWTH + 1);
            }
        }
        throw new AssertionError("no bin");
    }

    private static void assertHolds(int bin, long nanos) {
        BigInteger duration = BigInteger.valueOf(nanos);
        assertThat(duration.multiply(power(99, bin)))
                .as("%d is in bin %d", nanos, bin)
                .isLessThanOrEqualTo(power(101, bin));
        if (bin > 0) {
            assertThat(duration.multiply(power(99, bin - 1)))
                    .as("%d is above bin %d", nanos, bin - 1)
                    .isGreaterThan(power(101, bin - 1));
        }
    }

    private static BigInteger power(int base, int exponent) {
        return BigInteger.valueOf(base).pow(exponent);
    }
}
