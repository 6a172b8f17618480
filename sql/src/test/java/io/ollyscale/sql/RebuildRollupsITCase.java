package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That each breakage is mended is in {@link AuditRollupsITCase}. */
class RebuildRollupsITCase {

    private static final String AUDIT = "SELECT * FROM otel.audit_rollups()";
    private static final String REBUILD = "CALL otel.rebuild_rollups('-infinity', 'infinity')";

    private TestDatabase database;

    @BeforeEach
    void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions()", "CALL otel.ensure_rollup_partitions()");
    }

    /** Some is folded and some isn't, the tables are half empty, and what isn't folded is there twice. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void makesRollupsOfTheFactsAlone(long seed) throws Exception {
        RandomSpans spans = new RandomSpans(database, seed, 0);
        RandomSpans.admit(database, 0, 2);
        try (Connection writer = database.connect()) {
            spans.insert(writer, 400);
            RandomSpans.fold(database);
            RandomSpans.admit(database, 2, 4);
            spans.insert(writer, 400);
            spans.insertWithoutPartials(writer, 100);
        }
        database.execute(
                "DELETE FROM otel.operation_rollup_1m WHERE operation_id % 2 = 0",
                "DELETE FROM otel.service_rollup_1h",
                "INSERT INTO otel.operation_rollup_partial SELECT * FROM otel.operation_rollup_partial");
        assertThat(database.query(AUDIT)).isNotEmpty();

        database.execute(REBUILD);

        assertThat(database.query(AUDIT)).isEmpty();
        RandomSpans.fold(database);
        assertThat(database.query(AUDIT)).isEmpty();
        assertThat(database.value("SELECT sum(span_count) FROM otel.spans_without_start"))
                .isEqualTo(database.value("SELECT count(*) FROM otel.spans_fact WHERE start_timestamp IS NULL"));
        // What was admitted since has come out of the overflow.
        assertThat(
                        database.value(
                                "SELECT bool_and(span_kind IN (1, 99) OR operation_id IN (SELECT d.operation_id FROM otel.operation_dim AS d)) FROM otel.operation_rollup_1h"))
                .isEqualTo("t");
        assertThat(
                        database.value(
                                "SELECT count(DISTINCT overflow_operation_ids) > 0 AND max(overflow_operations) = 2 FROM otel.operation_rollup_1h JOIN otel.operation_hours USING (window_start, operation_id)"))
                .isEqualTo("t");
    }

    @Test
    void takesWholeHoursAndLeavesOthersAlone() throws Exception {
        spansAt("2026-11-20 09:59:59+00", "2026-11-20 10:00:00+00", "2026-11-20 10:59:59+00", "2026-11-20 11:00:00+00");
        RandomSpans.fold(database);
        database.execute(
                "UPDATE otel.operation_rollup_1m SET error_count = 7",
                "UPDATE otel.service_rollup_1h SET error_count = 7");
        assertThat(brokenWindows()).containsExactly("09:00", "09:59", "10:00", "10:59", "11:00");

        database.execute("CALL otel.rebuild_rollups('2026-11-20 10:30+00', '2026-11-20 10:30+00')");
        assertThat(brokenWindows()).as("an empty range within an hour").containsExactly("09:00", "09:59", "11:00");

        database.execute("CALL otel.rebuild_rollups('2026-11-20 11:00+00', '2026-11-20 11:00+00')");
        assertThat(brokenWindows()).as("an empty range").containsExactly("09:00", "09:59", "11:00");

        database.execute("CALL otel.rebuild_rollups('2026-11-20 09:10+00', '2026-11-20 10:00+00')");
        assertThat(brokenWindows()).containsExactly("11:00");
        database.execute("CALL otel.rebuild_rollups('2026-11-20 10:59:59+00', '2026-11-20 11:00:00.000001+00')");
        assertThat(brokenWindows()).isEmpty();
    }

    @Test
    void leavesSpansWithoutStartAloneButForAllTime() throws Exception {
        spansAt("2026-11-20 10:00+00");
        try (Connection writer = database.connect()) {
            new RandomSpans(database, 14, 1).insert(writer, 200);
        }
        RandomSpans.fold(database);
        database.execute("UPDATE otel.rollup_without_start SET span_count = 7");

        database.execute("CALL otel.rebuild_rollups('-infinity', '2026-11-20 12:00+00')");
        assertThat(database.query("SELECT DISTINCT rollup FROM otel.audit_rollups()"))
                .containsExactly("spans_without_start");
        database.execute(REBUILD);
        assertThat(database.query(AUDIT)).isEmpty();
    }

    @Test
    void mindsNoDefaultOfTheSession() throws Exception {
        try (Connection connection = database.connect()) {
            new RandomSpans(database, 17, 1).insert(connection, 200);
            TestDatabase.execute(
                    connection,
                    "SET default_transaction_isolation = 'serializable'",
                    REBUILD,
                    "RESET default_transaction_isolation");
        }

        assertThat(database.query(AUDIT)).isEmpty();
    }

    @Test
    void countsOnceWhatATransactionHasNotCommittedYet() throws Exception {
        RandomSpans spans = new RandomSpans(database, 15, 0);
        try (Connection writer = database.connect()) {
            writer.setAutoCommit(false);
            spans.insert(writer, 100);
            writer.commit();
            spans.insert(writer, 100);
            database.execute(REBUILD);
            assertThat(database.query(AUDIT)).isEmpty();
            writer.commit();
        }
        assertThat(database.query(AUDIT)).isEmpty();
        RandomSpans.fold(database);
        assertThat(database.query(AUDIT)).isEmpty();
    }

    @Test
    void doesNotMindWhoWritesAndFoldsMeanwhile() throws Exception {
        RandomSpans.admit(database, 0, 3);
        AtomicBoolean isWritten = new AtomicBoolean();
        TestDatabase.Session<Void> write = connection -> {
            RandomSpans spans = new RandomSpans(database, 16, 1);
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

        database.concurrently(List.of(
                write,
                until(isWritten, "CALL otel.fold_rollups()"),
                until(isWritten, REBUILD),
                until(isWritten, "CALL otel.rebuild_rollups(now() - interval '2 hours', now())"),
                connection -> {
                    while (!isWritten.get()) {
                        assertThat(TestDatabase.query(connection, AUDIT)).isEmpty();
                    }
                    return null;
                }));

        assertThat(database.query(AUDIT)).isEmpty();
        RandomSpans.fold(database);
        assertThat(database.query(AUDIT)).isEmpty();
    }

    @Test
    void refusesWindowsWhoseSpansHaveBeenDropped() throws Exception {
        spansAt("2026-11-20 10:00+00", "2026-11-20 12:00+00");
        database.execute("""
                INSERT INTO otel.partitions (from_id, to_id, arrival_from, arrival_to, table_name, partition_name)
                VALUES (0, 1, '2026-11-18 00:00+00', '2026-11-19 11:00+00', 'spans_fact', 'spans_fact_pgone')
                """, "UPDATE otel.operation_rollup_partial SET error_count = 7");
        String before = database.value("SELECT count(*) FROM otel.audit_rollups()");

        for (String range : List.of(
                "'-infinity', 'infinity'",
                "'2026-11-20 10:59:59+00', '2026-11-20 12:00+00'",
                "'2000-01-01 00:00+00', '2026-11-20 11:00+00'")) {
            assertThatThrownBy(() -> database.execute("CALL otel.rebuild_rollups(" + range + ")"))
                    .as(range)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"))
                    .hasMessageContaining("spans of that time have been dropped");
        }
        assertThat(database.value("SELECT count(*) FROM otel.audit_rollups()")).isEqualTo(before);

        database.execute("CALL otel.rebuild_rollups('2026-11-20 11:00+00', 'infinity')");
        assertThat(database.query(AUDIT)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"now(), now() - interval '2 hours'", "NULL, now()", "now(), NULL"})
    void refusesARangeThatIsNone(String range) {
        assertThatThrownBy(() -> database.execute("CALL otel.rebuild_rollups(" + range + ")"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
    }

    private static TestDatabase.Session<Void> until(AtomicBoolean isOver, String statement) {
        return connection -> {
            while (!isOver.get()) {
                TestDatabase.execute(connection, statement);
            }
            return null;
        };
    }

    /** Hours and minutes of the windows that the audit finds. */
    private List<String> brokenWindows() throws SQLException {
        return database.query(
                "SELECT DISTINCT to_char(window_start AT TIME ZONE 'UTC', 'HH24:MI') FROM otel.audit_rollups() ORDER BY 1");
    }

    private void spansAt(String... starts) throws SQLException {
        long id = Long.parseLong(database.value("SELECT otel.id_at(now())"));
        try (Connection writer = database.connect()) {
            for (int n = 0; n < starts.length; n++) {
                TestDatabase.execute(writer, """
                        INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction, duration_ns,
                            kind, status_code, trace_state, name, flags, dropped_attributes_count, dropped_events_count, dropped_links_count)
                        VALUES (%d, 100, 1, 1, 1000, '%s', 0, 5, 2, 1, '', 'GET', 0, 0, 0, 0)
                        """.formatted(id + n, starts[n]));
            }
            PartialRollups.write(writer, id, id + starts.length);
        }
    }
}
