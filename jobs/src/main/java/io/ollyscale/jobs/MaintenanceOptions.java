package io.ollyscale.jobs;

import io.ollyscale.functions.maintenance.Chore;
import io.ollyscale.functions.maintenance.MaintenanceSettings;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** What the options say of maintenance, in the job as on the command line. */
public final class MaintenanceOptions {
    /** How long rollups are kept. */
    public static final List<ConfigOption<Duration>> RETENTIONS =
            List.of(IngestOptions.ROLLUP_MINUTES_RETENTION, IngestOptions.ROLLUP_HOURS_RETENTION);

    /** Flink takes a number without a unit for milliseconds, and what is dropped then is gone. */
    private static final Duration LEAST_RETENTION = Duration.ofHours(1);

    private MaintenanceOptions() {}

    /** @throws UserFailure if rollups would be kept for next to no time */
    static void check(Configuration options) {
        for (ConfigOption<Duration> retention : RETENTIONS) {
            Duration kept = options.get(retention);
            if (!kept.isZero() && kept.compareTo(LEAST_RETENTION) < 0) {
                throw new UserFailure("%s must be at least %d h, not %d ms: give it a unit, as in 30 d; 0 s is for ever"
                        .formatted(retention.key(), LEAST_RETENTION.toHours(), kept.toMillis()));
            }
        }
    }

    /**
     * All chores.
     *
     * @throws UserFailure if rollups would be kept for next to no time
     */
    public static MaintenanceSettings settings(Configuration options) {
        check(options);
        return new MaintenanceSettings(
                EnumSet.allOf(Chore.class),
                options.get(IngestOptions.MAINTENANCE_INTERVAL),
                options.get(IngestOptions.ROLLUP_FOLD_INTERVAL),
                options.get(IngestOptions.PARTITIONS_AHEAD),
                options.get(IngestOptions.PARTITIONS_WIDTH),
                options.get(IngestOptions.ROLLUP_MINUTES_RETENTION),
                options.get(IngestOptions.ROLLUP_HOURS_RETENTION));
    }
}
