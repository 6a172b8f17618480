package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2020-01-01 00:00:00+00",
                "2026-03-29 01:30:00+01",
                "2087-12-31 23:59:59+00",
                "1960-02-29 12:00:00+00"
            })
    void arrivalIsTheInverseOfTheId(String time) throws Exception {
        // Half a second and any number of the low 32 bits change nothing.
        assertThat(database.value("SELECT otel.arrival_of(otel.id_at(timestamptz '" + time
                        + "' + interval '0.5 s') + 4294967295) = timestamptz '" + time + "'"))
                .isEqualTo("t");
    }

    @Test
    void idsDoNotDependOnTheTimeZone() throws Exception {
        assertThat(database.value("""
                                SELECT count(DISTINCT otel.id_at(t)) FROM (VALUES
                                    (timestamptz '2026-10-25 02:30:00 Europe/Berlin'), (timestamptz '2026-10-25 01:30:00+00')) AS v (t)
                                """)).isEqualTo("1");
    }

    @Test
    void thePlannerFoldsThemToConstants() throws Exception {
        assertThat(
                        database.query(
                                "EXPLAIN (VERBOSE, COSTS OFF) SELECT otel.id_at('2020-01-01 00:00:01+00'), otel.arrival_of(0), otel.u32(-1), otel.u64(-1)"))
                .element(1)
                .asString()
                .contains("'4294967296'::bigint")
                .contains("'4294967295'::bigint")
                .contains("'18446744073709551615'::numeric")
                .doesNotContain("otel.");
    }

    @Test
    void thePlannerInlinesThemOverColumns() throws Exception {
        assertThat(
                        String.join(
                                "\n",
                                database.query(
                                        "EXPLAIN (VERBOSE, COSTS OFF) SELECT otel.id_at(started_at), otel.arrival_of(generation), otel.u32(1 + generation::integer), otel.u64(generation) FROM otel.ingest_generations")))
                .doesNotContain("id_at(")
                .doesNotContain("arrival_of(")
                .doesNotContain("u32(")
                .doesNotContain("u64(");
    }

    @Test
    void unsignedNumbersHaveTheirValue() throws Exception {
        assertThat(database.value("SELECT otel.u32(-1), otel.u32(5), otel.u64(-1), otel.u64(5), otel.u32(NULL)"))
                .isEqualTo("4294967295|5|18446744073709551615|5|null");
    }

    @Test
    void blocksStartOverAfterTheLast() throws Exception {
        assertThat(database.value("SELECT nextval('otel.fact_id_blocks')")).isEqualTo("0");
        database.execute("SELECT setval('otel.fact_id_blocks', 65535)");
        assertThat(database.value("SELECT nextval('otel.fact_id_blocks')")).isEqualTo("0");
    }
}
