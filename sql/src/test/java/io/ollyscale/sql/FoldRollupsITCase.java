package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldRollupsITCase {

    private static final String FOLD = "CALL otel.fold_rollups()";
    private static final String UNFOLDED =
            "SELECT count(*) FROM otel.operation_rollup_partial WHERE otel.xact_number(xact_id) >= (SELECT otel.xact_number(folded_below) FROM otel.rollup_progress)";

    private TestDatabase database;

    @BeforeEach
    void migrate() throws Exception {
        database = TestDatabase.migrated();
        WrittenRollups.prepare(database);
    }

    @Test
    void movesRowsIntoMinutesAndHours() throws Exception {
        database.execute(
                WrittenRollups.insert(1, 1, "2026-11-20 10:07+00", 2, "{100,200}", 0),
                WrittenRollups.insert(1, 1, "2026-11-20 10:07+00", 2, "{100}", 1),
                WrittenRollups.insert(1, 1, "2026-11-20 10:59+00", 2, "{5}", 0),
                WrittenRollups.insert(1, 2, "2026-11-20 10:07+00", 3, "{7}", 0),
                WrittenRollups.insert(2, 3, "2026-11-20 10:07+00", 1, "{7}", 0),
                WrittenRollups.insert(1, 1, null, 2, "{7}", 2));

        database.execute(FOLD);

        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(database.query("""
                SELECT to_char(window_start AT TIME ZONE 'UTC', 'HH24:MI'), operation_id, service_id, span_kind, span_count, sketch_zero_count, sketch_bins, sketch_counts,
                    p50_ns = otel.duration_bin_ns(100), p99_ns = otel.duration_bin_ns(200), overflow_operation_ids
                FROM otel.operation_rollup_1m ORDER BY operation_id, window_start
                """))
                .containsExactly(
                        "10:07|1|1|2|4|1|{100,200}|{2,1}|t|t|null",
                        "10:59|1|1|2|1|0|{5}|{1}|f|f|null",
                        "10:07|2|1|3|1|0|{7}|{1}|f|f|null",
                        "10:07|3|2|1|1|0|{7}|{1}|f|f|null");
        assertThat(database.query("""
                SELECT to_char(window_start AT TIME ZONE 'UTC', 'HH24:MI'), operation_id, span_count, sketch_zero_count, sketch_bins, sketch_counts
                FROM otel.operation_rollup_1h ORDER BY operation_id, window_start
                """))
                .containsExactly("10:00|1|5|1|{5,100,200}|{1,2,1}", "10:00|2|1|0|{7}|{1}", "10:00|3|1|0|{7}|{1}");
        assertThat(database.query("""
                SELECT to_char(window_start AT TIME ZONE 'UTC', 'HH24:MI'), service_id, span_count, duration_min_ns IS NULL, sketch_bins, p50_ns IS NULL
                FROM otel.service_rollup_1m ORDER BY service_id, window_start
                """))
                .containsExactly("10:07|1|4|f|{100,200}|f", "10:59|1|1|f|{5}|f", "10:07|2|0|t|{}|t");
        assertThat(database.query(
                        "SELECT service_id, span_count, sketch_bins FROM otel.service_rollup_1h ORDER BY service_id"))
                .containsExactly("1|5|{5,100,200}", "2|0|{}");
        assertThat(database.query("SELECT service_id, span_count FROM otel.rollup_without_start"))
                .containsExactly("1|3");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    /** Folding waits in the midst of its work for a row of each table that it writes to, and is ended there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "rollup_progress",
                "operation_rollup_1m",
                "operation_rollup_1h",
                "service_rollup_1m",
                "service_rollup_1h",
                "rollup_without_start"
            })
    void endedOnItsWayItHasChangedNothing(String table) throws Exception {
        database.execute(WrittenRollups.insertRandom(300), FOLD, WrittenRollups.insertRandom(300));
        try (Connection holder = database.connect()) {
            holder.setAutoCommit(false);
            String column = table.equals("rollup_progress") ? "folded_at" : "updated_at";
            TestDatabase.execute(holder, "UPDATE otel." + table + " SET " + column + " = now()");
            CompletableFuture<Void> folding = CompletableFuture.supplyAsync(() -> {
                try {
                    database.execute(FOLD);
                    return null;
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            database.awaitSessionBehind(holder);
            assertThat(WrittenRollups.differences(database)).isEmpty();

            database.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query = '"
                            + FOLD + "'");

            assertThatThrownBy(folding::join).hasCauseInstanceOf(SQLException.class);
            holder.rollback();
        }
        assertThat(database.value(UNFOLDED)).isEqualTo("300");
        assertThat(WrittenRollups.differences(database)).isEmpty();
        database.execute(FOLD, FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    @Test
    void mergesIntoTheRowsThatAreThere() throws Exception {
        for (int i = 0; i < 40; i++) {
            database.execute(WrittenRollups.insertRandom(30), FOLD);
        }

        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(WrittenRollups.differences(database)).isEmpty();
        assertThat(
                        database.query(
                                "SELECT window_start FROM otel.operation_rollup_1m WHERE p95_ns IS DISTINCT FROM otel.sketch_quantile(sketch_zero_count, sketch_bins, sketch_counts, 0.95)"))
                .isEmpty();
    }

    @Test
    void foldsWholeTransactionsAboutSoManyRowsAtATime() throws Exception {
        for (int i = 0; i < 10; i++) {
            database.execute(WrittenRollups.insertRandom(10));
        }
        database.execute("CREATE TABLE chunks (rows bigint)", """
                CREATE FUNCTION note_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO chunks SELECT count(*) FROM otel.operation_rollup_partial
                    WHERE otel.xact_number(xact_id) >= otel.xact_number(OLD.folded_below) AND otel.xact_number(xact_id) < otel.xact_number(NEW.folded_below);
                    RETURN NULL;
                END $$""", """
                CREATE TRIGGER note_chunk AFTER UPDATE ON otel.rollup_progress FOR EACH ROW WHEN (OLD.folded_below IS DISTINCT FROM NEW.folded_below)
                EXECUTE FUNCTION note_chunk()""");

        database.execute("CALL otel.fold_rollups(max_rows => 25)");

        assertThat(database.query("SELECT rows FROM chunks WHERE rows > 0")).containsExactly("30", "30", "30", "10");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    @Test
    void endsAfterItsTimeWithWhatItHas() throws Exception {
        for (int i = 0; i < 3; i++) {
            database.execute(WrittenRollups.insertRandom(10));
        }

        database.execute("CALL otel.fold_rollups(10, '0 seconds')");
        assertThat(database.value(UNFOLDED)).isEqualTo("20");
        database.execute("CALL otel.fold_rollups(10, '0 seconds')", FOLD);

        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    @Test
    void aTransactionThatIsOpenIsNeitherFoldedNorLost() throws Exception {
        try (Connection open = database.connect()) {
            open.setAutoCommit(false);
            TestDatabase.execute(open, WrittenRollups.insertRandom(10));
            database.execute(WrittenRollups.insertRandom(10), FOLD);
            assertThat(database.value(UNFOLDED)).isEqualTo("10");
            open.commit();
        }
        assertThat(database.value(UNFOLDED)).isEqualTo("20");
        assertThat(WrittenRollups.differences(database)).isEmpty();

        database.execute(FOLD);

        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    /** What the mark is for. */
    @Test
    void takingAllThatIsVisibleWouldLoseATransactionThatIsOpen() throws Exception {
        database.execute(changed("otel.mark_rollups", "pg_snapshot_xmin", "pg_snapshot_xmax"));
        try (Connection open = database.connect()) {
            open.setAutoCommit(false);
            TestDatabase.execute(open, WrittenRollups.insertRandom(10));
            database.execute(WrittenRollups.insertRandom(10), FOLD);
            open.commit();
        }

        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(WrittenRollups.differences(database)).isNotEmpty();
    }

    @Test
    void waitsUntilDimensionsAreStored() throws Exception {
        database.execute(
                "DELETE FROM otel.operation_dim WHERE operation_id = 1",
                "INSERT INTO otel.ingest_ledger "
                        + "(cluster_id, topic_id, partition_id, topic, writer_id, generation, next_offset, safe_offset) VALUES ('c', 'i', 0, 't', 'w', 1, 5, 4)");
        database.execute(WrittenRollups.insert(1, 1, "2026-11-20 10:07+00", 2, "{100}", 0), FOLD, FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("1");
        assertThat(database.value("SELECT next_offsets FROM otel.rollup_progress"))
                .isEqualTo("[{\"topic_id\": \"i\", \"cluster_id\": \"c\", \"next_offset\": 5, \"partition_id\": 0}]");

        // What comes after the mark doesn't hold it up.
        database.execute(
                "UPDATE otel.ingest_ledger SET next_offset = 9, safe_offset = 5",
                WrittenRollups.insert(1, 1, "2026-11-20 10:07+00", 2, "{100}", 0),
                WrittenRollups.admit(1, 1),
                FOLD);

        assertThat(database.value(UNFOLDED)).isEqualTo("1");
        assertThat(database.value("SELECT operation_id, span_count FROM otel.operation_rollup_1m"))
                .isEqualTo("1|1");
        assertThat(database.value(
                        "SELECT next_below IS NOT NULL, next_offsets -> 0 -> 'next_offset' FROM otel.rollup_progress"))
                .isEqualTo("t|9");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    /** What waiting is for. */
    @Test
    void foldingWithoutTheirDimensionsWouldCountOperationsAsOverflow() throws Exception {
        database.execute(changed("otel.uncovered_offsets", "count(*)", "count(*) * 0"));

        database.execute(
                "DELETE FROM otel.operation_dim WHERE operation_id = 1",
                "INSERT INTO otel.ingest_ledger "
                        + "(cluster_id, topic_id, partition_id, topic, writer_id, generation, next_offset, safe_offset) VALUES ('c', 'i', 0, 't', 'w', 1, 5, 4)");
        database.execute(
                WrittenRollups.insert(1, 1, "2026-11-20 10:07+00", 2, "{100}", 0), FOLD, WrittenRollups.admit(1, 1));

        assertThat(WrittenRollups.differences(database)).isNotEmpty();
    }

    @Test
    void doesNotWaitForAJobThatIsGone() throws Exception {
        WrittenRollups.ledger(database, 0);
        WrittenRollups.ledger(database, 1);
        database.execute("UPDATE otel.ingest_ledger SET next_offset = 5, safe_offset = 4");
        database.execute(WrittenRollups.insertRandom(10), FOLD);
        database.execute("UPDATE otel.rollup_progress SET next_since = next_since - interval '14 minutes'", FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("10");
        database.execute("DELETE FROM otel.ingest_ledger WHERE partition_id = 1", FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("10");

        database.execute("UPDATE otel.rollup_progress SET next_since = next_since - interval '1 minute'", FOLD);

        assertThat(database.value(UNFOLDED)).isEqualTo("0");
    }

    /** Offsets that will not come again for long. */
    @Test
    void doesNotWaitForWhatALogHasLost() throws Exception {
        WrittenRollups.ledger(database, 0);
        database.execute("UPDATE otel.ingest_ledger SET next_offset = 500, safe_offset = 400");
        database.execute(WrittenRollups.insertRandom(10), FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("10");

        database.execute("UPDATE otel.ingest_ledger SET next_offset = 50, safe_offset = 50", FOLD);

        assertThat(database.value(UNFOLDED)).isEqualTo("0");
    }

    @Test
    void countsOperationsThatWereNotAdmittedInTheOverflowOfTheirService() throws Exception {
        database.execute(
                WrittenRollups.insert(1, 1001, "2026-11-20 10:07+00", 2, "{100}", 0),
                WrittenRollups.insert(1, 1002, "2026-11-20 10:07+00", 3, "{200}", 0),
                WrittenRollups.insert(2, 1003, "2026-11-20 10:07+00", 2, "{300}", 0),
                WrittenRollups.insert(1, 1, "2026-11-20 10:07+00", 2, "{400}", 0));
        assertThat(database.query("SELECT operation_id FROM otel.operation_minutes ORDER BY 1"))
                .as("not folded yet")
                .containsExactly("1", "1001", "1002", "1003");

        database.execute(FOLD);
        database.execute(
                WrittenRollups.insert(1, 1002, "2026-11-20 10:07+00", 3, "{200}", 0),
                WrittenRollups.insert(1, 1004, "2026-11-20 10:08+00", 3, "{200}", 0),
                FOLD);

        String overflow = """
                SELECT operation_id = otel.overflow_operation_id(service_id), service_id, span_kind, span_count, sketch_bins, sketch_counts, overflow_operations
                FROM otel.operation_%s WHERE overflow_operations IS NOT NULL ORDER BY window_start, service_id
                """;
        assertThat(database.query(overflow.formatted("minutes")))
                .containsExactly("t|1|0|3|{100,200}|{1,2}|2", "t|2|0|1|{300}|{1}|1", "t|1|0|1|{200}|{1}|1");
        assertThat(database.query(overflow.formatted("hours")))
                .containsExactly("t|1|0|4|{100,200}|{1,3}|3", "t|2|0|1|{300}|{1}|1");
        assertThat(database.query(
                        "SELECT operation_id = otel.overflow_operation_id(service_id), service_id, span_kind, operation_hash = otel.overflow_operation_hash(service_id) "
                                + "FROM otel.operation_dim WHERE name = 'otel.overflow' ORDER BY service_id"))
                .containsExactly("t|1|0|t", "t|2|0|t");
        assertThat(database.query("SELECT service_id, span_count FROM otel.service_hours ORDER BY service_id"))
                .as("by the spans' own kind")
                .containsExactly("1|2", "2|1");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    @Test
    void aFloodOfOperationsIsOneRow() throws Exception {
        database.execute("""
                INSERT INTO otel.operation_rollup_partial (id, operation_id, service_id, window_start, span_count, error_count, invalid_duration_count, duration_min_ns,
                    duration_max_ns, sketch_zero_count, adjusted_count, span_kind, duration_sum_ns, error_duration_sum_ns, sketch_bins, sketch_counts, resource_ids)
                SELECT n, ('x' || left(md5(n::text), 16))::bit(64)::bigint, 1, '2026-11-20 10:07+00', 1, 0, 0, n, n, 0, 1, 2, n, 0, ARRAY[otel.duration_bin(n)], '{1}', '{1}'
                FROM generate_series(1, 20000) AS n
                """, FOLD);

        assertThat(
                        database.value(
                                "SELECT span_count, duration_sum_ns, abs(overflow_operations - 20000) < 2000, cardinality(sketch_bins) > 300 FROM otel.operation_minutes"))
                .isEqualTo("20000|200010000|t|t");
    }

    @Test
    void aDatabaseOfAnotherClusterGoesOn() throws Exception {
        database.execute(WrittenRollups.insertRandom(50), FOLD, WrittenRollups.insertRandom(50));
        // As if its transactions had been at four milliards.
        database.execute(
                "UPDATE otel.operation_rollup_partial SET xact_id = (otel.xact_number(xact_id) + 4000000000)::text::xid8",
                "UPDATE otel.rollup_progress SET folded_below = (otel.xact_number(folded_below) + 4000000000)::text::xid8, next_below = folded_below");
        assertThat(WrittenRollups.differences(database)).isEmpty();

        database.execute("CALL otel.adopt_rollups()");

        assertThat(WrittenRollups.differences(database)).isEmpty();
        assertThat(database.value(UNFOLDED)).isEqualTo("50");
        assertThat(database.value("SELECT count(*) FROM otel.operation_rollup_partial"))
                .isEqualTo("50");
        database.execute(WrittenRollups.insertRandom(50), FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    /** Folding takes a transaction's rows at once, so what waits has to be of several. */
    @Test
    void whatComesFromAnotherClusterIsFoldedBitByBit() throws Exception {
        database.execute(
                WrittenRollups.insertRandom(100),
                "INSERT INTO otel.operation_rollup_partial SELECT p.* FROM otel.operation_rollup_partial AS p CROSS JOIN generate_series(1, 2001)",
                "DELETE FROM written",
                "INSERT INTO written SELECT * FROM otel.operation_rollup_partial",
                "UPDATE otel.rollup_progress SET folded_below = '3', next_below = '4000000000', next_offsets = '[]', next_since = now()",
                "CALL otel.adopt_rollups()");

        assertThat(database.query(
                        "SELECT xact_id, count(*) FROM otel.operation_rollup_partial GROUP BY 1 ORDER BY 2 DESC, 1"))
                .containsExactly("3|100000", "4|100000", "5|200");
        database.execute(FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    /** Else what is written until this cluster has reached it would count as folded. */
    @Test
    void aMarkOfAnotherClusterIsForgotten() throws Exception {
        database.execute(
                WrittenRollups.insertRandom(10),
                "UPDATE otel.rollup_progress SET next_below = '999999999999', next_offsets = '[]', next_since = now()",
                FOLD,
                WrittenRollups.insertRandom(10));

        assertThat(WrittenRollups.differences(database)).isEmpty();
        database.execute(FOLD);
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    @Test
    void adoptingWritesNothingAtHome() throws Exception {
        database.execute(WrittenRollups.insertRandom(50), FOLD);

        database.execute("SET default_transaction_read_only = on", "CALL otel.adopt_rollups()");

        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            TestDatabase.execute(connection, "CALL otel.adopt_rollups()");
            assertThat(TestDatabase.query(connection, "SELECT pg_current_xact_id_if_assigned()"))
                    .containsExactly("null");
        }
    }

    @Test
    void isRefusedInATransaction() throws Exception {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);

            assertThatThrownBy(() -> TestDatabase.execute(connection, FOLD))
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("2D000");
        }
        assertThatThrownBy(() -> database.execute("CALL otel.fold_rollups(0)"))
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("22023");
    }

    @Test
    void waitsForAnotherSessionAsLongAsTheSessionSays() throws Exception {
        database.execute(WrittenRollups.insertRandom(10));
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            TestDatabase.execute(other, "SELECT FROM otel.rollup_progress FOR UPDATE");

            assertThatThrownBy(() -> database.execute("SET lock_timeout = '10ms'", FOLD))
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("55P03");
        }
        // Whatever the default, it sees what the others did.
        database.execute("SET default_transaction_isolation = 'repeatable read'", FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("0");
    }

    /**
     * Writers with transactions of any length, five sessions that fold, all of them killed at any statement, and dimensions that
     * come late: at every moment the views are all that was ever committed, and in the end so are the tables.
     */
    @Test
    void theViewsAreWhatWasWrittenAtEveryMoment() throws Exception {
        AtomicInteger writing = new AtomicInteger(4);
        AtomicInteger kills = new AtomicInteger();
        List<TestDatabase.Session<Void>> sessions = new ArrayList<>();
        database.execute("DELETE FROM otel.operation_dim WHERE service_id > 1");
        for (int i = 0; i < 4; i++) {
            int writer = i;
            sessions.add(unused -> {
                WrittenRollups.ledger(database, writer);
                Random random = new Random(writer);
                try {
                    for (int transaction = 0; transaction < 60; transaction++) {
                        try (Connection connection = database.connect()) {
                            write(connection, writer, random, writer == 0 && transaction % 20 == 0);
                        } catch (SQLException e) {
                            assertThat(e.getSQLState()).isIn("57P01", "08006", "08003");
                        }
                        if (random.nextInt(4) == 0) {
                            database.execute(WrittenRollups.checkpoint(writer));
                        }
                    }
                    database.execute(WrittenRollups.checkpoint(writer));
                } finally {
                    writing.decrementAndGet();
                }
                return null;
            });
        }
        for (int i = 0; i < 5; i++) {
            Random random = new Random(10 + i);
            sessions.add(unused -> {
                while (writing.get() > 0) {
                    try {
                        database.execute("CALL otel.fold_rollups(%d, '%d ms')"
                                .formatted(1 + random.nextInt(100), random.nextInt(300)));
                    } catch (SQLException e) {
                        assertThat(e.getSQLState()).isIn("57P01", "08006", "08003");
                    }
                }
                return null;
            });
        }
        sessions.add(connection -> {
            while (writing.get() > 0) {
                assertThat(WrittenRollups.differences(database)).isEmpty();
                kills.addAndGet(TestDatabase.query(connection, """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND (query LIKE 'CALL otel.fold%' OR query LIKE '%INSERT INTO written%') AND state <> 'idle' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1
                        """).size());
            }
            return null;
        });

        database.concurrently(sessions);

        assertThat(kills.get()).isPositive();
        assertThat(database.value("SELECT folded_at IS NOT NULL FROM otel.rollup_progress"))
                .as("folded meanwhile")
                .isEqualTo("t");
        database.execute(FOLD, FOLD);
        assertThat(database.value(UNFOLDED)).isEqualTo("0");
        assertThat(database.value("SELECT count(*) > 500 FROM written")).isEqualTo("t");
        assertThat(WrittenRollups.differences(database)).isEmpty();
    }

    /** A transaction; a long one waits in its middle until folding has passed others that began later, or would have. */
    private void write(Connection connection, int writer, Random random, boolean isLong) throws SQLException {
        connection.setAutoCommit(false);
        for (int statement = 0; statement <= random.nextInt(3); statement++) {
            TestDatabase.execute(connection, WrittenRollups.insertRandom(1 + random.nextInt(20)));
        }
        if (isLong) {
            String begun = TestDatabase.query(connection, "SELECT pg_current_xact_id()")
                    .get(0);
            String others = "SELECT count(DISTINCT xact_id) FROM written WHERE otel.xact_number(xact_id) > " + begun;
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (Integer.parseInt(database.value(others)) < 10 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            TestDatabase.execute(connection, WrittenRollups.insertRandom(5));
        }
        TestDatabase.execute(connection, WrittenRollups.advance(writer));
        if (random.nextInt(5) == 0) {
            connection.rollback();
        } else {
            connection.commit();
        }
    }

    /** A function as it is, but for one word. */
    private String changed(String name, String word, String other) throws SQLException {
        String definition = database.value("SELECT pg_get_functiondef('%s'::regproc)".formatted(name));
        assertThat(definition).contains(word);
        return definition.replace(word, other);
    }
}
