package io.ollyscale.jobs.cli.status;

import io.ollyscale.schema.otlp.Signal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the database says of itself.
 *
 * @param newestFactAgo how long ago the newest span, log record or data point arrived; without signals that have none
 * @param quarantine how many rows there are, by reason
 * @param policy empty where none was registered
 * @param job that was submitted last; empty where none ever was
 * @param partitions empty where there are none
 */
public record StoreStatus(
        List<Position> positions,
        Map<Signal, Duration> newestFactAgo,
        List<Gap> gaps,
        Map<String, Long> quarantine,
        Unresolved dimensions,
        List<TableSize> tables,
        Optional<Policy> policy,
        Optional<Job> job,
        Optional<PartitionsAhead> partitions) {

    /** Records that Kafka no longer had when they were due; {@code to} is the first offset after them. */
    public record Gap(String topic, int partition, long from, long to, String reason, Instant noticedAt) {}

    /**
     * Dimensions that facts name in vain.
     *
     * @param collisions whose id belongs to another one
     * @param refused by PostgreSQL
     */
    public record Unresolved(long collisions, long refused) {}

    /**
     * A submission of the ingest job.
     *
     * @param sessions how many it, or another job, has open at this moment, as far as this user may see them
     */
    public record Job(long generation, String name, String host, String version, Instant submittedAt, long sessions) {}

    /** The attribute policy in force. */
    public record Policy(long version, Instant activeSince) {}

    /**
     * Up to when each fact table has a partition for what arrives.
     *
     * @param ahead from now; negative where rows can't be stored any more
     */
    public record PartitionsAhead(Instant until, Duration ahead) {}

    private static final String POSITIONS = """
            SELECT cluster_id, topic_id, topic, partition_id, next_offset, record_timestamp,
                extract(epoch FROM now() - updated_at) AS updated_seconds_ago
            FROM otel.ingest_ledger
            ORDER BY topic, topic_id, partition_id
            """;

    private static final String NEWEST_FACTS = """
            SELECT signal, extract(epoch FROM now() - otel.arrival_of(id)) AS seconds_ago
            FROM (VALUES
                ('TRACES', (SELECT max(id) FROM otel.spans_fact)),
                ('LOGS', (SELECT max(id) FROM otel.logs_fact)),
                ('METRICS', greatest(
                    (SELECT max(id) FROM otel.number_data_points),
                    (SELECT max(id) FROM otel.histogram_data_points),
                    (SELECT max(id) FROM otel.exp_histogram_data_points),
                    (SELECT max(id) FROM otel.summary_data_points)))) AS newest (signal, id)
            WHERE id IS NOT NULL
            """;

    private static final String GAPS = """
            SELECT topic, partition_id, from_offset, to_offset, reason, noticed_at
            FROM otel.ingest_gaps
            ORDER BY noticed_at, id
            """;

    private static final String QUARANTINE =
            "SELECT reason, count(*) AS records FROM otel.quarantine GROUP BY reason ORDER BY records DESC, reason";

    private static final String UNRESOLVED = """
            SELECT (SELECT count(*) FROM otel.dimension_collisions) AS collisions,
                (SELECT count(*) FROM otel.refused_dimensions) AS refused
            """;

    /** Commands like this one are called "ollyscale" without more. */
    private static final String JOB = """
            SELECT generation, job_name, host, version, started_at,
                (SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name LIKE 'ollyscale _%') AS sessions
            FROM otel.ingest_generations
            ORDER BY generation DESC
            LIMIT 1
            """;

    private static final String POLICY =
            "SELECT version, active_since FROM otel.attribute_policy ORDER BY version DESC LIMIT 1";

    private static final String PARTITIONS = """
            SELECT min(until) AS until, extract(epoch FROM min(until) - now()) AS seconds_ahead
            FROM (SELECT max(arrival_to) AS until FROM otel.partitions GROUP BY table_name) AS tables
            """;

    /** Reads everything within one snapshot, so that the numbers belong together. */
    public static StoreStatus read(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            statement.execute("SET LOCAL statement_timeout = '60s'");
            StoreStatus status = new StoreStatus(
                    positions(statement),
                    newestFacts(statement),
                    gaps(statement),
                    quarantine(statement),
                    unresolved(statement),
                    TableSizes.read(statement),
                    policy(statement),
                    job(statement),
                    partitions(statement));
            connection.commit();
            return status;
        }
    }

    /** How long ago the ledger moved last; empty where it never did. */
    public Optional<Duration> lastWriteAgo() {
        return positions.stream().map(Position::updatedAgo).min(Duration::compareTo);
    }

    /** Kafka's timestamp of the newest record that is stored; empty where there is none. */
    public Optional<Instant> lastRecord() {
        return positions.stream()
                .map(Position::recordTimestamp)
                .filter(timestamp -> timestamp != null)
                .max(Instant::compareTo);
    }

    private static List<Position> positions(Statement statement) throws SQLException {
        List<Position> positions = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(POSITIONS)) {
            while (rows.next()) {
                positions.add(new Position(
                        rows.getString("cluster_id"),
                        rows.getString("topic_id"),
                        rows.getString("topic"),
                        rows.getInt("partition_id"),
                        rows.getLong("next_offset"),
                        instant(rows, "record_timestamp"),
                        seconds(rows, "updated_seconds_ago")));
            }
        }
        return positions;
    }

    private static Map<Signal, Duration> newestFacts(Statement statement) throws SQLException {
        Map<Signal, Duration> newest = new EnumMap<>(Signal.class);
        try (ResultSet rows = statement.executeQuery(NEWEST_FACTS)) {
            while (rows.next()) {
                newest.put(Signal.valueOf(rows.getString("signal")), seconds(rows, "seconds_ago"));
            }
        }
        return newest;
    }

    private static List<Gap> gaps(Statement statement) throws SQLException {
        List<Gap> gaps = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(GAPS)) {
            while (rows.next()) {
                gaps.add(new Gap(
                        rows.getString("topic"),
                        rows.getInt("partition_id"),
                        rows.getLong("from_offset"),
                        rows.getLong("to_offset"),
                        rows.getString("reason"),
                        instant(rows, "noticed_at")));
            }
        }
        return gaps;
    }

    private static Map<String, Long> quarantine(Statement statement) throws SQLException {
        Map<String, Long> byReason = new LinkedHashMap<>();
        try (ResultSet rows = statement.executeQuery(QUARANTINE)) {
            while (rows.next()) {
                byReason.put(rows.getString("reason"), rows.getLong("records"));
            }
        }
        return byReason;
    }

    private static Unresolved unresolved(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(UNRESOLVED)) {
            rows.next();
            return new Unresolved(rows.getLong("collisions"), rows.getLong("refused"));
        }
    }

    private static Optional<Job> job(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(JOB)) {
            return rows.next()
                    ? Optional.of(new Job(
                            rows.getLong("generation"),
                            rows.getString("job_name"),
                            rows.getString("host"),
                            rows.getString("version"),
                            instant(rows, "started_at"),
                            rows.getLong("sessions")))
                    : Optional.empty();
        }
    }

    private static Optional<Policy> policy(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(POLICY)) {
            return rows.next()
                    ? Optional.of(new Policy(rows.getLong("version"), instant(rows, "active_since")))
                    : Optional.empty();
        }
    }

    private static Optional<PartitionsAhead> partitions(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(PARTITIONS)) {
            rows.next();
            Instant until = instant(rows, "until");
            return until == null
                    ? Optional.empty()
                    : Optional.of(new PartitionsAhead(until, seconds(rows, "seconds_ahead")));
        }
    }

    private static Instant instant(ResultSet rows, String column) throws SQLException {
        OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static Duration seconds(ResultSet rows, String column) throws SQLException {
        return Duration.ofMillis(Math.round(rows.getDouble(column) * 1e3));
    }
}
