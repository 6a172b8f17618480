package io.ollyscale.jobs.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClocksTest {

    @Test
    void toleratesWhatCantBeTold() {
        assertThat(Clocks.verdict(Duration.ofMillis(-2_900), Duration.ZERO).level())
                .isEqualTo(Level.OK);
        assertThat(Clocks.verdict(Duration.ofSeconds(8), Duration.ofSeconds(6)).level())
                .isEqualTo(Level.OK);
    }

    @Test
    void saysWhichClockIsAhead() {
        assertThat(Clocks.verdict(Duration.ofSeconds(90), Duration.ZERO))
                .matches(verdict -> verdict.level() == Level.WARNING)
                .extracting(Verdict::text)
                .asString()
                .startsWith("PostgreSQL's is 90 s ahead of this machine's");
        assertThat(Clocks.verdict(Duration.ofHours(-3), Duration.ZERO).text())
                .startsWith("PostgreSQL's is 3 h behind this machine's");
    }
}
