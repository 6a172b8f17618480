package io.ollyscale.functions.ledger;

import io.ollyscale.functions.postgres.RecordTimestamps;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows of {@code otel.ingest_ledger}: what is stored of each partition. They move only by compare-and-set, in the
 * transaction that stores the records, and that alone makes ingest exactly once.
 */
public class PositionLedger implements Serializable {
    private static final long serialVersionUID = 1;

    /** The rows of some partitions, without those that have none. */
    public Map<PartitionKey, LedgerRow> read(Connection connection, Collection<PartitionKey> keys) throws SQLException {
        String sql = """
                SELECT l.cluster_id, l.topic_id, wanted.topic, l.partition_id,
                       l.next_offset, l.safe_offset, l.leader_epoch, l.generation, l.writer_id
                FROM unnest(?::text[], ?::text[], ?::text[], ?::integer[]) AS wanted (cluster_id, topic_id, topic, partition_id)
                JOIN otel.ingest_ledger AS l USING (cluster_id, topic_id, partition_id)
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(
                    1,
                    texts(connection, keys.stream().map(PartitionKey::clusterId).toList()));
            statement.setArray(
                    2,
                    texts(connection, keys.stream().map(PartitionKey::topicId).toList()));
            statement.setArray(
                    3, texts(connection, keys.stream().map(PartitionKey::topic).toList()));
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "integer",
                            keys.stream().map(PartitionKey::partition).toArray()));
            Map<PartitionKey, LedgerRow> rows = new TreeMap<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.put(
                            new PartitionKey(
                                    result.getString("cluster_id"),
                                    result.getString("topic_id"),
                                    result.getString("topic"),
                                    result.getInt("partition_id")),
                            new LedgerRow(
                                    result.getLong("next_offset"),
                                    result.getLong("safe_offset"),
                                    result.getInt("leader_epoch"),
                                    result.getLong("generation"),
                                    result.getString("writer_id")));
                }
            }
            return rows;
        }
    }

    /**
     * Begins a partition's row where there is none. In autocommit, and only then: within a transaction ON CONFLICT DO
     * NOTHING would wait for whoever is updating the row.
     */
    public void begin(Connection connection, PartitionKey key, long offset, long generation, String writerId)
            throws SQLException {
        String sql = """
                INSERT INTO otel.ingest_ledger
                    (cluster_id, topic_id, topic, partition_id, next_offset, safe_offset, leader_epoch, generation, writer_id)
                VALUES (?, ?, ?, ?, ?, ?, -1, ?, ?)
                ON CONFLICT DO NOTHING
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            setKey(statement, 1, key);
            statement.setLong(5, offset);
            statement.setLong(6, offset);
            statement.setLong(7, generation);
            statement.setString(8, writerId);
            statement.executeUpdate();
        }
    }

    /**
     * A partition's step in one transaction.
     *
     * @param expected the ledger's {@code next_offset} before
     * @param expectedEpoch its {@code leader_epoch} before: a log that was written anew may reach the same offset again
     * @param next its {@code next_offset} afterwards; lower than {@code expected} where a truncated log was written anew
     * @param safeAtMost {@code safe_offset} is lowered to this, so that a start without state reads again what was
     *     written anew; {@link Long#MAX_VALUE} to leave it
     * @param leaderEpoch of the last record
     * @param recordTimestamp of the last record in milliseconds since 1970; negative if it has none
     */
    public record Advance(
            PartitionKey key,
            long expected,
            int expectedEpoch,
            long next,
            long safeAtMost,
            int leaderEpoch,
            long recordTimestamp) {}

    /**
     * Moves the rows, if they stand where they are expected and no younger job has taken them over. To be the last
     * statement of the transaction: a writer that is stopped while it holds these rows would stop its successor.
     *
     * @param advances each partition once
     * @return whether all were moved; if not, the transaction must be rolled back
     */
    public boolean advance(Connection connection, List<Advance> advances, long generation, String writerId)
            throws SQLException {
        if (advances.isEmpty()) {
            return true;
        }
        String sql = """
                UPDATE otel.ingest_ledger
                SET next_offset = ?, safe_offset = LEAST(safe_offset, ?), leader_epoch = ?, record_timestamp = ?,
                    generation = ?, writer_id = ?, updated_at = clock_timestamp()
                WHERE cluster_id = ? AND topic_id = ? AND partition_id = ? AND next_offset = ? AND leader_epoch = ?
                  AND generation <= ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            // In one order for every writer, so that two of them wait for each other instead of deadlocking.
            for (Advance advance : advances.stream()
                    .sorted((a, b) -> a.key().compareTo(b.key()))
                    .toList()) {
                statement.setLong(1, advance.next());
                statement.setLong(2, advance.safeAtMost());
                statement.setInt(3, advance.leaderEpoch());
                statement.setTimestamp(4, RecordTimestamps.of(advance.recordTimestamp()));
                statement.setLong(5, generation);
                statement.setString(6, writerId);
                statement.setString(7, advance.key().clusterId());
                statement.setString(8, advance.key().topicId());
                statement.setInt(9, advance.key().partition());
                statement.setLong(10, advance.expected());
                statement.setInt(11, advance.expectedEpoch());
                statement.setLong(12, generation);
                statement.addBatch();
            }
            return Arrays.stream(statement.executeBatch()).allMatch(count -> count == 1);
        }
    }

    /** Raises {@code safe_offset}, never lowers it, and never beyond what is stored. */
    public void confirm(Connection connection, LedgerPosition position) throws SQLException {
        String sql = """
                UPDATE otel.ingest_ledger SET safe_offset = GREATEST(safe_offset, ?)
                WHERE cluster_id = ? AND topic_id = ? AND partition_id = ?
                  AND next_offset >= ? AND safe_offset < ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, position.nextOffset());
            statement.setString(2, position.key().clusterId());
            statement.setString(3, position.key().topicId());
            statement.setInt(4, position.key().partition());
            statement.setLong(5, position.nextOffset());
            statement.setLong(6, position.nextOffset());
            statement.executeUpdate();
        }
    }

    /** Lowers {@code safe_offset}, so that a start without state reads from there. */
    public void retreat(Connection connection, PartitionKey key, long offset) throws SQLException {
        String sql = """
                UPDATE otel.ingest_ledger SET safe_offset = LEAST(safe_offset, ?)
                WHERE cluster_id = ? AND topic_id = ? AND partition_id = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, offset);
            statement.setString(2, key.clusterId());
            statement.setString(3, key.topicId());
            statement.setInt(4, key.partition());
            statement.executeUpdate();
        }
    }

    /** Notes records that Kafka had deleted before they were read. */
    public void gap(Connection connection, PartitionKey key, long fromOffset, long toOffset, String reason)
            throws SQLException {
        String sql = """
                INSERT INTO otel.ingest_gaps (cluster_id, topic_id, topic, partition_id, from_offset, to_offset, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (cluster_id, topic_id, partition_id, from_offset, reason)
                DO UPDATE SET to_offset = GREATEST(ingest_gaps.to_offset, EXCLUDED.to_offset)
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            setKey(statement, 1, key);
            statement.setLong(5, fromOffset);
            statement.setLong(6, toOffset);
            statement.setString(7, reason);
            statement.executeUpdate();
        }
    }

    private static void setKey(PreparedStatement statement, int from, PartitionKey key) throws SQLException {
        statement.setString(from, key.clusterId());
        statement.setString(from + 1, key.topicId());
        statement.setString(from + 2, key.topic());
        statement.setInt(from + 3, key.partition());
    }

    private static java.sql.Array texts(Connection connection, List<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }
}
