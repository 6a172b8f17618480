package io.ollyscale.functions.flatten;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecentSeriesTest {
    private static final long INTERVAL = 1_000;

    private final RecentSeries series = new RecentSeries(Duration.ofMillis(INTERVAL), 3);

    @Test
    void remembersForAnInterval() {
        series.add("a", 10);

        assertThat(series.contains("a", 10)).isTrue();
        assertThat(series.contains("a", 9 + INTERVAL)).isTrue();
        assertThat(series.contains("a", 10 + INTERVAL)).isFalse();
        assertThat(series.contains("b", 10)).isFalse();
    }

    /** More of them than there is room for, in turns: as many as there is room for are known each time. */
    @Test
    void keepsWhatItHasWhenThereIsNoRoom() {
        int known = 0;
        for (int turn = 0; turn < 10; turn++) {
            for (String hash : new String[] {"a", "b", "c", "d"}) {
                if (series.contains(hash, turn)) {
                    known++;
                } else {
                    series.add(hash, turn);
                }
            }
        }
        assertThat(known).isEqualTo(9 * 3);
    }

    @Test
    void givesThePlaceOfTheOldestAwayWhenItsIntervalIsOver() {
        series.add("a", 0);
        series.add("b", 1);
        series.add("c", 2);

        series.add("d", INTERVAL);
        assertThat(series.contains("d", INTERVAL)).isTrue();
        series.add("e", INTERVAL);
        assertThat(series.contains("e", INTERVAL)).isFalse();
        assertThat(series.contains("b", INTERVAL)).isTrue();
    }

    @Test
    void aReportedOneIsRememberedAnew() {
        series.add("a", 0);
        series.add("b", 1);
        series.add("c", 2);

        series.add("a", INTERVAL);
        assertThat(series.contains("a", 2 * INTERVAL - 1)).isTrue();
    }

    @Test
    void aClockThatIsSetBackCountsNothing() {
        series.add("a", 5_000);

        assertThat(series.contains("a", 4_000)).isFalse();
        series.add("a", 4_000);
        assertThat(series.contains("a", 4_001)).isTrue();
    }
}
