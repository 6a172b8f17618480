package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableSizesITCase {

    private TestDatabase database;

    @BeforeEach
    void migrate() throws Exception {
        database = TestDatabase.migrated();
    }

    @Test
    void sumsPartitions() throws Exception {
        database.execute(
                "CALL otel.ensure_partitions('1 day')",
                "INSERT INTO otel.span_attrs_string SELECT otel.id_at(now() + n % 2 * interval '1 day') + n, 1, 'x' FROM generate_series(1, 5000) AS n",
                "ANALYZE otel.span_attrs_string");

        assertThat(database.value(
                        "SELECT partitions, rows_estimate, total_bytes = table_bytes + index_bytes + toast_bytes, average_row_bytes = round(total_bytes / 5000.0) "
                                + "FROM otel.table_sizes WHERE table_name = 'span_attrs_string'"))
                .isEqualTo("2|5000|t|t");
        assertThat(database.query("SELECT table_name FROM otel.table_sizes WHERE table_name LIKE '%\\_p2%'"))
                .isEmpty();
        // All that is on disk, but the maps of free space and visibility.
        assertThat(database.value("""
                        SELECT s.total_bytes BETWEEN sum(pg_total_relation_size(c.oid)) - 2 * 5 * 8192 AND sum(pg_total_relation_size(c.oid))
                            AND s.table_bytes = sum(pg_relation_size(c.oid)) AND s.index_bytes = sum(pg_indexes_size(c.oid))
                        FROM otel.table_sizes AS s
                        JOIN pg_inherits AS i ON i.inhparent = 'otel.span_attrs_string'::regclass
                        JOIN pg_class AS c ON c.oid = i.inhrelid
                        WHERE s.table_name = 'span_attrs_string'
                        GROUP BY s.total_bytes, s.table_bytes, s.index_bytes
                        """)).isEqualTo("t");
    }

    @Test
    void followsTheGrowthSinceTheLastAnalyze() throws Exception {
        database.execute(
                "CALL otel.ensure_partitions('1 second')",
                "INSERT INTO otel.span_attrs_int SELECT otel.id_at(now()) + n, 1, 1 FROM generate_series(1, 5000) AS n",
                "ANALYZE otel.span_attrs_int",
                "INSERT INTO otel.span_attrs_int SELECT otel.id_at(now()) + n, 1, 1 FROM generate_series(1, 15000) AS n");

        assertThat(
                        database.value(
                                "SELECT rows_estimate BETWEEN 19000 AND 21000 FROM otel.table_sizes WHERE table_name = 'span_attrs_int'"))
                .isEqualTo("t");
    }

    @Test
    void countsLongValuesApart() throws Exception {
        database.execute(
                "INSERT INTO otel.quarantined_records (signal, cluster_id, topic_id, topic, partition_id, record_offset, part, payload, reason, detail) "
                        + "VALUES ('traces', 'c', 'i', 't', 0, 0, 0, convert_to(" + TestDatabase.longText(1 << 20)
                        + ", 'UTF8'), 'x', 'y')");

        assertThat(
                        database.value(
                                "SELECT toast_bytes > 1000000, table_bytes < 100000 FROM otel.table_sizes WHERE table_name = 'quarantined_records'"))
                .isEqualTo("t|t");
    }

    @Test
    void hasEveryTableAlsoThoseWithoutPartitionsOrRows() throws Exception {
        assertThat(database.query("""
                        SELECT c.relname FROM pg_class AS c LEFT JOIN otel.table_sizes AS s ON s.table_name = c.relname
                        WHERE c.relnamespace = 'otel'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND s.total_bytes IS NULL
                        """)).isEmpty();
        assertThat(
                        database.value(
                                "SELECT partitions, rows_estimate, total_bytes, average_row_bytes FROM otel.table_sizes WHERE table_name = 'spans_fact'"))
                .isEqualTo("0|0|0|null");
    }

    @Test
    void needsNoRightToTheTables() throws Exception {
        database.execute(
                "CREATE ROLE size_reader",
                "GRANT USAGE ON SCHEMA otel TO size_reader",
                "GRANT SELECT ON otel.table_sizes TO size_reader");

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET ROLE size_reader");
            assertThat(TestDatabase.query(
                            connection, "SELECT count(*) > 20, sum(total_bytes) > 100000 FROM otel.table_sizes"))
                    .containsExactly("t|t");
        }
    }
}
