package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RollupPartitionsITCase {

    private static final String TODAY = "date_trunc('day', now(), 'UTC')";

    private TestDatabase database;

    @BeforeEach
    void migrate() {
        database = TestDatabase.migrated();
    }

    @Test
    void createsTheDaysAndMonthsFromNowOn() throws Exception {
        database.execute("CALL otel.ensure_rollup_partitions(behind => '0')");

        assertThat(
                        database.query(
                                "SELECT table_name, partition_name, to_time - from_time FROM otel.rollup_partitions() WHERE table_name LIKE '%_1m' ORDER BY 1, 2"))
                .containsExactly(
                        "operation_rollup_1m|operation_rollup_1m_p" + day(0) + "|1 day",
                        "operation_rollup_1m|operation_rollup_1m_p" + day(1) + "|1 day",
                        "operation_rollup_1m|operation_rollup_1m_p" + day(2) + "|1 day",
                        "service_rollup_1m|service_rollup_1m_p" + day(0) + "|1 day",
                        "service_rollup_1m|service_rollup_1m_p" + day(1) + "|1 day",
                        "service_rollup_1m|service_rollup_1m_p" + day(2) + "|1 day");
        assertThat(database.value("""
                                SELECT bool_and(from_time = date_trunc('month', from_time, 'UTC') AND to_time = date_trunc('month', from_time + interval '32 days', 'UTC'))
                                FROM otel.rollup_partitions() WHERE table_name LIKE '%_1h'
                                """)).isEqualTo("t");
        assertThat(
                        database.value(
                                "SELECT count(DISTINCT from_time) FROM otel.rollup_partitions() WHERE table_name = 'service_rollup_1h' AND from_time <= now() + interval '2 days'"))
                .isEqualTo(database.value(
                        "SELECT count(*) FROM otel.rollup_partitions() WHERE table_name = 'service_rollup_1h'"));
    }

    /** What Kafka has kept for a week is the first that a new store gets. */
    @Test
    void reachAWeekBackButNotBehindWhatRetentionHasDropped() throws Exception {
        database.execute(
                "UPDATE otel.rollup_progress SET minutes_from = date_trunc('day', now(), 'UTC') - interval '3 days'");

        database.execute("CALL otel.ensure_rollup_partitions()");

        assertThat(
                        database.query(
                                "SELECT count(*), min(from_time) = date_trunc('day', now(), 'UTC') - interval '3 days' FROM otel.rollup_partitions() WHERE table_name = 'service_rollup_1m'"))
                .containsExactly("6|t");
        assertThat(
                        database.value(
                                "SELECT min(from_time) = date_trunc('month', now() - interval '7 days', 'UTC') FROM otel.rollup_partitions() WHERE table_name = 'service_rollup_1h'"))
                .isEqualTo("t");
    }

    @Test
    void boundsAreThoseOfUtcWhateverTheSession() throws Exception {
        try (Connection connection = database.connect()) {
            TestDatabase.execute(
                    connection,
                    "SET TimeZone = 'Asia/Kathmandu'",
                    // The driver refuses any style but ISO at the end of a statement.
                    """
                    DO $$
                    BEGIN
                        SET DateStyle = 'German';
                        CALL otel.ensure_rollup_partitions('3 days', '0');
                        RESET DateStyle;
                    END
                    $$
                    """);
        }

        assertThat(
                        database.value(
                                "SELECT bool_and(from_time = date_trunc('day', from_time, 'UTC')) AND count(*) = 4 FROM otel.rollup_partitions() WHERE table_name = 'service_rollup_1m'"))
                .isEqualTo("t");
        assertThat(database.query("SELECT * FROM otel.rollup_partitions_due(now(), now() + interval '3 days')"))
                .isEmpty();
    }

    @Test
    void writesNothingWhenNothingIsDue() throws Exception {
        database.execute("CALL otel.ensure_rollup_partitions(behind => '0')");

        try (Connection connection = database.connect()) {
            TestDatabase.execute(
                    connection,
                    "SET default_transaction_read_only = on",
                    "CALL otel.ensure_rollup_partitions('1 day', '0')");
        }
    }

    @Test
    void severalSessionsCreateEachOnce() throws Exception {
        TestDatabase.Session<Void> ensure = connection -> {
            TestDatabase.execute(connection, "CALL otel.ensure_rollup_partitions('6 days', '0')");
            return null;
        };

        database.concurrently(Collections.nCopies(5, ensure));

        assertThat(database.value(
                        "SELECT count(*) FROM otel.rollup_partitions() WHERE table_name = 'operation_rollup_1m'"))
                .isEqualTo("7");
    }

    /** Of clocks that are ahead, or folded before anybody made partitions. */
    @Test
    void movesWhatTheDefaultPartitionHolds() throws Exception {
        database.execute(
                rollup("operation_rollup_1m", "now()", "now()"),
                rollup("operation_rollup_1m", TODAY + " + interval '1 day'", "now()"),
                rollup("operation_rollup_1m", TODAY + " - interval '1 second'", "now()"),
                rollup("service_rollup_1h", "now()", "now()"));

        database.execute("CALL otel.ensure_rollup_partitions(behind => '0')");

        assertThat(database.query("SELECT tableoid::regclass FROM otel.operation_rollup_1m ORDER BY window_start"))
                .containsExactly(
                        "operation_rollup_1m_other",
                        "operation_rollup_1m_p" + day(0),
                        "operation_rollup_1m_p" + day(1));
        assertThat(database.value("SELECT tableoid::regclass FROM otel.service_rollup_1h"))
                .startsWith("service_rollup_1h_p");
        assertThat(database.value("SELECT count(*) FROM otel.service_rollup_1h_other"))
                .isEqualTo("0");
    }

    @Test
    void partitionsAreAsTheDefaultOne() throws Exception {
        database.execute("CALL otel.ensure_rollup_partitions(behind => '0')");

        assertThat(
                        database.query(
                                "SELECT DISTINCT reloptions FROM pg_class JOIN otel.rollup_partitions() ON partition_name = relname"))
                .containsExactly("{fillfactor=70}");
        assertThat(
                        database.query(
                                "SELECT DISTINCT substring(indexdef FROM 'USING (.*)') FROM pg_indexes JOIN otel.rollup_partitions() ON partition_name = tablename"))
                .containsExactlyInAnyOrder("btree (window_start, operation_id)", "btree (window_start, service_id)");
    }

    /** Whoever folds holds this row; a row that was on its way to the DEFAULT partition would be refused. */
    @Test
    void waitsForFolding() throws Exception {
        try (Connection folding = database.connect()) {
            folding.setAutoCommit(false);
            TestDatabase.execute(
                    folding,
                    "SELECT FROM otel.rollup_progress FOR UPDATE",
                    rollup("operation_rollup_1m", "now()", "now()"));

            TestDatabase.Session<Void> ensure = connection -> {
                TestDatabase.execute(connection, "CALL otel.ensure_rollup_partitions(behind => '0')");
                return null;
            };
            TestDatabase.Session<Void> foldOn = connection -> {
                try {
                    database.awaitSessionBehind(folding);
                    TestDatabase.execute(folding, rollup("operation_rollup_1m", "now() + interval '1 day'", "now()"));
                    folding.commit();
                } finally {
                    folding.rollback();
                }
                return null;
            };
            database.concurrently(List.of(ensure, foldOn));
        }

        assertThat(database.value("SELECT count(*) FROM otel.operation_rollup_1m_other"))
                .isEqualTo("0");
        assertThat(database.value("SELECT count(*) FROM otel.operation_rollup_1m"))
                .isEqualTo("2");
    }

    /** A reader of the DEFAULT partition keeps it from being attached to for a while; folding goes on in between. */
    @Test
    void triesAgainBehindAReader() throws Exception {
        try (Connection reader = database.connect()) {
            reader.setAutoCommit(false);
            TestDatabase.query(reader, "SELECT * FROM otel.operation_rollup_1h");

            TestDatabase.Session<Void> ensure = connection -> {
                TestDatabase.execute(connection, "CALL otel.ensure_rollup_partitions(behind => '0')");
                return null;
            };
            TestDatabase.Session<Void> foldThenRelease = connection -> {
                try {
                    database.awaitSessionBehind(reader);
                    TestDatabase.execute(
                            connection,
                            "SET lock_timeout = '5s'",
                            "UPDATE otel.rollup_progress SET folded_at = now()",
                            rollup("operation_rollup_1h", "timestamptz '2016-01-01 00:00+00'", "now()"));
                } finally {
                    reader.rollback();
                }
                return null;
            };
            database.concurrently(List.of(ensure, foldThenRelease));
        }

        assertThat(database.query("SELECT * FROM otel.rollup_partitions_due(now(), now() + interval '2 days')"))
                .isEmpty();
    }

    @Test
    void listsNothingWhileNothingIsDue() throws Exception {
        database.execute("CALL otel.ensure_partitions()", "CALL otel.ensure_rollup_partitions(behind => '0')");

        assertThat(statements("'30 days'", "'400 days'")).isEmpty();
        assertThat(statements("NULL", "NULL")).isEmpty();
    }

    @Test
    void dropsAPartitionOfPartialsWhenItIsFolded() throws Exception {
        String old = oldPartials();
        database.execute(partial("otel.id_at(now() - interval '2 days')", "pg_current_xact_id()"));

        assertThat(statements("NULL", "NULL")).as("not folded").isEmpty();

        foldedUpToNow();
        assertThat(statements("NULL", "NULL"))
                .containsExactly(
                        "ALTER TABLE otel.operation_rollup_partial DETACH PARTITION otel." + old + " CONCURRENTLY",
                        "DROP TABLE otel." + old,
                        "DELETE FROM otel.partitions WHERE partition_name = '" + old + "'");
        run(statements("NULL", "NULL"));

        assertThat(database.value("SELECT to_regclass('otel." + old + "')")).isEqualTo("null");
        assertThat(statements("NULL", "NULL")).isEmpty();
    }

    @Test
    void finishesADetachThatWasInterrupted() throws Exception {
        String old = oldPartials();
        foldedUpToNow();
        try (Connection reader = database.connect();
                Connection maintenance = database.connect()) {
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            reader.setAutoCommit(false);
            TestDatabase.query(reader, "SELECT count(*) FROM otel.operation_rollup_partial");
            String detach = statements("NULL", "NULL").get(0);
            TestDatabase.execute(maintenance, "SET statement_timeout = '500ms'");

            assertThatThrownBy(() -> TestDatabase.execute(maintenance, detach))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
            reader.rollback();
        }

        assertThat(statements("NULL", "NULL"))
                .startsWith("ALTER TABLE otel.operation_rollup_partial DETACH PARTITION otel." + old + " FINALIZE");
        run(statements("NULL", "NULL"));
        assertThat(database.value("SELECT to_regclass('otel." + old + "')")).isEqualTo("null");
        assertThat(statements("NULL", "NULL")).isEmpty();
    }

    @Test
    void finishesWhatWasDetachedAndNotDropped() throws Exception {
        String old = oldPartials();
        foldedUpToNow();
        run(statements("NULL", "NULL").subList(0, 1));

        assertThat(statements("NULL", "NULL")).startsWith("DROP TABLE otel." + old);
        run(statements("NULL", "NULL"));
        assertThat(statements("NULL", "NULL")).isEmpty();
    }

    @Test
    void dropsRollupsThatAreOlderThanTheirRetention() throws Exception {
        database.execute(
                "CALL otel.create_rollup_partition('operation_rollup_1m', 'operation_rollup_1m_pold', " + TODAY
                        + " - interval '40 days', " + TODAY + " - interval '39 days')",
                "CALL otel.create_rollup_partition('service_rollup_1m', 'service_rollup_1m_pold', " + TODAY
                        + " - interval '30 days', " + TODAY + " - interval '29 days')",
                "CALL otel.create_rollup_partition('operation_rollup_1h', 'operation_rollup_1h_pold', '2020-01-01 00:00+00', '2020-02-01 00:00+00')",
                rollup("operation_rollup_1m", TODAY + " - interval '40 days'", "now()"));

        assertThat(statements("'30 days'", "NULL"))
                .containsExactly("CALL otel.drop_rollup_partition('operation_rollup_1m_pold')");
        run(statements("'30 days'", "'400 days'"));

        assertThat(database.query("SELECT partition_name FROM otel.rollup_partitions()"))
                .containsExactly("service_rollup_1m_pold");
        assertThat(database.value("SELECT minutes_from = " + TODAY
                        + " - interval '39 days', hours_from = '2020-02-01 00:00+00' FROM otel.rollup_progress"))
                .isEqualTo("t|t");
        assertThat(statements("'30 days'", "'400 days'")).isEmpty();
    }

    @Test
    void dropsNoRollupsWhileAReaderHoldsThem() throws Exception {
        database.execute(
                "CALL otel.create_rollup_partition('operation_rollup_1h', 'operation_rollup_1h_pold', '2020-01-01 00:00+00', '2020-02-01 00:00+00')");
        try (Connection reader = database.connect()) {
            reader.setAutoCommit(false);
            TestDatabase.query(reader, "SELECT * FROM otel.operation_rollup_1h");

            TestDatabase.Session<Void> drop = connection -> {
                TestDatabase.execute(connection, "CALL otel.drop_rollup_partition('operation_rollup_1h_pold')");
                return null;
            };
            TestDatabase.Session<Void> release = connection -> {
                try {
                    database.awaitSessionBehind(reader);
                } finally {
                    reader.rollback();
                }
                return null;
            };
            database.concurrently(List.of(drop, drop, release));
        }

        assertThat(database.query("SELECT * FROM otel.rollup_partitions()")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1m, minutes_from", "1h, hours_from"})
    void expiresWhatLiesInTheDefaultPartition(String width, String from) throws Exception {
        String old = "timestamptz '2016-01-01 00:00+00'";
        for (String table : List.of("operation_rollup_" + width, "service_rollup_" + width)) {
            database.execute(
                    rollup(table, old, "now() - interval '31 days'"),
                    // Arrived late, so it stays as long as others.
                    rollup(table, old + " + interval '1 day'", "now() - interval '29 days'"),
                    rollup(table, "now()", "now() - interval '31 days'"));
        }

        database.execute("CALL otel.expire_rollups(NULL, NULL)");
        assertThat(database.value("SELECT count(*) FROM otel.service_rollup_" + width))
                .isEqualTo("3");
        assertThat(database.value("SELECT " + from + " FROM otel.rollup_progress"))
                .isEqualTo("-infinity");

        database.execute("CALL otel.expire_rollups('30 days', '30 days')");

        assertThat(database.value("SELECT count(*) FROM otel.operation_rollup_" + width))
                .isEqualTo("2");
        assertThat(database.value("SELECT count(*) FROM otel.service_rollup_" + width))
                .isEqualTo("2");
        assertThat(database.value("SELECT " + from
                        + " = date_trunc('hour', now() - interval '30 days', 'UTC') FROM otel.rollup_progress"))
                .isEqualTo("t");
        assertThat(database.value("SELECT least(minutes_from, hours_from) = '-infinity' FROM otel.rollup_progress"))
                .isEqualTo("t");
    }

    /** Of years in one day, bit by bit. */
    @Test
    void expiryOfManyRowsEndsInTimeAndGoesOn() throws Exception {
        database.execute(rollup(
                        "service_rollup_1m",
                        "now() - interval '1 year' - n * interval '1 minute'",
                        "now() - interval '31 days'")
                + " FROM generate_series(1, 120000) AS n");

        database.execute("CALL otel.expire_rollups('30 days', NULL, '0 seconds')");
        assertThat(database.value("SELECT count(*) FROM otel.service_rollup_1m"))
                .isEqualTo("70000");
        database.execute("CALL otel.expire_rollups('30 days', NULL)");

        assertThat(database.value("SELECT count(*) FROM otel.service_rollup_1m"))
                .isEqualTo("0");
    }

    @Test
    void refusesARetentionThatIsNone() {
        assertThatThrownBy(() -> database.execute("CALL otel.expire_rollups('0 days', NULL)"))
                .hasMessageContaining("must be positive");
        assertThatThrownBy(() -> database.execute("SELECT otel.maintenance_statements(NULL, '-1 day')"))
                .hasMessageContaining("must be positive");
    }

    private List<String> statements(String minutes, String hours) throws SQLException {
        return database.query("SELECT * FROM otel.maintenance_statements(" + minutes + ", " + hours + ")");
    }

    private void run(List<String> statements) throws SQLException {
        for (String statement : statements) {
            database.execute(statement);
        }
    }

    /** A partition of partial rows of the day before yesterday, by its name. */
    private String oldPartials() throws SQLException {
        String from = "otel.id_at(" + TODAY + " - interval '2 days')";
        String to = "otel.id_at(" + TODAY + " - interval '1 day')";
        database.execute(
                "CALL otel.ensure_partitions()",
                "CALL otel.create_partition('otel.operation_rollup_partial', 'operation_rollup_partial', " + from + ", "
                        + to + ")");
        return "operation_rollup_partial_p" + day(-2);
    }

    private void foldedUpToNow() throws SQLException {
        database.execute("UPDATE otel.rollup_progress SET folded_below = pg_snapshot_xmax(pg_current_snapshot())");
    }

    private static String partial(String id, String xactId) {
        return """
                INSERT INTO otel.operation_rollup_partial (id, xact_id, operation_id, service_id, window_start, span_count, error_count,
                    invalid_duration_count, duration_min_ns, duration_max_ns, sketch_zero_count, adjusted_count, span_kind, duration_sum_ns,
                    error_duration_sum_ns, sketch_bins, sketch_counts, resource_ids)
                VALUES (%s, %s, 1, 1, date_trunc('minute', now()), 1, 0, 0, 1, 1, 0, 1, 2, 1, 0, '{0}', '{1}', '{1}')
                """.formatted(id, xactId);
    }

    private static String rollup(String table, String window, String updated) {
        String own = table.startsWith("operation") ? "operation_id, span_kind" : "instance_ids";
        String values = table.startsWith("operation") ? "1, 2" : "'{1}'";
        return """
                INSERT INTO otel.%s (window_start, updated_at, service_id, span_count, error_count, invalid_duration_count, adjusted_count,
                    sketch_zero_count, duration_sum_ns, error_duration_sum_ns, sketch_bins, sketch_counts, %s)
                SELECT %s, %s, 1, 1, 0, 0, 1, 0, 1, 0, '{0}', '{1}', %s
                """.formatted(table, own, window, updated, values);
    }

    /** As in the names of partitions. */
    private String day(int ahead) throws SQLException {
        return database.value("SELECT to_char((now() + interval '" + ahead + " days') AT TIME ZONE 'UTC', 'YYYYMMDD')");
    }
}
