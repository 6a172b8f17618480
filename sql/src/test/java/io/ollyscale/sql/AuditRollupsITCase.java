package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way in which rollups can be wrong is found; and nothing is found where they are right. */
class AuditRollupsITCase {

    private static final String AUDIT = "SELECT * FROM otel.audit_rollups()";

    private TestDatabase database;

    @BeforeEach
    void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions()");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void findsNothingAtAnyMoment(long seed) throws Exception {
        RandomSpans spans = new RandomSpans(database, seed, 0);
        RandomSpans.admit(database, 0, 2);
        try (Connection writer = database.connect()) {
            writer.setAutoCommit(false);
            for (int step = 0; step < 6; step++) {
                spans.insert(writer, 150);
                assertThat(TestDatabase.query(writer, AUDIT))
                        .as("not committed")
                        .isEmpty();
                assertThat(database.query(AUDIT)).as("in another session").isEmpty();
                writer.commit();
                assertThat(database.query(AUDIT)).as("committed").isEmpty();
                if (step % 2 == 1) {
                    RandomSpans.fold(database);
                    assertThat(database.query(AUDIT)).as("folded").isEmpty();
                    RandomSpans.admit(database, 2 + step / 2, 3 + step / 2);
                }
                if (step == 3) {
                    database.execute("CALL otel.ensure_rollup_partitions()");
                    assertThat(database.query(AUDIT)).as("moved").isEmpty();
                }
            }
        }
        assertThat(database.value("SELECT count(*) > 0 FROM otel.operation_minutes WHERE overflow_operations > 0"))
                .isEqualTo("t");
        assertThat(database.value("SELECT sum(span_count) FROM otel.spans_without_start"))
                .isNotEqualTo("0");
    }

    @Test
    void findsNothingWhileOthersWriteAndFold() throws Exception {
        RandomSpans.admit(database, 0, 3);
        AtomicBoolean isWritten = new AtomicBoolean();
        TestDatabase.Session<Void> write = connection -> {
            RandomSpans spans = new RandomSpans(database, 5, 1);
            connection.setAutoCommit(false);
            try {
                for (int i = 0; i < 30; i++) {
                    spans.insert(connection, 40);
                    connection.commit();
                }
            } finally {
                isWritten.set(true);
            }
            return null;
        };
        TestDatabase.Session<Void> fold = connection -> {
            while (!isWritten.get()) {
                TestDatabase.execute(connection, "CALL otel.fold_rollups()");
                TestDatabase.execute(connection, "CALL otel.ensure_rollup_partitions()");
            }
            return null;
        };
        TestDatabase.Session<Void> audit = connection -> {
            while (!isWritten.get()) {
                assertThat(TestDatabase.query(connection, AUDIT)).isEmpty();
            }
            return null;
        };

        database.concurrently(List.of(write, fold, fold, audit));

        assertThat(database.query(AUDIT)).isEmpty();
    }

    /** As it would be if partial rows weren't in the transaction of their spans. */
    @Test
    void findsSpansWhosePartialRowsWereRolledBack() throws Exception {
        RandomSpans spans = new RandomSpans(database, 6, 0);
        try (Connection writer = database.connect()) {
            spans.insert(writer, 100);
            assertThat(database.query(AUDIT)).isEmpty();
            spans.insertWithoutPartials(writer, 50);
        }

        assertThat(database.query("SELECT DISTINCT rollup FROM otel.audit_rollups()"))
                .containsExactlyInAnyOrder(
                        "operation_minutes",
                        "operation_hours",
                        "service_minutes",
                        "service_hours",
                        "spans_without_start");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "span_count; span_count + 1",
                "error_count; error_count + 1",
                "invalid_duration_count; invalid_duration_count + 1",
                "adjusted_count; adjusted_count * 1.00000001",
                "duration_sum_ns; duration_sum_ns + 1",
                "error_duration_sum_ns; error_duration_sum_ns - 1",
                "duration_min_ns; duration_min_ns - 1",
                "duration_max_ns; duration_max_ns - 1",
                "sketch_zero_count; sketch_zero_count + 1",
                "sketch_bins; ARRAY(SELECT b + 1 FROM unnest(sketch_bins) AS b)",
                "sketch_counts; array_append(sketch_counts[:cardinality(sketch_counts) - 1], sketch_counts[cardinality(sketch_counts)] + 1)",
                "p50_ns; p50_ns * 1.02 + 1",
                "p90_ns; NULL",
                "p95_ns; p95_ns * 1.02 + 1",
                "p99_ns; p99_ns * 1.02 + 1",
            })
    void findsAMeasureThatIsWrong(String measure, String wrong) throws Exception {
        folded();
        String overflow =
                "operation_id NOT IN (SELECT operation_id FROM otel.operation_dim WHERE name <> 'otel.overflow')";

        for (String width : List.of("1m", "1h")) {
            String unit = width.equals("1m") ? "minutes" : "hours";
            for (String which : List.of("NOT " + overflow, overflow)) {
                assertFound(
                        "UPDATE otel.operation_rollup_" + width + " SET " + measure + " = " + wrong + " WHERE "
                                + largest("operation_rollup_" + width, "operation_id", which),
                        "operation_" + unit,
                        measure);
            }
            assertFound(
                    "UPDATE otel.service_rollup_" + width + " SET " + measure + " = " + wrong + " WHERE "
                            + largest("service_rollup_" + width, "service_id", "true"),
                    "service_" + unit,
                    measure);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "span_kind; operation; UPDATE otel.operation_rollup_$ SET span_kind = 4 WHERE span_kind = 2",
                "span_kind; operation; UPDATE otel.operation_rollup_$ SET span_kind = 4 WHERE overflow_operation_ids IS NOT NULL",
                "span_count; operation; UPDATE otel.operation_rollup_$ SET service_id = service_id + 1000",
                "instance_ids; service; UPDATE otel.service_rollup_$ SET instance_ids = instance_ids[2:]",
                "instance_ids; service; UPDATE otel.service_rollup_$ SET instance_ids = instance_ids || 1000000",
                "overflow_operations; operation; UPDATE otel.operation_rollup_$ SET overflow_operation_ids = overflow_operation_ids[2:]",
                "span_count; operation; UPDATE otel.operation_rollup_$ SET overflow_operation_ids = NULL",
                "span_count; operation; DELETE FROM otel.operation_rollup_$ WHERE overflow_operation_ids IS NULL",
                "span_count; operation; DELETE FROM otel.operation_rollup_$ WHERE overflow_operation_ids IS NOT NULL",
                "span_count; service; DELETE FROM otel.service_rollup_$",
                // A service that has no entry span in the window.
                "span_count; service; DELETE FROM otel.service_rollup_$ WHERE span_count = 0",
                "span_count; operation; UPDATE otel.operation_rollup_$ SET window_start = '1999-01-01 00:00+00' WHERE ctid = '(0,1)'",
                "span_count; service; INSERT INTO otel.service_rollup_$ SELECT (jsonb_populate_record(r, '{\"window_start\": \"1999-01-01 00:00+00\"}')).* FROM otel.service_rollup_$ AS r LIMIT 1",
                // A whole span too little.
                "span_count; operation; UPDATE otel.operation_rollup_$ SET span_count = span_count - 1 WHERE overflow_operation_ids IS NULL AND span_count > 1",
                // The first of an operation's durations in the next bin.
                "sketch_bins; operation; UPDATE otel.operation_rollup_$ SET sketch_bins[1] = sketch_bins[1] + 1 WHERE sketch_bins <> '{}'",
            })
    void findsRowsThatAreWrong(String measure, String kind, String statement) throws Exception {
        folded();

        assertFound(statement.replace("$", "1m"), kind + "_minutes", measure);
        assertFound(statement.replace("$", "1h"), kind + "_hours", measure);
    }

    /** One that has a row, and whose spans all were in it. */
    @Test
    void findsAnOperationThatWasMovedToTheOverflow() throws Exception {
        folded();

        // Where there is none, and added to the one that there is.
        assertFound(
                "UPDATE otel.operation_rollup_1m SET span_kind = 0, operation_id = otel.overflow_operation_id(service_id) WHERE overflow_operation_ids IS NULL AND (window_start, service_id) NOT IN (SELECT window_start, service_id FROM otel.operation_rollup_1m WHERE overflow_operation_ids IS NOT NULL) AND (window_start, operation_id) IN (SELECT window_start, min(operation_id) FROM otel.operation_rollup_1m GROUP BY window_start, service_id)",
                "operation_minutes",
                "span_count");
        assertFound("""
                WITH moved AS (
                    DELETE FROM otel.operation_rollup_1m WHERE (window_start, operation_id) = (
                        SELECT r.window_start, r.operation_id FROM otel.operation_rollup_1m AS r JOIN otel.operation_rollup_1m AS o USING (window_start, service_id)
                        WHERE r.overflow_operation_ids IS NULL AND o.overflow_operation_ids IS NOT NULL LIMIT 1)
                    RETURNING *
                )
                UPDATE otel.operation_rollup_1m AS o
                SET span_count = o.span_count + m.span_count, error_count = o.error_count + m.error_count,
                    invalid_duration_count = o.invalid_duration_count + m.invalid_duration_count, adjusted_count = o.adjusted_count + m.adjusted_count,
                    duration_sum_ns = o.duration_sum_ns + m.duration_sum_ns, error_duration_sum_ns = o.error_duration_sum_ns + m.error_duration_sum_ns,
                    duration_min_ns = LEAST(o.duration_min_ns, m.duration_min_ns), duration_max_ns = GREATEST(o.duration_max_ns, m.duration_max_ns),
                    sketch_zero_count = o.sketch_zero_count + m.sketch_zero_count
                FROM moved AS m
                WHERE o.window_start = m.window_start AND o.operation_id = otel.overflow_operation_id(m.service_id)
                """, "operation_minutes", "overflow_operations");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "span_count; span_count + 1",
                "error_count; error_count + 1",
                "invalid_duration_count; invalid_duration_count + 1",
                "adjusted_count; adjusted_count * 1.00000001",
                "duration_sum_ns; duration_sum_ns + 1",
                "error_duration_sum_ns; error_duration_sum_ns + 1",
                "duration_min_ns; duration_min_ns - 1",
                "duration_max_ns; duration_max_ns - 1",
                "sketch_zero_count; sketch_zero_count + 1",
                "sketch_bins; ARRAY(SELECT b + 1 FROM unnest(sketch_bins) AS b)",
                "sketch_counts; ARRAY(SELECT c + 1 FROM unnest(sketch_counts) AS c)",
            })
    void findsAMeasureThatIsWrongBeforeItIsFolded(String measure, String wrong) throws Exception {
        threeSpans();

        for (String rollup : List.of("operation_minutes", "operation_hours", "service_minutes", "service_hours")) {
            assertFound("UPDATE otel.operation_rollup_partial SET " + measure + " = " + wrong, rollup, measure);
        }
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "span_kind; operation_hours; UPDATE otel.operation_rollup_partial SET span_kind = 5",
                "span_count; service_hours; UPDATE otel.operation_rollup_partial SET span_kind = 3",
                "span_count; operation_minutes; UPDATE otel.operation_rollup_partial SET operation_id = otel.overflow_operation_id(service_id)",
                "span_count; service_minutes; UPDATE otel.operation_rollup_partial SET service_id = 2",
                "span_count; operation_minutes; UPDATE otel.operation_rollup_partial SET window_start = window_start + interval '1 minute'",
                "span_count; spans_without_start; UPDATE otel.operation_rollup_partial SET window_start = NULL",
                "instance_ids; service_minutes; UPDATE otel.operation_rollup_partial SET resource_ids = resource_ids[2:]",
                "span_count; operation_hours; DELETE FROM otel.operation_rollup_partial",
                "span_count; operation_hours; INSERT INTO otel.operation_rollup_partial SELECT * FROM otel.operation_rollup_partial",
                // Folded, says the row, but it isn't.
                "span_count; service_hours; UPDATE otel.operation_rollup_partial SET xact_id = '2'",
            })
    void findsRowsThatAreWrongBeforeTheyAreFolded(String measure, String rollup, String statement) throws Exception {
        threeSpans();

        assertFound(statement, rollup, measure);
    }

    @ParameterizedTest
    @ValueSource(strings = {"span_count", "error_count", "adjusted_count"})
    void findsSpansWithoutStartThatAreWrong(String measure) throws Exception {
        folded();

        assertFound(
                "UPDATE otel.rollup_without_start SET %1$s = %1$s + 1 WHERE service_id = 2".formatted(measure),
                "spans_without_start",
                measure);
        assertFound("DELETE FROM otel.rollup_without_start WHERE service_id = 2", "spans_without_start", "span_count");
        assertFound(
                "INSERT INTO otel.rollup_without_start (service_id, span_count, error_count, adjusted_count) VALUES (77, 1, 0, 1)",
                "spans_without_start",
                "span_count");
    }

    @Test
    void saysWhatIsExpectedAndWhatIsThere() throws Exception {
        threeSpans();
        database.execute("UPDATE otel.operation_rollup_partial SET error_count = 0");

        assertThat(database.query(
                        "SELECT rollup, service_id, operation_id, measure, expected, actual FROM otel.audit_rollups()"))
                .containsExactly(
                        "operation_minutes|1|1000|error_count|1|0",
                        "operation_hours|1|1000|error_count|1|0",
                        "service_minutes|1|null|error_count|1|0",
                        "service_hours|1|null|error_count|1|0");
        database.execute("DELETE FROM otel.operation_rollup_partial");
        assertThat(database.query("SELECT rollup, measure, expected, actual FROM otel.audit_rollups()"))
                .hasSize(4)
                .contains("operation_minutes|span_count|3|null", "service_hours|span_count|3|null");
        database.execute("DELETE FROM otel.spans_fact");
        assertThat(database.query(AUDIT)).isEmpty();
    }

    @Test
    void sumsOfDoublesMayDifferInTheirLastDigits() throws Exception {
        threeSpans();
        database.execute("UPDATE otel.operation_rollup_partial SET adjusted_count = adjusted_count * 1.0000000001");

        assertThat(database.query(AUDIT)).isEmpty();
    }

    @Test
    void looksAtTheWindowsThatBeginInARange() throws Exception {
        threeSpans();
        database.execute("UPDATE otel.operation_rollup_partial SET error_count = 0");

        // The spans are of 10:30.
        assertThat(rollupsIn("2026-11-20 10:00+00", "2026-11-20 11:00+00"))
                .containsExactly("operation_minutes", "operation_hours", "service_minutes", "service_hours");
        assertThat(rollupsIn("2026-11-20 10:30+00", "2026-11-20 10:31+00"))
                .containsExactly("operation_minutes", "service_minutes");
        assertThat(rollupsIn("2026-11-20 10:00+00", "2026-11-20 10:01+00"))
                .containsExactly("operation_hours", "service_hours");
        assertThat(rollupsIn("2026-11-20 10:30:01+00", "2026-11-20 11:00+00")).isEmpty();
        assertThat(rollupsIn("2026-11-20 11:00+00", "infinity")).isEmpty();
        assertThat(rollupsIn("-infinity", "2026-11-20 10:00+00")).isEmpty();
    }

    @Test
    void readsTheSpansOfARangeByAnIndex() throws Exception {
        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET enable_seqscan = off");

            assertThat(
                            String.join(
                                    "\n",
                                    TestDatabase.query(
                                            connection,
                                            "EXPLAIN SELECT * FROM otel.measured_spans('2026-11-20 10:00+00', '2026-11-20 11:00+00')")))
                    .contains("Index Cond: ((start_timestamp >= '2026-11-20 10:00:00+00'");
        }
    }

    @Test
    void leavesOutWhatRetentionHasDropped() throws Exception {
        threeSpans();
        RandomSpans.fold(database);
        database.execute("DELETE FROM otel.operation_rollup_1m", "DELETE FROM otel.service_rollup_1m");
        assertThat(database.query(AUDIT)).isNotEmpty();

        database.execute("UPDATE otel.rollup_progress SET minutes_from = '2026-11-20 10:31+00'");
        assertThat(database.query(AUDIT)).isEmpty();

        database.execute("DELETE FROM otel.operation_rollup_1h", "DELETE FROM otel.service_rollup_1h");
        assertThat(database.query(AUDIT)).isNotEmpty();
        database.execute("UPDATE otel.rollup_progress SET hours_from = '2026-11-20 11:00+00'");
        assertThat(database.query(AUDIT)).isEmpty();
    }

    @Test
    void leavesOutWindowsWhoseSpansHaveBeenDropped() throws Exception {
        threeSpans();
        RandomSpans.fold(database);
        database.execute("DELETE FROM otel.spans_fact");
        assertThat(database.query(AUDIT)).isNotEmpty();

        // Clocks may be a day ahead.
        dropped("'2026-11-19 10:00+00'", "NULL");
        assertThat(database.query(AUDIT)).isNotEmpty();
        dropped("'2026-11-19 10:30:30+00'", "NULL");
        assertThat(database.query(AUDIT)).isEmpty();
        // Of what was sealed it is known which times it had.
        dropped("'2026-11-21 00:00+00'", "'{[2026-11-20 09:00+00, 2026-11-20 10:00:01+00]}'");
        assertThat(database.query("SELECT DISTINCT rollup FROM otel.audit_rollups()"))
                .containsExactlyInAnyOrder("operation_minutes", "service_minutes");
        dropped("'2026-11-21 00:00+00'", "'{[2026-11-20 10:30:15+00, 2026-11-20 10:30:16+00]}'");
        assertThat(database.query(AUDIT)).isEmpty();
    }

    private void dropped(String arrivalTo, String eventTimes) throws SQLException {
        database.execute("DELETE FROM otel.partitions WHERE partition_name = 'spans_fact_pgone'", """
                INSERT INTO otel.partitions (from_id, to_id, arrival_from, arrival_to, table_name, partition_name, event_times)
                VALUES (0, 1, '2026-11-01 00:00+00', %s, 'spans_fact', 'spans_fact_pgone', %s)
                """.formatted(
                        arrivalTo, eventTimes));
    }

    private List<String> rollupsIn(String from, String to) throws SQLException {
        return database.query("SELECT DISTINCT rollup FROM otel.audit_rollups('" + from + "', '" + to + "')").stream()
                .sorted(Comparator.comparing((String rollup) -> rollup.startsWith("service"))
                        .thenComparing(rollup -> rollup.endsWith("hours")))
                .toList();
    }

    /** Spans of all kinds, folded; half of the operations are in the overflow. */
    private void folded() throws SQLException {
        RandomSpans.admit(database, 0, 3);
        try (Connection writer = database.connect()) {
            new RandomSpans(database, 7, 0).insert(writer, 1000);
        }
        RandomSpans.fold(database);
        assertThat(database.query(AUDIT)).isEmpty();
    }

    /** Requests of one operation in one minute, one of them an error, not folded. */
    private void threeSpans() throws SQLException {
        String id = database.value("SELECT otel.id_at(now())");
        try (Connection writer = database.connect()) {
            TestDatabase.execute(writer, """
                    INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction, duration_ns,
                        kind, status_code, trace_state, name, flags, dropped_attributes_count, dropped_events_count, dropped_links_count)
                    SELECT %s + n, 100 + n, 1, 1, 1000, '2026-11-20 10:30:15+00', 0, 1000 * n, 2, n, '', 'GET', 0, 0, 0, 0 FROM generate_series(0, 2) AS n
                    """.formatted(id));
            PartialRollups.write(writer, Long.parseLong(id), Long.parseLong(id) + 3);
        }
        assertThat(database.query(AUDIT)).isEmpty();
    }

    /** The key of the row with the most spans, which has a sketch. */
    private static String largest(String table, String key, String condition) {
        return "(window_start, %2$s) = (SELECT window_start, %2$s FROM otel.%1$s WHERE sketch_bins <> '{}' AND %3$s ORDER BY span_count DESC, %2$s LIMIT 1)"
                .formatted(table, key, condition);
    }

    /** In a transaction that is rolled back: the audit finds it, and made anew it doesn't. */
    private void assertFound(String statement, String rollup, String measure) throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            TestDatabase.execute(connection, statement);

            assertThat(TestDatabase.query(connection, "SELECT DISTINCT rollup, measure FROM otel.audit_rollups()"))
                    .as(statement)
                    .contains(rollup + "|" + measure);
            TestDatabase.execute(connection, "CALL otel.rebuild_hours('-infinity', 'infinity', true)");
            assertThat(TestDatabase.query(connection, AUDIT))
                    .as("rebuilt after " + statement)
                    .isEmpty();
            connection.rollback();
        }
    }
}
