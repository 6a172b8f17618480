package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RollupViewsITCase {

    private static final String FOLD = "CALL otel.fold_rollups()";

    private TestDatabase database;

    @BeforeEach
    void migrate() throws Exception {
        database = TestDatabase.migrated();
        WrittenRollups.prepare(database);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sayWhatTheFactsSay(boolean folded) throws Exception {
        database.execute("CREATE TABLE otel.spans_fact_all PARTITION OF otel.spans_fact DEFAULT", """
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction, duration_ns, trace_state, name,
                    kind, status_code, flags, dropped_attributes_count, dropped_events_count, dropped_links_count)
                SELECT n, n % 7, 1, 1 + n % 2, 1 + n % 20, CASE WHEN n % 50 > 0 THEN timestamptz '2026-11-20 10:58+00' + n % 240 * interval '1 second' END,
                    CASE WHEN n % 50 > 0 THEN n % 1000 END, CASE WHEN n % 11 = 0 THEN -5 WHEN n % 13 = 0 THEN 0 ELSE n * n END, CASE WHEN n % 3 = 0 THEN 'ot=th:c' ELSE '' END, 'GET',
                    1 + n % 4, n % 4, 0, 0, 0, 0
                FROM generate_series(1, 5000) AS n
                """);
        try (Connection connection = database.connect()) {
            PartialRollups.write(connection, 1, 2000);
            PartialRollups.write(connection, 2000, 5001);
        }
        if (folded) {
            database.execute(FOLD);
        }

        String measures = """
                count(*), count(*) FILTER (WHERE status_code = 2), count(*) FILTER (WHERE duration_ns < 0), sum(CASE WHEN n % 3 = 0 THEN 4 ELSE 1 END),
                sum(GREATEST(duration_ns, 0)), coalesce(sum(GREATEST(duration_ns, 0)) FILTER (WHERE status_code = 2), 0), min(GREATEST(duration_ns, 0)), max(GREATEST(duration_ns, 0)),
                count(*) FILTER (WHERE duration_ns <= 0)
                """.replace("n % 3", "id % 3");
        String columns =
                "span_count, error_count, invalid_duration_count, adjusted_count, duration_sum_ns, error_duration_sum_ns, duration_min_ns, duration_max_ns, sketch_zero_count";
        for (String unit : List.of("minute", "hour")) {
            assertThat(database.query(
                            "SELECT window_start, operation_id, service_id, span_kind, %s FROM otel.operation_%ss ORDER BY 1, 2"
                                    .formatted(columns, unit)))
                    .hasSizeGreaterThan(30)
                    .isEqualTo(database.query(
                            "SELECT date_trunc('%s', start_timestamp, 'UTC'), operation_id, service_id, kind, %s FROM otel.spans_fact WHERE start_timestamp IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2"
                                    .formatted(unit, measures)));
            assertThat(database.query(
                            "SELECT window_start, service_id, %s FROM otel.service_%ss WHERE span_count > 0 ORDER BY 1, 2"
                                    .formatted(columns, unit)))
                    .isEqualTo(database.query(
                            "SELECT date_trunc('%s', start_timestamp, 'UTC'), service_id, %s FROM otel.spans_fact WHERE start_timestamp IS NOT NULL AND kind IN (2, 5) GROUP BY 1, 2 ORDER BY 1, 2"
                                    .formatted(unit, measures)));
            assertThat(database.query(
                            "SELECT window_start, service_id, instance_ids, active_instances FROM otel.service_%ss ORDER BY 1, 2"
                                    .formatted(unit)))
                    .isEqualTo(database.query(
                            "SELECT date_trunc('%s', start_timestamp, 'UTC'), service_id, array_agg(DISTINCT resource_id), count(DISTINCT resource_id) FROM otel.spans_fact WHERE start_timestamp IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
                                    .formatted(unit)));
            assertThat(database.query(
                            "SELECT window_start, operation_id, round((p%1$s_ns / NULLIF(e.exact, 0))::numeric, 2) BETWEEN 0.99 AND 1.01 IS NOT FALSE, p%1$s_ns = 0 AND e.exact <> 0 FROM otel.operation_%2$ss AS r "
                                            .formatted("90", unit)
                                    + "JOIN (SELECT date_trunc('%s', start_timestamp, 'UTC') AS window_start, operation_id, percentile_disc(0.9) WITHIN GROUP (ORDER BY GREATEST(duration_ns, 0)) AS exact FROM otel.spans_fact GROUP BY 1, 2) AS e USING (window_start, operation_id)"
                                            .formatted(unit)))
                    .isNotEmpty()
                    .allMatch(row -> row.endsWith("|t|f"));
        }
        assertThat(database.query("SELECT * FROM otel.spans_without_start ORDER BY 1"))
                .isEqualTo(
                        database.query(
                                "SELECT service_id, count(*), count(*) FILTER (WHERE status_code = 2), sum(CASE WHEN id % 3 = 0 THEN 4 ELSE 1 END) FROM otel.spans_fact WHERE start_timestamp IS NULL GROUP BY 1 ORDER BY 1"));
    }

    @Test
    void passFoldedRowsOnAsTheyAre() throws Exception {
        database.execute(
                WrittenRollups.insert(1, 1, "2026-11-20 10:07+00", 2, "{100}", 0),
                WrittenRollups.insert(1, 2, "2026-11-20 10:07+00", 2, "{100}", 0),
                FOLD,
                "UPDATE otel.operation_rollup_1m SET p50_ns = 7",
                "UPDATE otel.service_rollup_1m SET p50_ns = 7",
                WrittenRollups.insert(1, 2, "2026-11-20 10:07+00", 2, "{100}", 0));

        assertThat(
                        database.query(
                                "SELECT operation_id, p50_ns = 7, span_count, sketch_counts, updated_at > now() - interval '1 minute' FROM otel.operation_minutes ORDER BY 1"))
                .containsExactly("1|t|1|{1}|t", "2|f|2|{2}|t");
        assertThat(database.query("SELECT p50_ns = 7, span_count FROM otel.service_minutes"))
                .containsExactly("f|3");
        assertThat(WrittenRollups.differences(database)).hasSize(1);
    }

    @Test
    void countNothingForAServiceWithoutEntrySpans() throws Exception {
        database.execute(WrittenRollups.insert(1, 1, "2026-11-20 10:07+00", 3, "{100}", 1));
        String rows =
                "SELECT span_count, error_count, adjusted_count, duration_sum_ns, duration_min_ns, p99_ns, sketch_zero_count, sketch_bins, active_instances FROM otel.service_minutes";

        assertThat(database.query(rows)).containsExactly("0|0|0|0|null|null|0|{}|1");
        database.execute(FOLD);
        assertThat(database.query(rows)).containsExactly("0|0|0|0|null|null|0|{}|1");
    }

    /** A bound on the time leaves partitions out, in folded rows that are passed on and in those that are merged. */
    @ParameterizedTest
    @CsvSource({
        "operation_minutes, operation_rollup_1m",
        "operation_hours, operation_rollup_1h",
        "service_minutes, service_rollup_1m",
        "service_hours, service_rollup_1h"
    })
    void aBoundOnTheTimeReachesThePartitions(String view, String table) throws Exception {
        database.execute(
                "CREATE TABLE otel.%1$s_p1 PARTITION OF otel.%1$s FOR VALUES FROM ('2026-11-01 00:00+00') TO ('2026-11-20 00:00+00')"
                        .formatted(table),
                "CREATE TABLE otel.%1$s_p2 PARTITION OF otel.%1$s FOR VALUES FROM ('2026-11-20 00:00+00') TO ('2026-11-21 00:00+00')"
                        .formatted(table),
                "CREATE TABLE otel.%1$s_p3 PARTITION OF otel.%1$s FOR VALUES FROM ('2026-11-21 00:00+00') TO ('2027-01-01 00:00+00')"
                        .formatted(table));

        String bound =
                "SELECT * FROM otel.%s WHERE window_start >= '2026-11-20 10:00+00' AND window_start < '2026-11-20 11:00+00'";
        assertThat(plan(bound.formatted(view)))
                .contains(table + "_p2")
                .doesNotContain(table + "_p1", table + "_p3", table + "_other");
        // What Grafana and people write.
        assertThat(plan("SELECT * FROM otel.%s WHERE window_start >= now() + interval '50 years'".formatted(view)))
                .contains("Subplans Removed");
        // One row by its key: an index, not a scan.
        assertThat(plan("SELECT * FROM otel.%s WHERE window_start = '2026-11-20 10:00+00' AND %s = 1"
                        .formatted(view, view.startsWith("operation") ? "operation_id" : "service_id")))
                .contains(table + "_p2_pkey");
    }

    @Test
    void computeNoSketchThatNobodyAskedFor() throws Exception {
        assertThat(plan("SELECT window_start, service_id, span_count, duration_max_ns FROM otel.service_hours"))
                .doesNotContain("merge_sketches", "sketch_quantiles", "merge_ids")
                .contains("operation_rollup_partial");
        assertThat(plan("SELECT p99_ns FROM otel.service_hours")).contains("merge_sketches");
    }

    /** Of forty thousand rows that are folded none is read, whatever autovacuum has done. */
    @Test
    void findWhatIsNotFoldedByItsIndex() throws Exception {
        database.execute("ALTER TABLE otel.operation_rollup_partial_all SET (autovacuum_enabled = off)");
        for (int i = 0; i < 40; i++) {
            database.execute(WrittenRollups.insertRandom(1000));
        }
        database.execute("ANALYZE otel.operation_rollup_partial_all", FOLD, WrittenRollups.insertRandom(10));

        for (String view : List.of(
                "operation_minutes", "operation_hours", "service_minutes", "service_hours", "spans_without_start")) {
            List<String> plan =
                    database.query("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM otel." + view);
            List<String> scans = plan.stream()
                    .filter(line -> line.contains("operation_rollup_partial_all"))
                    .toList();
            assertThat(scans)
                    .as(view)
                    .isNotEmpty()
                    .allMatch(line -> line.contains("operation_rollup_partial_all_xact_number_idx")
                            || line.contains("Bitmap Heap Scan"))
                    .allMatch(line -> line.matches(".*actual rows=(10|[0-9])\\.00 loops=1\\)"));
        }
    }

    private String plan(String query) throws Exception {
        return String.join("\n", database.query("EXPLAIN (VERBOSE, COSTS OFF) " + query));
    }
}
