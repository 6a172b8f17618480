package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BetweenTimesITCase {

    private static final String LOWEST = "-9223372036854775808";
    private static final String HIGHEST = "9223372036854775807";

    private static TestDatabase database;
    private static TestDatabase withPartitions;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        withPartitions = TestDatabase.migrated();
        withPartitions.execute("CALL otel.ensure_partitions('2 days')");
    }

    @BeforeEach
    void noPartitions() throws Exception {
        database.execute("TRUNCATE otel.partitions");
    }

    @Test
    void knowsNothingOfWhatIsNotSealed() throws Exception {
        partition("spans_fact", 100, 200, "NULL", "NULL");
        partition("spans_fact", 200, 300, "now()", "NULL");

        assertThat(between("2026-11-20", "2026-11-21")).isEqualTo("100|" + HIGHEST);
    }

    @Test
    void knowsNothingWithoutPartitions() throws Exception {
        assertThat(between("2026-11-20", "2026-11-21")).isEqualTo(LOWEST + "|" + HIGHEST);
    }

    @Test
    void leavesOutSealedPartitionsWithoutTheTime() throws Exception {
        partition("spans_fact", 100, 200, "now()", "'{[2026-11-01,2026-11-05],[2026-11-25,2026-11-26]}'");
        partition("spans_fact", 200, 300, "now()", "'{[2026-11-05,2026-11-20]}'");
        partition("spans_fact", 300, 400, "NULL", "NULL");
        partition("span_attrs_int", 100, 200, "now()", "NULL");

        assertThat(between("2026-11-20", "2026-11-21")).isEqualTo("200|" + HIGHEST);
        assertThat(between("2026-11-25 12:00", "2026-11-25 13:00")).isEqualTo("100|200|300|" + HIGHEST);
        assertThat(between("2026-11-26", "2026-11-27")).isEqualTo("100|200|300|" + HIGHEST);
        // To is not among the times.
        assertThat(between("2026-11-20 00:00:01", "2026-11-25")).isEqualTo("300|" + HIGHEST);
    }

    @Test
    void keepsWhatOneOfTheTablesHas() throws Exception {
        partition("spans_fact", 100, 200, "now()", "'{[2026-11-01,2026-11-05]}'");
        partition("logs_fact", 100, 200, "now()", "'{[2026-11-10,2026-11-11]}'");
        partition("number_data_points", 150, 200, "NULL", "NULL");

        assertThat(between("2026-11-03", "2026-11-04")).isEqualTo("100|" + HIGHEST);
        assertThat(between("2026-11-10", "2026-11-11")).isEqualTo("100|" + HIGHEST);
        assertThat(between("2026-11-20", "2026-11-21")).isEqualTo("150|" + HIGHEST);
    }

    @ParameterizedTest
    @CsvSource({
        "spans, spans_fact, start_timestamp",
        "logs, logs_fact, observed_timestamp",
        "metric_points, number_data_points, timestamp",
        "metric_points, summary_data_points, timestamp",
    })
    void findsFactsOfATime(String view, String table, String time) throws Exception {
        try (Connection connection = withPartitions.connect()) {
            connection.setAutoCommit(false);
            for (int row = 1; row <= 4; row++) {
                String id = "otel.id_at(now()) + " + row;
                TestDatabase.execute(
                        connection,
                        switch (table) {
                            case "spans_fact" -> SpanRows.insertSpan(id);
                            case "logs_fact" -> LogRows.insertLog(id);
                            case "number_data_points" ->
                                "INSERT INTO otel.number_data_points (id, series_id, flags) VALUES (" + id + ", 9, 0)";
                            default ->
                                "INSERT INTO otel.summary_data_points (id, series_id, count, sum, flags) VALUES (" + id
                                        + ", 9, 0, 0, 0)";
                        });
            }
            // The fourth has none.
            TestDatabase.execute(
                    connection,
                    "UPDATE otel.%1$s SET %2$s = timestamptz '2026-11-20 10:00+00' + (id - otel.id_at(now())) * interval '1 second' WHERE id < otel.id_at(now()) + 4"
                            .formatted(table, time));

            assertThat(TestDatabase.query(
                            connection,
                            "SELECT id - otel.id_at(now()) FROM otel.%s_between('2026-11-20 10:00:01+00', '2026-11-20 10:00:03+00') ORDER BY id"
                                    .formatted(view)))
                    .containsExactly("1", "2");
            assertThat(String.join(
                            "\n",
                            TestDatabase.query(
                                    connection,
                                    "EXPLAIN SELECT id FROM otel.%s_between('2026-11-20 10:00:01+00', '2026-11-20 10:00:03+00')"
                                            .formatted(view))))
                    .as("inlined")
                    .doesNotContain(view + "_between", "attrs_")
                    .contains(table + "_p");
        }
    }

    @Test
    void readsNoSealedPartitionThatIsTooOld() throws Exception {
        try (Connection connection = withPartitions.connect()) {
            connection.setAutoCommit(false);
            TestDatabase.execute(
                    connection,
                    "UPDATE otel.partitions SET sealed_at = now(), event_times = '{[2026-11-20,2026-11-21]}' WHERE from_id <= otel.id_at(now())");
            String sealed = TestDatabase.query(
                            connection,
                            "SELECT partition_name FROM otel.partitions WHERE sealed_at IS NOT NULL AND table_name = 'spans_fact'")
                    .get(0);

            assertThat(planOfSpansBetween(connection, "'2026-11-22', '2026-11-23'"))
                    .containsPattern(sealed + ".*never executed");
            assertThat(planOfSpansBetween(connection, "'2026-11-20', '2026-11-23'"))
                    .contains(sealed)
                    .doesNotContainPattern(sealed + ".*never executed");
        }
    }

    @Test
    void readsAPartitionThatWasAttachedByHand() throws Exception {
        try (Connection connection = withPartitions.connect()) {
            connection.setAutoCommit(false);
            TestDatabase.execute(
                    connection,
                    "CREATE TABLE otel.archived PARTITION OF otel.logs_fact FOR VALUES FROM (1) TO (9)",
                    LogRows.insertLog("5"),
                    "UPDATE otel.logs_fact SET timestamp = '2026-11-20 10:00+00'");

            assertThat(TestDatabase.query(connection, "SELECT id FROM otel.logs_between('2026-11-20', '2026-11-21')"))
                    .containsExactly("5");
        }
    }

    private static String planOfSpansBetween(Connection connection, String times) throws Exception {
        return String.join(
                "\n",
                TestDatabase.query(
                        connection, "EXPLAIN (ANALYZE, TIMING OFF) SELECT id FROM otel.spans_between(" + times + ")"));
    }

    private static String between(String from, String to) throws Exception {
        return String.join(
                "|", database.query("SELECT from_id, to_id FROM otel.ids_between('%s', '%s')".formatted(from, to)));
    }

    private static void partition(String table, long from, long to, String sealedAt, String eventTimes)
            throws Exception {
        database.execute("""
                INSERT INTO otel.partitions (from_id, to_id, arrival_from, arrival_to, table_name, partition_name, sealed_at, event_times)
                VALUES (%2$d, %3$d, now(), now(), '%1$s', '%1$s_%2$d', %4$s, %5$s)
                """.formatted(table, from, to, sealedAt, eventTimes));
    }
}
