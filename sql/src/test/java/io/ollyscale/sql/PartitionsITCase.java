package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

class PartitionsITCase {

    private static final String FACT_TABLES = "36";

    private TestDatabase database;

    @BeforeEach
    void migrate() {
        database = TestDatabase.migrated();
    }

    @Test
    void createsTheCurrentPartitionAndThoseAhead() throws Exception {
        database.execute("CALL otel.ensure_partitions()");

        assertThat(database.value("SELECT count(DISTINCT table_name) FROM otel.partitions"))
                .isEqualTo(FACT_TABLES);
        assertThat(database.query("""
                                SELECT partition_name, arrival_from - date_trunc('day', now(), 'UTC'), arrival_to - arrival_from, otel.arrival_of(to_id) = arrival_to
                                FROM otel.partitions WHERE table_name = 'spans_fact' ORDER BY from_id
                                """))
                .containsExactly(
                        "spans_fact_p" + day(0) + "|00:00:00|1 day|t",
                        "spans_fact_p" + day(1) + "|1 day|1 day|t",
                        "spans_fact_p" + day(2) + "|2 days|1 day|t");
    }

    @Test
    void registersWhatTheCatalogueHas() throws Exception {
        database.execute("CALL otel.ensure_partitions()");

        assertThat(database.query("""
                                SELECT p.partition_name FROM otel.partitions AS p
                                LEFT JOIN pg_class AS c ON c.relnamespace = 'otel'::regnamespace AND c.relname = p.partition_name AND c.relispartition
                                WHERE pg_get_expr(c.relpartbound, c.oid)
                                    IS DISTINCT FROM format('FOR VALUES FROM (%L) TO (%L)', p.from_id, p.to_id)
                                """)).isEmpty();
        assertThat(database.value("""
                                SELECT count(*) FROM pg_class
                                WHERE relnamespace = 'otel'::regnamespace AND relispartition AND relkind = 'r' AND relname !~ '_rollup_1[mh]_'
                                """)).isEqualTo(database.value("SELECT count(*) FROM otel.partitions"));
    }

    @Test
    void writesNothingWhenNothingIsDue() throws Exception {
        database.execute("CALL otel.ensure_partitions()");

        try (Connection connection = database.connect()) {
            TestDatabase.execute(
                    connection, "SET default_transaction_read_only = on", "CALL otel.ensure_partitions('1 day')");
        }
    }

    @Test
    void severalSessionsCreateEachOnce() throws Exception {
        TestDatabase.Session<Void> ensure = connection -> {
            TestDatabase.execute(connection, "CALL otel.ensure_partitions('5 days')");
            return null;
        };

        database.concurrently(Collections.nCopies(6, ensure));

        assertThat(database.value("SELECT count(*) FROM otel.partitions WHERE table_name = 'span_attrs_bool'"))
                .isEqualTo("6");
        assertThat(database.query("SELECT * FROM pg_locks WHERE locktype = 'advisory'"))
                .isEmpty();
    }

    @Test
    void attachesWhileACopyIsOpen() throws Exception {
        database.execute("CALL otel.ensure_partitions('1 second')");
        try (Connection writer = database.connect()) {
            writer.setAutoCommit(false);
            CopyIn copy = writer.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY otel.span_attrs_int (parent_id, key_id, value) FROM STDIN");
            byte[] row = (database.value("SELECT otel.id_at(now())") + "\t1\t200\n").getBytes(StandardCharsets.UTF_8);
            copy.writeToCopy(row, 0, row.length);
            copy.flushCopy();

            try (Connection maintenance = database.connect()) {
                TestDatabase.execute(
                        maintenance, "SET statement_timeout = '30s'", "CALL otel.ensure_partitions('3 days')");
            }

            copy.writeToCopy(row, 0, row.length);
            assertThat(copy.endCopy()).isEqualTo(2);
            writer.commit();
        }
        assertThat(database.value("SELECT count(*) FROM otel.span_attrs_int")).isEqualTo("2");
        assertThat(database.value("SELECT count(*) FROM otel.partitions WHERE table_name = 'span_attrs_int'"))
                .isEqualTo("4");
    }

