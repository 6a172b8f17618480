package io.ollyscale.jobs.cli.top;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.LongStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.5, 0.95, 0.99, 1})
    void quantilesAreExactToAHundredth(double share) {
        Random random = new Random(1);
        long[] nanos = LongStream.generate(() -> (long) Math.exp(5 + 25 * random.nextDouble()))
                .limit(10_000)
                .sorted()
                .toArray();
        Durations durations = new Durations();
        for (long duration : nanos) {
            add(durations, duration);
        }

        double exact = nanos[Math.max(0, (int) Math.ceil(share * nanos.length) - 1)];

        assertThat(durations.quantile(share)).isCloseTo(exact, Percentage.withPercentage(1.0001));
        assertThat(durations.max()).isEqualTo(nanos[nanos.length - 1]);
    }

    @Test
    void mergesAsIfAllWereCountedTogether() {
        Durations first = new Durations();
        add(first, 1_000);
        Durations second = new Durations();
        add(second, 9_000);
        second.add(Durations.NONE, 1);

        first.add(second);

        assertThat(first.quantile(0.3)).isZero();
        assertThat(first.quantile(0.5)).isCloseTo(1_000, within(10.0));
        assertThat(first.quantile(1)).isCloseTo(9_000, within(90.0));
    }

    @Test
    void isNeverBeyondTheLongest() {
        Durations durations = new Durations();
        add(durations, 1_234_567);

        assertThat(durations.quantile(1)).isLessThanOrEqualTo(1_234_567);
    }

    @Test
    void hasNoQuantilesWithoutDurations() {
        assertThat(new Durations().quantile(0.5)).isNaN();
        assertThat(new Durations().max()).isNaN();
    }

    /** As the query does. */
    private static void add(Durations durations, long nanos) {
        durations.add((int) Math.ceil(Math.log(nanos) / Durations.LOG_GROWTH), 1);
        durations.atMost(nanos);
    }
}
