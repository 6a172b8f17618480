package io.ollyscale.schema.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdjustedCountTest {
    private static final Pattern THRESHOLD =
            Pattern.compile("(?:^|,)[ \t]*ot=(?:[^,;]*;)*th:([0-9a-f]{1,14})[ \t]*(?:[;,]|$)");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                             | 1",
                "ot=th:0                        | 1",
                "ot=th:8                        | 2",
                "ot=th:c                        | 4",
                "ot=th:c0000000000000           | 4",
                "ot=rv:abcdef01234567;th:c      | 4",
                "ot=th:c;rv:abcdef01234567      | 4",
                "vendor=x, ot=th:c              | 4",
                "ot=th:c,vendor=x               | 4",
                "vendor=ot=th:c                 | 1",
                "ot=th:C                        | 1",
                "ot=th:                         | 1",
                "ot=th:fffffffffffffff          | 1",
                "ot=xth:c                       | 1",
                "ot=th:ffffffffffffff           | 72057594037927936"
            })
    void isWhatTheThresholdLetsThrough(String traceState, double expected) {
        assertThat(AdjustedCount.of(traceState)).isEqualTo(expected);
    }

    /** The expression is the rule; SQL has the same. */
    @Test
    void isThatOfTheRuleForAnyText() {
        Random random = new Random(1);
        String[] parts = {
            "ot=", "th:", "c", "8", "0123", ";", ",", " ", "\t", "rv:", "x", "=", "ffffffffffffff", "C", "ot"
        };
        int found = 0;
        for (int i = 0; i < 200_000; i++) {
            // Half of the texts begin as one with a threshold does: chance alone makes one in a thousand.
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "ot=th:" : "");
            for (int n = random.nextInt(9); n >= 0; n--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            double expected = byRule(text.toString());
            found += expected > 1 ? 1 : 0;
            assertThat(AdjustedCount.of(text.toString())).as("%s", text).isEqualTo(expected);
        }
        assertThat(found).isGreaterThan(1_000);
    }

    private static double byRule(String traceState) {
        Matcher matcher = THRESHOLD.matcher(traceState);
        if (!matcher.find()) {
            return 1;
        }
        String digits = matcher.group(1);
        long threshold = Long.parseLong(digits + "0".repeat(14 - digits.length()), 16);
        return 0x1p56 / ((1L << 56) - threshold);
    }
}
