package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpansViewITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute(
                "CALL otel.ensure_partitions('2 days')",
                "SELECT otel.register_attribute_keys('{v.s,v.i,v.d,v.b,v.y}', '{string,int,double,bool,bytes}', '{t,t,t,t,t}')",
                """
                CALL otel.upsert_dimension('resource', 5, repeat('5', 64), now(),
                    '{"present": true, "service_id": 6, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 0, "policy_version": 1,
                      "service_name": "shop", "service_namespace": "", "service_version": "1.2", "service_instance_id": "pod-1", "environment": "production"}',
                    ARRAY[otel.key_id('v.s', 'string')], ARRAY['r'], ARRAY[otel.key_id('v.i', 'int')], ARRAY[3],
                    ARRAY[otel.key_id('v.d', 'double')], ARRAY[2], ARRAY[otel.key_id('v.b', 'bool')], ARRAY[true],
                    ARRAY[otel.key_id('v.y', 'bytes')], ARRAY['\\x00ff'::bytea], '{"o": [1], "$fields": {"service_name": "x"}}', NULL)
                """,
                """
                CALL otel.upsert_dimension('scope', 7, repeat('7', 64), now(),
                    '{"present": true, "name": "io.lib", "version": "2.0", "schema_url": "", "dropped_attributes_count": 0, "policy_version": 1}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """);
    }

    @BeforeEach
    void noSpans() throws Exception {
        database.execute(
                "TRUNCATE otel.spans_fact, otel.span_attrs_string, otel.span_attrs_int, otel.span_attrs_double, otel.span_attrs_bool, otel.span_attrs_bytes");
    }

    @Test
    void showsNamesInsteadOfNumbers() throws Exception {
        insert(
                "resource_id = 5, scope_id = 7, service_id = 6, operation_id = 8, kind = 2, status_code = 2, status_message = 'no', trace_state = 'a=b', "
                        + "start_timestamp = '2026-11-20 10:00:00.000001+00', start_nanos_fraction = 999, duration_ns = 25000001, "
                        + "trace_id = '\\x01C003', span_id = '\\xFF', parent_span_id = '\\x00'");

        assertThat(
                        database.value(
                                "SELECT service_name, name, kind, status, status_message, trace_id, span_id, parent_span_id, trace_state FROM otel.spans"))
                .isEqualTo("shop|GET /|SERVER|ERROR|no|01c003|ff|00|a=b");
        assertThat(
                        database.value(
                                "SELECT service_namespace, environment, service_version, service_instance_id, scope_name, scope_version FROM otel.spans"))
                .isEqualTo("|production|1.2|pod-1|io.lib|2.0");
        assertThat(database.value(
                        "SELECT start_timestamp = '2026-11-20 10:00:00.000001+00', end_timestamp = '2026-11-20 10:00:00.025002+00', "
                                + "start_nanos_fraction, duration_ns, duration_ms FROM otel.spans"))
                .isEqualTo("t|t|999|25000001|25.000001");
        assertThat(database.value(
                        "SELECT id = (SELECT id FROM otel.spans_fact), resource_id, scope_id, service_id, operation_id, trace_id_bytes, "
                                + "span_id_bytes, parent_span_id_bytes FROM otel.spans"))
                .isEqualTo("t|5|7|6|8|\\x01c003|\\xff|\\x00");
    }

    @Test
    void showsASpanWhoseDimensionsAreNotThere() throws Exception {
        insert("resource_id = -1, scope_id = -1");

        assertThat(
                        database.value(
                                "SELECT name, service_name, scope_name, kind, status, status_message, trace_id, attributes, resource_attributes FROM otel.spans"))
                .isEqualTo("GET /|null|null|SERVER|UNSET|null|null|{}|{}");
    }

    @Test
    void showsNumbersThatItHasNoNameFor() throws Exception {
        insert("kind = 99, status_code = -3");

        assertThat(database.value("SELECT kind, status FROM otel.spans")).isEqualTo("99|-3");
    }

    @Test
    void unsignedNumbersHaveTheirValue() throws Exception {
        insert("flags = -1, dropped_attributes_count = -2, dropped_events_count = -3, dropped_links_count = 4");

        assertThat(
                        database.value(
                                "SELECT flags, dropped_attributes_count, dropped_events_count, dropped_links_count FROM otel.spans"))
                .isEqualTo("4294967295|4294967294|4294967293|4");
    }

    @Test
    void rebuildsAttributesFromEveryTier() throws Exception {
        insert(
                "attributes_other = '{\"o\": {\"$list\": [1, 2.0]}, \"$keys\": [[\"$x\", 1]], \"$fields\": {\"name\": \"x\"}}'");
        database.execute(
                "INSERT INTO otel.span_attrs_string SELECT id, otel.key_id('v.s', 'string'), E'a\"\\n€' FROM otel.spans_fact",
                "INSERT INTO otel.span_attrs_int SELECT id, otel.key_id('v.i', 'int'), -9223372036854775808 FROM otel.spans_fact",
                "INSERT INTO otel.span_attrs_double SELECT id, otel.key_id('v.d', 'double'), 1e7 FROM otel.spans_fact",
                "INSERT INTO otel.span_attrs_bool SELECT id, otel.key_id('v.b', 'bool'), false FROM otel.spans_fact",
                // Longer than a line of base64 is in mail.
                "INSERT INTO otel.span_attrs_bytes SELECT id, otel.key_id('v.y', 'bytes'), decode(repeat('00ff10', 40), 'hex') FROM otel.spans_fact",
                // Nothing must vanish for want of a key.
                "INSERT INTO otel.span_attrs_int SELECT id, -1, 4 FROM otel.spans_fact");

        assertThat(database.value("SELECT attributes FROM otel.spans"))
                .isEqualTo(
                        "{\"o\": {\"$list\": [1, 2.0]}, \"v.b\": false, \"v.d\": 10000000.0, \"v.i\": -9223372036854775808, \"v.s\": \"a\\\"\\n€\", "
                                + "\"v.y\": {\"$bytes\": \"" + "AP8Q".repeat(40)
                                + "\"}, \"$keys\": [[\"$x\", 1]], \"$key_id:-1\": 4}");
    }

    @Test
    void rebuildsAttributesOfTheResource() throws Exception {
        insert("resource_id = 5");

        assertThat(database.value("SELECT resource_attributes FROM otel.spans"))
                .isEqualTo(
                        "{\"o\": [1], \"v.b\": true, \"v.d\": 2.0, \"v.i\": 3, \"v.s\": \"r\", \"v.y\": {\"$bytes\": \"AP8=\"}}");
    }

    @ParameterizedTest(name = "{0} + {1} ns, {2} ns long")
    @CsvSource({
        "2026-11-20 10:00:00.000001+00,     1,             998, 2026-11-20 10:00:00.000001+00",
        "2026-11-20 10:00:00.000001+00,     1,             999, 2026-11-20 10:00:00.000002+00",
        "2026-11-20 10:00:00+00,            0, 864000000000000, 2026-11-30 10:00:00+00",
        // The end lies before the start, or is unset.
        "2026-11-20 10:00:00+00,            0,              -1, 2026-11-20 09:59:59.999999+00",
        "1970-01-01 00:00:01+00,            0,     -1000000000, null",
        // The start is unset, or both are.
        "null,                           null,      5000000000, 1970-01-01 00:00:05+00",
        "null,                           null,               0, null",
        // The last nanosecond that OTLP knows, 2^64 - 1: as an end, as a start, and beyond it.
        "2554-07-21 23:34:33.709551+00,   614,               1, 2554-07-21 23:34:33.709551+00",
        "1970-01-01 00:00:00+00,            1,              -2, 2554-07-21 23:34:33.709551+00",
        "2554-07-21 23:34:33.709551+00,   615,            2001, 1970-01-01 00:00:00.000002+00",
    })
    void endsWhereOtlpSaidSo(String start, String nanos, long duration, String end) throws Exception {
        insert("start_timestamp = %s, start_nanos_fraction = %s, duration_ns = %d"
                .formatted(start.equals("null") ? start : "'" + start + "'", nanos, duration));

        assertThat(database.value("SELECT end_timestamp AT TIME ZONE 'UTC' FROM otel.spans"))
                .isEqualTo(end.replace("+00", ""));
    }

    @Test
    void durationsAreWhatAveragesCount() throws Exception {
        insert("start_timestamp = now(), start_nanos_fraction = 0, duration_ns = 1500000");
        insert("start_timestamp = now(), start_nanos_fraction = 0, duration_ns = -1");
        insert("start_timestamp = NULL, duration_ns = 1500000");

        assertThat(database.query("SELECT duration_ms, duration_ns FROM otel.spans ORDER BY id"))
                .containsExactly("1.5|1500000", "0|-1", "null|1500000");
    }

    @Test
    void readsNothingThatIsNotSelected() throws Exception {
        assertThat(plan("SELECT name, start_timestamp, duration_ms, trace_id FROM otel.spans"))
                .contains("spans_fact_p")
                .doesNotContain("_dim", "_attrs", "span_kinds", "status_codes");
        assertThat(plan("SELECT service_name FROM otel.spans"))
                .contains("resources_dim")
                .doesNotContain("scopes_dim", "_attrs");
        assertThat(plan("SELECT attributes FROM otel.spans"))
                .contains("span_attrs_string_p")
                .doesNotContain("resource");
    }

    @Test
    void passesBoundsOn() throws Exception {
        assertThat(plan("SELECT name, service_name FROM otel.spans WHERE id >= otel.id_at(now() + interval '1 day')"))
                .contains("Subplans Removed: 1");
        assertThat(plan("SELECT name, kind FROM otel.spans WHERE trace_id_bytes = '\\x01'"))
                .contains("Index Cond: (trace_id = ");
        assertThat(plan("SELECT name FROM otel.spans WHERE resource_id = 5 ORDER BY start_timestamp DESC"))
                .contains("Index Cond: (resource_id = 5)");
    }

    @Test
    void worksUnderAnySearchPath() throws Exception {
        insert("resource_id = 5, start_timestamp = NULL, attributes_other = '{\"o\": 1}'");

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET search_path = ''");
            assertThat(TestDatabase.query(connection, "SELECT * FROM otel.spans WHERE kind = 'SERVER'"))
                    .hasSize(1);
        }
    }

    private static void insert(String assignments) throws SQLException {
        database.execute(
                SpanRows.insertSpan("coalesce((SELECT max(id) + 1 FROM otel.spans_fact), otel.id_at(now()))"),
                "UPDATE otel.spans_fact SET " + assignments + " WHERE id = (SELECT max(id) FROM otel.spans_fact)");
    }

    private static String plan(String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            // The tables are nearly empty: without this a scan of nothing is as cheap as an index.
            TestDatabase.execute(connection, "SET enable_seqscan = off");
            return String.join("\n", TestDatabase.query(connection, "EXPLAIN (COSTS OFF) " + sql));
        }
    }
}