    /** A lock that excludes ATTACH is waited for; ingest doesn't wait behind it. */
    @Test
    void waitsForOtherMaintenanceOfTheTable() throws Exception {
        database.execute("CALL otel.ensure_partitions('1 second')");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            TestDatabase.execute(other, "LOCK TABLE otel.spans_fact IN SHARE UPDATE EXCLUSIVE MODE");

            TestDatabase.Session<Void> ensure = connection -> {
                TestDatabase.execute(connection, "CALL otel.ensure_partitions()");
                return null;
            };
            TestDatabase.Session<Void> ingestThenRelease = connection -> {
                try {
                    database.awaitSessionBehind(other);
                    TestDatabase.execute(
                            connection, "SET lock_timeout = '500ms'", SpanRows.insertSpan("otel.id_at(now())"));
                } finally {
                    // In any case, or the session behind it never ends.
                    other.rollback();
                }
                return null;
            };
            database.concurrently(List.of(ensure, ingestThenRelease));
        }
        assertThat(database.value("SELECT count(*) FROM otel.partitions WHERE table_name = 'spans_fact'"))
                .isEqualTo("3");
    }

    @Test
    void rowsChangePartitionAtMidnight() throws Exception {
        database.execute("CALL otel.ensure_partitions()");
        String midnight = "otel.id_at(date_trunc('day', now(), 'UTC') + interval '1 day')";

        database.execute(SpanRows.insertSpan(midnight + " - 1"), SpanRows.insertSpan(midnight));

        assertThat(database.query("""
                                SELECT tableoid::regclass::text
                                    = 'spans_fact_p' || to_char((date_trunc('day', now(), 'UTC') + interval '1 day' * (row_number() OVER (ORDER BY id) - 1)) AT TIME ZONE 'UTC', 'YYYYMMDD')
                                FROM otel.spans_fact
                                """)).containsExactly("t", "t");
    }

    @Test
    void aTimeWithoutPartitionIsRefused() throws Exception {
        database.execute("CALL otel.ensure_partitions()");

        assertThatThrownBy(() -> database.execute(SpanRows.insertSpan("otel.id_at(now() + interval '9 days')")))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23514"));
    }

    @Test
    void anotherWidthContinuesWhereTheLastPartitionEnds() throws Exception {
        database.execute(
                "CALL otel.ensure_partitions('1 second', '1 day')",
                "CALL otel.ensure_partitions('26 hours', '6 hours')",
                "CALL otel.ensure_partitions('3 days', '1 day')");

        assertThat(database.query("""
                                SELECT partition_name FROM (
                                    SELECT partition_name, arrival_from, lag(arrival_to) OVER (ORDER BY from_id) AS before
                                    FROM otel.partitions WHERE table_name = 'spans_fact') AS p
                                WHERE arrival_from <> before
                                """)).isEmpty();
        assertThat(database.query("""
                                SELECT right(partition_name, 3) FROM otel.partitions
                                WHERE table_name = 'spans_fact' AND arrival_to - arrival_from < interval '1 day' ORDER BY from_id LIMIT 2
                                """)).first().isEqualTo("_00");
        assertThat(
                        database.value(
                                "SELECT max(arrival_to) > now() + interval '3 days' FROM otel.partitions WHERE table_name = 'spans_fact'"))
                .isEqualTo("t");
    }

    @Test
    void createsAnewWhatWasDroppedByHand() throws Exception {
        database.execute("CALL otel.ensure_partitions()");
        String today = database.value(
                "SELECT partition_name FROM otel.partitions WHERE table_name = 'span_links' ORDER BY from_id LIMIT 1");
        database.execute("DROP TABLE otel." + today);

        database.execute("CALL otel.ensure_partitions()");

        assertThat(database.value("SELECT to_regclass('otel." + today + "') IS NOT NULL"))
                .isEqualTo("t");
        assertThat(database.value("SELECT count(*) FROM otel.partitions WHERE table_name = 'span_links'"))
                .isEqualTo("3");
    }

    @Test
    void refusesAWidthThatIsNotWholeHours() {
        for (String width : List.of("90 minutes", "0 hours", "-1 day", "1 month")) {
            assertThatThrownBy(() -> database.execute("CALL otel.ensure_partitions(width => '" + width + "')"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
        }
    }

    @Test
    void boundsOnTheIdExcludePartitions() throws Exception {
        database.execute("CALL otel.ensure_partitions('4 days')");
        String now = database.value("SELECT now()");

        assertThat(plan("""
                        SELECT count(*) FROM otel.spans_fact AS s JOIN otel.span_attrs_string AS a ON a.parent_id = s.id
                        WHERE s.id BETWEEN otel.id_at(date_trunc('day', timestamptz '%1$s', 'UTC')) AND otel.id_at('%1$s')
                        """.formatted(now)))
                .contains("spans_fact_p" + day(0), "span_attrs_string_p" + day(0))
                .doesNotContain(day(1), day(2), day(3), day(4));
        // Known only when the statement runs, as in a dashboard: excluded then.
        assertThat(plan("SELECT FROM otel.spans_fact WHERE id >= otel.id_at(now() + interval '2 days')"))
                .contains("Subplans Removed: 2");
    }

    @Test
    void partitionsHaveTheIndexesOfTheirTable() throws Exception {
        database.execute("CALL otel.ensure_partitions('1 second')");

        assertThat(indexesOf("spans_fact"))
                .containsExactlyInAnyOrder(
                        "btree (id)",
                        "btree (trace_id)",
                        "btree (resource_id, start_timestamp DESC)",
                        "brin (start_timestamp)");
        assertThat(indexesOf("span_events"))
                .containsExactlyInAnyOrder("btree (id)", "btree (parent_id)", "brin (\"timestamp\")");
        assertThat(indexesOf("span_links")).containsExactlyInAnyOrder("btree (id)", "btree (parent_id)");
        assertThat(indexesOf("span_attrs_string"))
                .hasSize(2)
                .contains("btree (parent_id)")
                // Some conventions are left out from the start, such as url.path.
                .anyMatch(index -> index.startsWith("btree (key_id, value) WHERE (key_id <> ALL "));
        assertThat(indexesOf("span_attrs_double"))
                .containsExactlyInAnyOrder("btree (parent_id)", "btree (key_id, value)");
        assertThat(indexesOf("span_event_attrs_bytes")).containsExactlyInAnyOrder("btree (parent_id)");
        assertThat(indexesOf("logs_fact"))
                .containsExactlyInAnyOrder(
                        "btree (id)",
                        "btree (trace_id) WHERE (trace_id IS NOT NULL)",
                        "btree (service_id, COALESCE(\"timestamp\", observed_timestamp) DESC)",
                        "btree (COALESCE(\"timestamp\", observed_timestamp) DESC) WHERE (severity_number >= 17)",
                        "brin (COALESCE(\"timestamp\", observed_timestamp))");
        for (String points : List.of(
                "number_data_points", "histogram_data_points", "exp_histogram_data_points", "summary_data_points")) {
            assertThat(indexesOf(points))
                    .containsExactlyInAnyOrder(
                            "btree (id)", "btree (series_id, \"timestamp\")", "brin (\"timestamp\")");
        }
        assertThat(indexesOf("summary_quantiles")).containsExactlyInAnyOrder("btree (parent_id)");
        assertThat(indexesOf("exemplars"))
                .containsExactlyInAnyOrder(
                        "btree (id)", "btree (parent_id)", "btree (trace_id) WHERE (trace_id IS NOT NULL)");
        assertThat(indexesOf("log_attrs_string"))
                .hasSize(2)
                .contains("btree (parent_id)")
                .anyMatch(index -> index.startsWith("btree (key_id, value) WHERE (key_id <> ALL "));
        assertThat(indexesOf("exemplar_attrs_double"))
                .containsExactlyInAnyOrder("btree (parent_id)", "btree (key_id, value)");
    }

    private String plan(String sql) throws SQLException {
        return String.join("\n", database.query("EXPLAIN (COSTS OFF) " + sql));
    }

    /** As in the names of partitions. */
    private String day(int ahead) throws SQLException {
        return database.value("SELECT to_char((now() + interval '" + ahead + " days') AT TIME ZONE 'UTC', 'YYYYMMDD')");
    }

    private List<String> indexesOf(String table) throws SQLException {
        return database.query(
                "SELECT substring(indexdef FROM 'USING (.*)') FROM pg_indexes JOIN otel.partitions ON partition_name = tablename WHERE table_name = '"
                        + table + "'");
    }
}
