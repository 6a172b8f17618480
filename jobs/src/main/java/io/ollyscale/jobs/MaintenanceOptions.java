package io.ollyscale.jobs;

import io.ollyscale.functions.maintenance.Chore;
import io.ollyscale.functions.maintenance.MaintenanceSettings;
import java.util.EnumSet;
import org.apache.flink.configuration.Configuration;

/** What the options say of maintenance, in the job as on the command line. */
public final class MaintenanceOptions {
    private MaintenanceOptions() {}

    /** All chores. */
    public static MaintenanceSettings settings(Configuration options) {
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
