package io.ollyscale.jobs.cli.top;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a window of event time holds.
 *
 * @param since when the window's first minute began; that of the store's first spans where it is younger
 * @param until the window's end, by the database's clock
 * @param newest when the newest span of the store arrived; null where it has none
 * @param activities in no order; empty where no span began
 * @param complete false where only the busiest ones were read
 * @param took how long reading took
 */
public record Snapshot(
        Instant since, Instant until, Instant newest, List<Activity> activities, boolean complete, Duration took) {

    /** That many a second. */
    public double rate(long count) {
        return count / Math.max(1e-3, Duration.between(since, until).toMillis() / 1e3);
    }
}
