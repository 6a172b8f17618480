package io.ollyscale.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Partial rollups, of which a copy stays in the table {@code written}: what the views have to say at every moment. Operations below
 * 1,000 are admitted, the others never are.
 */
final class WrittenRollups {

    private WrittenRollups() {}

    static void prepare(TestDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE otel.operation_rollup_partial_all PARTITION OF otel.operation_rollup_partial DEFAULT",
                "CREATE TABLE written (LIKE otel.operation_rollup_partial)",
                admitAll("generate_series(1, 999) AS o (operation_id)"));
    }

    static String admit(long service, long operation) {
        return "INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name) "
                + "VALUES (%2$d, %1$d, now(), now(), 2, '%2$d', 'GET')".formatted(service, operation);
    }

    private static String admitAll(String operations) {
        return "INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name) "
                + "SELECT o.operation_id, 1 + o.operation_id % 3, now(), now(), 2, o.operation_id::text, 'GET' FROM "
                + operations
                + " ON CONFLICT DO NOTHING";
    }

    /**
     * A row with one duration in each bin and some of 0.
     *
     * @param minute null for spans without a start
     */
    static String insert(long service, long operation, String minute, int kind, String bins, int zeros) {
        return insert(
                """
                SELECT %2$d, %1$d, %3$s::timestamptz, cardinality(b.bins) + %6$d, 1, 0, 1, 1000, %6$d, 2 * (cardinality(b.bins) + %6$d), %4$d, 1000, 10,
                    b.bins, array_fill(1::bigint, ARRAY[cardinality(b.bins)]), '{%1$d}'::bigint[]
                FROM (SELECT '%5$s'::integer[] AS bins) AS b
                """.formatted(service, operation, minute == null ? "NULL" : "'" + minute + "'", kind, bins, zeros));
    }

    static String insertRandom(int rows) {
        return insert("""
                SELECT r.operation_id, 1 + r.operation_id %% 3,
                    CASE
                        WHEN random() < 0.05 THEN NULL
                        WHEN random() < 0.1 THEN timestamptz '1970-01-01 00:00+00' + floor(random() * 300 * 365) * interval '1 day'
                        ELSE timestamptz '2026-11-20 10:55+00' + floor(random() * 10) * interval '1 minute'
                        END,
                    r.counts[1] + r.counts[2] + r.zeros, floor(random() * r.zeros), floor(random() * r.zeros), floor(random() * 5)::bigint, floor(5 + random() * 5)::bigint,
                    r.zeros, floor(random() * 100), (ARRAY[2, 3, 5, 1])[1 + r.operation_id %% 4], floor(random() * 1e9), floor(random() * 1e9),
                    r.bins, r.counts, r.resource_ids
                FROM (
                    SELECT floor(CASE WHEN random() < 0.8 THEN 1 + random() * 400 ELSE 1001 + random() * 50 END)::bigint AS operation_id,
                        floor(random() * 3)::bigint AS zeros, ARRAY[floor(random() * 30)::integer, floor(30 + random() * 30)::integer] AS bins,
                        ARRAY[floor(1 + random() * 9)::bigint, floor(1 + random() * 9)::bigint] AS counts,
                        ARRAY[floor(random() * 5)::bigint, floor(5 + random() * 5)::bigint] AS resource_ids
                    FROM generate_series(1, %d)
                    OFFSET 0
                ) AS r
                """.formatted(rows));
    }

    private static String insert(String rows) {
        return """
                WITH rows AS (
                    INSERT INTO otel.operation_rollup_partial (id, operation_id, service_id, window_start, span_count, error_count, invalid_duration_count,
                        duration_min_ns, duration_max_ns, sketch_zero_count, adjusted_count, span_kind, duration_sum_ns, error_duration_sum_ns, sketch_bins,
                        sketch_counts, resource_ids)
                    SELECT otel.id_at(now()), r.* FROM (%s) AS r
                    RETURNING *
                )
                INSERT INTO written SELECT * FROM rows
                """.formatted(rows);
    }

    /** A ledger's row, as a job has it for each Kafka partition. */
    static void ledger(TestDatabase database, int partition) throws SQLException {
        database.execute(
                "INSERT INTO otel.ingest_ledger (cluster_id, topic_id, partition_id, topic, writer_id, generation, next_offset, safe_offset) "
                        + "VALUES ('c', 'i', %d, 't', 'w', 1, 0, 0)".formatted(partition));
    }

    /** What a transaction of ingest does with its partition. */
    static String advance(int partition) {
        return "UPDATE otel.ingest_ledger SET next_offset = next_offset + 1, updated_at = now() WHERE partition_id = "
                + partition;
    }

    /** Stores the dimensions of what is written, and then says so. */
    static String checkpoint(int partition) {
        return admitAll("(SELECT DISTINCT operation_id FROM written WHERE operation_id < 1000) AS o")
                + "; UPDATE otel.ingest_ledger SET safe_offset = next_offset WHERE partition_id = " + partition;
    }

    /** In what the views differ from what was written, in one snapshot; operations that aren't admitted count as one of their service. */
    static List<String> differences(TestDatabase database) throws SQLException {
        List<String> expected = new ArrayList<>();
        List<String> actual = new ArrayList<>();
        for (String unit : List.of("minute", "hour")) {
            String window = "date_trunc('" + unit + "', window_start, 'UTC')";
            String operations = "otel.operation_" + unit + "s";
            String services = "otel.service_" + unit + "s";
            String counted =
                    "CASE WHEN operation_id BETWEEN 1000 AND 9999 THEN otel.overflow_operation_id(service_id) ELSE operation_id END";
            String started = "FROM written WHERE window_start IS NOT NULL";
            String entries = "FILTER (WHERE span_kind IN (2, 5))";

            expected.add(sums("'operation " + unit + "'", window, "service_id, " + counted, "", started));
            actual.add(sums(
                    "'operation " + unit + "'", "window_start", "service_id, " + counted, "", "FROM " + operations));
            expected.add(sums("'service " + unit + "'", window, "service_id, 0", entries, started));
            actual.add(sums("'service " + unit + "'", "window_start", "service_id, 0", "", "FROM " + services));

            String bins = ", unnest(sketch_bins, sketch_counts) AS b (bin, count)";
            expected.add(bins(
                    "'operation bins " + unit + "'",
                    window,
                    "service_id, " + counted,
                    "FROM written" + bins + " WHERE window_start IS NOT NULL"));
            actual.add(bins(
                    "'operation bins " + unit + "'",
                    "window_start",
                    "service_id, " + counted,
                    "FROM " + operations + bins));
            expected.add(bins(
                    "'service bins " + unit + "'",
                    window,
                    "service_id",
                    "FROM written" + bins + " WHERE window_start IS NOT NULL AND span_kind IN (2, 5)"));
            actual.add(bins("'service bins " + unit + "'", "window_start", "service_id", "FROM " + services + bins));

            expected.add(
                    "SELECT concat_ws('|', 'instances %s', %s, service_id, array_agg(DISTINCT r.id ORDER BY r.id)) FROM written, unnest(resource_ids) AS r (id) WHERE window_start IS NOT NULL GROUP BY %2$s, service_id"
                            .formatted(unit, window));
            actual.add("SELECT concat_ws('|', 'instances %s', window_start, service_id, instance_ids) FROM %s"
                    .formatted(unit, services));
            actual.add(
                    "SELECT concat_ws('|', 'active instances', service_id) FROM %s WHERE active_instances <> cardinality(instance_ids)"
                            .formatted(services));

            for (String view : List.of(operations, services)) {
                actual.add("""
                        SELECT concat_ws('|', 'quantiles of %1$s', window_start, service_id, p50_ns, p90_ns, p95_ns, p99_ns) FROM %1$s
                        WHERE ARRAY[p50_ns, p90_ns, p95_ns, p99_ns] IS DISTINCT FROM (
                            SELECT array_agg(otel.sketch_quantile(sketch_zero_count, sketch_bins, sketch_counts, v.q) ORDER BY v.q)
                            FROM unnest('{0.5,0.9,0.95,0.99}'::double precision[]) AS v (q))
                        """.formatted(view));
            }
        }
        expected.add(
                "SELECT concat_ws('|', 'without start', service_id, sum(span_count), sum(error_count), sum(adjusted_count)) FROM written WHERE window_start IS NULL GROUP BY service_id");
        actual.add(
                "SELECT concat_ws('|', 'without start', service_id, span_count, error_count, adjusted_count) FROM otel.spans_without_start");

        return database.query("""
                WITH expected AS MATERIALIZED (%s), actual AS MATERIALIZED (%s)
                SELECT 'missing', * FROM (SELECT * FROM expected EXCEPT ALL SELECT * FROM actual) AS m
                UNION ALL SELECT 'extra', * FROM (SELECT * FROM actual EXCEPT ALL SELECT * FROM expected) AS e
                LIMIT 50
                """.formatted(String.join(" UNION ALL ", expected), String.join(" UNION ALL ", actual)));
    }

    private static String sums(String name, String window, String keys, String filter, String from) {
        StringBuilder columns = new StringBuilder();
        for (String column : List.of(
                "span_count",
                "error_count",
                "invalid_duration_count",
                "adjusted_count",
                "duration_sum_ns",
                "error_duration_sum_ns",
                "sketch_zero_count")) {
            columns.append(", coalesce(sum(")
                    .append(column)
                    .append(") ")
                    .append(filter)
                    .append(", 0)");
        }
        return "SELECT concat_ws('|', %1$s, %2$s, %3$s%4$s, coalesce(min(duration_min_ns) %5$s, -1), coalesce(max(duration_max_ns) %5$s, -1)) %6$s GROUP BY %2$s, %7$s"
                .formatted(name, window, keys, columns, filter, from, keys.replace(", 0", ""));
    }

    private static String bins(String name, String window, String keys, String from) {
        return "SELECT concat_ws('|', %1$s, %2$s, %3$s, b.bin, sum(b.count)) %4$s GROUP BY %2$s, %3$s, b.bin"
                .formatted(name, window, keys, from);
    }
}
