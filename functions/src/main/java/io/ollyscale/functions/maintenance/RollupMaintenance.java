package io.ollyscale.functions.maintenance;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What rollups need. All of it is safe to be called by several sessions at once, and to be broken off anywhere. Connections
 * must be in autocommit mode, because the procedures commit.
 */
public final class RollupMaintenance {

    /**
     * The first one by transaction, which is the oldest but for those that came in the same moment. The index finds it; of a
     * whole table to be searched the planner would expect it to come soon.
     */
    private static final String OLDEST_UNFOLDED = """
            SELECT extract(epoch FROM clock_timestamp() - otel.arrival_of(p.id))
            FROM otel.operation_rollup_partial AS p
            WHERE otel.xact_number(p.xact_id) >= (SELECT otel.xact_number(r.folded_below) FROM otel.rollup_progress AS r)
            LIMIT 1
            """;

    private RollupMaintenance() {}

    /** Makes rollups of a database that was copied into another cluster its own; does nothing in any other. */
    public static void adopt(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CALL otel.adopt_rollups()");
        }
    }

    /** Creates the partitions that are missing; cheap when none is. Without one, rows have a place all the same. */
    public static void ensurePartitions(Connection connection, Duration ahead) throws SQLException {
        try (PreparedStatement call =
                connection.prepareStatement("CALL otel.ensure_rollup_partitions(make_interval(secs => ?))")) {
            call.setDouble(1, ahead.toSeconds());
            call.execute();
        }
    }

    /** Folds what can be, until the time is over: begins no further part then. */
    static void fold(Connection connection, Duration limit) throws SQLException {
        try (PreparedStatement call =
                connection.prepareStatement("CALL otel.fold_rollups(time_limit => make_interval(secs => ?))")) {
            call.setDouble(1, limit.toMillis() / 1e3);
            call.execute();
        }
    }

    /** How long ago the oldest row arrived that isn't folded yet, in seconds from 1 on; zero where all are. */
    static Duration lag(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET enable_seqscan = off");
            try (ResultSet row = statement.executeQuery(OLDEST_UNFOLDED)) {
                return row.next() ? Duration.ofSeconds(Math.max(1, (long) row.getDouble(1))) : Duration.ZERO;
            } finally {
                statement.execute("RESET enable_seqscan");
            }
        }
    }

    /** Whether another session folds, or changes what folding writes to. */
    static boolean isFolding(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return !statement
                    .executeQuery("SELECT FROM otel.rollup_progress FOR UPDATE SKIP LOCKED")
                    .next();
        }
    }

    /** Deletes what no partition's end takes with it, until the time is over. */
    static void expire(Connection connection, MaintenanceSettings settings, Duration limit) throws SQLException {
        try (PreparedStatement call = connection.prepareStatement("CALL otel.expire_rollups(make_interval(secs => ?),"
                + " make_interval(secs => ?), make_interval(secs => ?))")) {
            setRetentions(call, settings);
            call.setDouble(3, limit.toMillis() / 1e3);
            call.execute();
        }
    }

    /** Statements that are due, in their order; each is to be run on its own, outside a transaction. */
    static List<String> disposals(Connection connection, MaintenanceSettings settings) throws SQLException {
        List<String> statements = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT * FROM otel.maintenance_statements(make_interval(secs => ?), make_interval(secs => ?))")) {
            setRetentions(query, settings);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    statements.add(row.getString(1));
                }
            }
        }
        return statements;
    }

    private static void setRetentions(PreparedStatement statement, MaintenanceSettings settings) throws SQLException {
        setRetention(statement, 1, settings.minutesRetention());
        setRetention(statement, 2, settings.hoursRetention());
    }

    private static void setRetention(PreparedStatement statement, int parameter, Duration retention)
            throws SQLException {
        if (retention.isZero()) {
            statement.setNull(parameter, Types.DOUBLE);
        } else {
            statement.setDouble(parameter, retention.toSeconds());
        }
    }
}
