package io.ollyscale.functions.quarantine;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.ollyscale.functions.kafka.KafkaTopics;
import io.ollyscale.functions.postgres.PostgresConnection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes what {@code otel.request_replay} has marked, where it came from the Kafka at hand. */
public final class RequestedReplays {
    private static final Logger LOG = LoggerFactory.getLogger(RequestedReplays.class);

    private static final String REQUESTED = "replay_requested_at IS NOT NULL AND replayed_at IS NULL";

    /** Asked for again at each tick, it would be read and refused each time. */
    private static final String WITHDRAW = """
            WITH refused AS MATERIALIZED (
                SELECT id FROM otel.quarantined_records WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE otel.quarantined_records AS q SET replay_requested_at = NULL FROM refused WHERE q.id = refused.id
            """;

    private static final ReplayPublisher.Outcome NOTHING = new ReplayPublisher.Outcome(0, 0, List.of());

    private RequestedReplays() {}

    /**
     * Publishes until nothing more is requested or the time is over; what is left remains requested, but for what Kafka
     * refuses: a warning names that. Where another session is at it, does nothing.
     *
     * @param limit begins no further row after that, but always a first one
     */
    public static ReplayPublisher.Outcome publish(PostgresConnection postgres, Properties kafka, Duration limit)
            throws SQLException {
        long deadline = System.nanoTime() + limit.toNanos();
        try (Connection connection = postgres.open("maintenance")) {
            // Two jobs would publish everything twice; harmless, but no use.
            if (!is(connection, "EXISTS (SELECT FROM otel.quarantined_records WHERE " + REQUESTED + ")")
                    || !is(connection, "pg_try_advisory_lock('otel.quarantined_records'::regclass::oid::bigint)")) {
                return NOTHING;
            }
            String cluster = clusterId(kafka);
            List<Long> ids = requested(connection, cluster, 0);
            if (ids.isEmpty()) {
                return NOTHING;
            }
            try (ReplayPublisher publisher = new ReplayPublisher(connection, kafka)) {
                return publish(connection, publisher, cluster, ids, () -> System.nanoTime() - deadline > 0);
            }
        }
    }

    private static ReplayPublisher.Outcome publish(
            Connection connection, ReplayPublisher publisher, String cluster, List<Long> first, BooleanSupplier isOver)
            throws SQLException {
        List<ReplayPublisher.Refused> refused = new ArrayList<>();
        long published = 0;
        long bytes = 0;
        List<Long> ids = first;
        while (!ids.isEmpty()) {
            ReplayPublisher.Outcome outcome = publisher.publish(ids, null, isOver);
            withdraw(connection, outcome.refused());
            published += outcome.published();
            bytes += outcome.bytes();
            refused.addAll(outcome.refused());
            ids = isOver.getAsBoolean() ? List.of() : requested(connection, cluster, ids.get(ids.size() - 1));
        }
        return new ReplayPublisher.Outcome(published, bytes, refused);
    }

    private static String clusterId(Properties kafka) {
        try (KafkaTopics topics = new KafkaTopics(kafka)) {
            return topics.clusterId();
        }
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

    private static void withdraw(Connection connection, List<ReplayPublisher.Refused> refused) throws SQLException {
        if (refused.isEmpty()) {
            return;
        }
        Object[] ids = refused.stream().map(ReplayPublisher.Refused::id).toArray();
        try (PreparedStatement statement = connection.prepareStatement(WITHDRAW)) {
            statement.setArray(1, connection.createArrayOf("bigint", ids));
            statement.executeUpdate();
        }
        refused.stream()
                .collect(groupingBy(ReplayPublisher.Refused::why, mapping(ReplayPublisher.Refused::id, toList())))
                .forEach((why, group) -> LOG.warn(
                        "The quarantined records {} can't be replayed, and are no longer requested: {}", group, why));
    }

    private static boolean is(Connection connection, String condition) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT " + condition);
                ResultSet result = query.executeQuery()) {
            result.next();
            return result.getBoolean(1);
        }
    }
}
