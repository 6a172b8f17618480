package io.ollyscale.functions.quarantine;

import io.ollyscale.functions.postgres.PostgresConnection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Publishes what {@code otel.request_replay} has marked, where it came from the Kafka at hand. */
public final class RequestedReplays {

    private static final String REQUESTED = "replay_requested_at IS NOT NULL AND replayed_at IS NULL";

    private RequestedReplays() {}

    /**
     * Publishes until nothing more is requested or the time is over; what is left remains requested, and so does what Kafka
     * refuses. Where another session is at it, does nothing.
     *
     * @param limit begins no further page after that
     */
    public static ReplayPublisher.Outcome publish(PostgresConnection postgres, Properties kafka, Duration limit)
            throws SQLException {
        try (Connection connection = postgres.open("maintenance")) {
            // Two jobs would publish everything twice; harmless, but no use.
            if (!is(connection, "EXISTS (SELECT FROM otel.quarantined_records WHERE " + REQUESTED + ")")
                    || !is(connection, "pg_try_advisory_lock('otel.quarantined_records'::regclass::oid::bigint)")) {
                return new ReplayPublisher.Outcome(0, 0, List.of());
            }
            try (ReplayPublisher publisher = new ReplayPublisher(connection, kafka)) {
                return publish(connection, publisher, limit);
            }
        }
    }

    private static ReplayPublisher.Outcome publish(Connection connection, ReplayPublisher publisher, Duration limit)
            throws SQLException {
        long deadline = System.nanoTime() + limit.toNanos();
        String cluster = publisher.clusterId();
        List<ReplayPublisher.Refused> refused = new ArrayList<>();
        long published = 0;
        long bytes = 0;
        List<Long> ids = requested(connection, cluster, 0);
        while (!ids.isEmpty()) {
            ReplayPublisher.Outcome outcome = publisher.publish(ids, null);
            published += outcome.published();
            bytes += outcome.bytes();
            refused.addAll(outcome.refused());
            ids = System.nanoTime() < deadline ? requested(connection, cluster, ids.get(ids.size() - 1)) : List.of();
        }
        return new ReplayPublisher.Outcome(published, bytes, refused);
    }

    private static List<Long> requested(Connection connection, String cluster, long after) throws SQLException {
        String sql = "SELECT id FROM otel.quarantined_records WHERE " + REQUESTED
                + " AND cluster_id = ? AND id > ? ORDER BY id LIMIT ?";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, cluster);
            query.setLong(2, after);
            query.setInt(3, ReplayPublisher.PAGE);
            List<Long> ids = new ArrayList<>();
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    ids.add(result.getLong(1));
                }
            }
            return ids;
        }
    }

    private static boolean is(Connection connection, String condition) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT " + condition);
                ResultSet result = query.executeQuery()) {
            result.next();
            return result.getBoolean(1);
        }
    }
}
