package io.ollyscale.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** What ingest adds to the rollups with spans, said in SQL instead of Java. */
final class PartialRollups {

    private static final String INSERT = """
            WITH span AS MATERIALIZED (
                SELECT s.id, s.operation_id, s.service_id, s.resource_id, s.kind, s.status_code IS NOT DISTINCT FROM 2 AS is_error,
                    date_bin('1 minute', s.start_timestamp, timestamptz '1970-01-01 00:00:00+00') AS window_start,
                    d.duration_ns IS NULL AS is_invalid, coalesce(d.duration_ns, 0) AS duration_ns, otel.adjusted_count(s.trace_state) AS adjusted_count
                FROM otel.spans_fact AS s
                CROSS JOIN LATERAL (SELECT otel.span_duration_ns(s.start_timestamp, s.start_nanos_fraction, s.duration_ns)) AS d (duration_ns)
                WHERE s.id >= ? AND s.id < ?
            ), sketch AS (
                SELECT b.operation_id, b.window_start, array_agg(b.bin ORDER BY b.bin) AS bins, array_agg(b.count ORDER BY b.bin) AS counts
                FROM (
                    SELECT s.operation_id, s.window_start, otel.duration_bin(s.duration_ns) AS bin, count(*) AS count
                    FROM span AS s WHERE s.duration_ns > 0 GROUP BY 1, 2, 3
                ) AS b
                GROUP BY b.operation_id, b.window_start
            )
            INSERT INTO otel.operation_rollup_partial (id, operation_id, service_id, window_start, span_kind, span_count, error_count,
                invalid_duration_count, adjusted_count, duration_sum_ns, error_duration_sum_ns, duration_min_ns, duration_max_ns,
                sketch_zero_count, sketch_bins, sketch_counts, resource_ids)
            SELECT min(s.id), s.operation_id, s.service_id, s.window_start, s.kind, count(*), count(*) FILTER (WHERE s.is_error),
                count(*) FILTER (WHERE s.is_invalid), sum(s.adjusted_count), sum(s.duration_ns), coalesce(sum(s.duration_ns) FILTER (WHERE s.is_error), 0),
                min(s.duration_ns), max(s.duration_ns), count(*) FILTER (WHERE s.duration_ns = 0),
                coalesce((
                    SELECT k.bins FROM sketch AS k WHERE k.operation_id = s.operation_id AND k.window_start IS NOT DISTINCT FROM s.window_start), '{}'),
                coalesce((
                    SELECT k.counts FROM sketch AS k WHERE k.operation_id = s.operation_id AND k.window_start IS NOT DISTINCT FROM s.window_start), '{}'),
                array_agg(DISTINCT s.resource_id ORDER BY s.resource_id)
            FROM span AS s
            GROUP BY s.operation_id, s.service_id, s.window_start, s.kind
            """;

    private PartialRollups() {}

    /**
     * Inserts the rows for the spans whose ids are from {@code fromId} to below {@code toId}, in the connection's transaction. Each row has the
     * lowest id of its spans, so it lies in the partition of the same time.
     *
     * @throws SQLException also if operation_rollup_partial has no partition for such an id
     */
    static void write(Connection connection, long fromId, long toId) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setLong(1, fromId);
            insert.setLong(2, toId);
            insert.executeUpdate();
        }
    }
}
