package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SchemaConventionsITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions('1 second')");
    }

    @Test
    void everyTableAndViewHasAComment() throws Exception {
        assertThat(database.query("""
                                SELECT relname FROM pg_class
                                WHERE relnamespace IN ('otel'::regnamespace, 'otel_seed'::regnamespace) AND relkind IN ('r', 'p', 'v') AND relname <> 'flyway_schema_history'
                                    AND obj_description(oid, 'pg_class') IS NULL
                                """)).isEmpty();
    }

    @Test
    void everyColumnHasAComment() throws Exception {
        assertThat(database.query("""
                                SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
                                WHERE c.relnamespace IN ('otel'::regnamespace, 'otel_seed'::regnamespace) AND c.relkind IN ('r', 'p', 'v')
                                    AND c.relname <> 'flyway_schema_history' AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL
                                """)).isEmpty();
    }

    @Test
    void everyFunctionAndProcedureHasAComment() throws Exception {
        assertThat(database.query("""
                                SELECT proname FROM pg_proc
                                WHERE pronamespace IN ('otel'::regnamespace, 'otel_seed'::regnamespace) AND obj_description(oid, 'pg_proc') IS NULL
                                """)).isEmpty();
    }

    /** Another collation would keep {@code value = 'x'} from using an index of a column in "C", and ages with the C library. */
    @Test
    void everyTextColumnIsInByteOrder() throws Exception {
        assertThat(database.query("""
                                SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
                                WHERE table_schema = 'otel' AND table_type = 'BASE TABLE' AND table_name <> 'flyway_schema_history'
                                    AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
                                """)).isEmpty();
    }

    @Test
    void theSeedHoldsNothingOfItsOwn() throws Exception {
        assertThat(database.query(
                        "SELECT DISTINCT relkind FROM pg_class WHERE relnamespace = 'otel_seed'::regnamespace"))
                .containsExactly("v");
    }

    @Test
    void noFactHasAForeignKey() throws Exception {
        assertThat(database.query("""
                                SELECT conname FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
                                WHERE k.contype = 'f' AND c.relnamespace = 'otel'::regnamespace AND (c.relkind = 'p' OR c.relispartition)
                                """)).isEmpty();
    }

    @Test
    void enumsHaveTheNumbersOfOtlp() throws Exception {
        assertThat(database.value("SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM otel.span_kinds"))
                .isEqualTo("0 UNSPECIFIED, 1 INTERNAL, 2 SERVER, 3 CLIENT, 4 PRODUCER, 5 CONSUMER");
        assertThat(database.value("SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM otel.status_codes"))
                .isEqualTo("0 UNSET, 1 OK, 2 ERROR");
        assertThat(database.value("SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM otel.metric_types"))
                .isEqualTo("5 GAUGE, 7 SUM, 9 HISTOGRAM, 10 EXPONENTIAL_HISTOGRAM, 11 SUMMARY");
        assertThat(database.value(
                        "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM otel.aggregation_temporalities"))
                .isEqualTo("0 UNSPECIFIED, 1 DELTA, 2 CUMULATIVE");
        assertThat(database.value("SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM otel.log_body_types"))
                .isEqualTo("0 EMPTY, 1 STRING, 2 BOOL, 3 INT, 4 DOUBLE, 5 ARRAY, 6 KVLIST, 7 BYTES");
        assertThat(database.value(
                        "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM otel.log_severity_numbers"))
                .isEqualTo(
                        "0 UNSPECIFIED, 1 TRACE, 2 TRACE2, 3 TRACE3, 4 TRACE4, 5 DEBUG, 6 DEBUG2, 7 DEBUG3, 8 DEBUG4, "
                                + "9 INFO, 10 INFO2, 11 INFO3, 12 INFO4, 13 WARN, 14 WARN2, 15 WARN3, 16 WARN4, "
                                + "17 ERROR, 18 ERROR2, 19 ERROR3, 20 ERROR4, 21 FATAL, 22 FATAL2, 23 FATAL3, 24 FATAL4");
    }
}
