package io.ollyscale.functions.maintenance;

import io.ollyscale.functions.postgres.PostgresConnection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

/** Creates partitions ahead of time, so that rows always have a place and midnight is no event. */
public final class PartitionMaintenance {
    private PartitionMaintenance() {}

    /** Makes sure that rows have a place for the next hour: a job that was away for days must not wait for maintenance. */
    public static void ensureForNow(PostgresConnection postgres) throws SQLException {
        ensure(postgres, Duration.ofHours(1), Duration.ofDays(1));
    }

    /** As {@link #ensure(Connection, Duration, Duration)}, in a session of its own. */
    public static void ensure(PostgresConnection postgres, Duration ahead, Duration width) throws SQLException {
        try (Connection connection = postgres.open("maintenance")) {
            ensure(connection, ahead, width);
        }
    }

    /**
     * Creates what is missing; cheap when nothing is. Safe to be called by several at once.
     *
     * @param connection in autocommit mode
     * @param ahead how far from now on partitions must exist
     * @param width of a new partition: whole hours or days
     */
    public static void ensure(Connection connection, Duration ahead, Duration width) throws SQLException {
        try (PreparedStatement call = connection.prepareStatement(
                "CALL otel.ensure_partitions(make_interval(secs => ?), make_interval(secs => ?))")) {
            call.setDouble(1, ahead.toSeconds());
            call.setDouble(2, width.toSeconds());
            call.execute();
        }
    }
}
