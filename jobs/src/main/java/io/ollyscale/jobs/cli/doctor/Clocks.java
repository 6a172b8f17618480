package io.ollyscale.jobs.cli.doctor;

import io.ollyscale.jobs.cli.Ages;
import java.time.Duration;
import java.util.Locale;

/** Whether clocks agree. */
final class Clocks {

    /** More than synchronised clocks differ by. */
    static final Duration TOLERANCE = Duration.ofSeconds(3);

    private Clocks() {}

    /**
     * @param ahead how far PostgreSQL's clock is before this machine's
     * @param uncertainty twice how wrong that may be
     */
    static Verdict verdict(Duration ahead, Duration uncertainty) {
        if (ahead.abs().compareTo(TOLERANCE.plus(uncertainty)) <= 0) {
            return Verdict.ok(String.format(
                    Locale.ROOT,
                    "this machine's and PostgreSQL's differ by %.1f s",
                    ahead.abs().toMillis() / 1e3));
        }
        return Verdict.warning(
                "PostgreSQL's is " + Ages.of(ahead.abs()) + (ahead.isNegative() ? " behind" : " ahead of")
                        + " this machine's: rows arrive by PostgreSQL's, spans begin by their senders', so queries that bound both"
                        + " miss rows; synchronise them");
    }
}
