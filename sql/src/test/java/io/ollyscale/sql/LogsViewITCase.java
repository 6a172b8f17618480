package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogsViewITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute(
                "CALL otel.ensure_partitions('2 days')",
                "SELECT otel.register_attribute_keys('{v.s,v.d}', '{string,double}', '{t,t}')",
                """
                CALL otel.upsert_dimension('resource', 5, repeat('5', 64), now(),
                    '{"present": true, "service_id": 6, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 0, "policy_version": 1,
                      "service_name": "shop", "service_namespace": "", "service_version": "1.2", "service_instance_id": "pod-1", "environment": "production"}',
                    ARRAY[otel.key_id('v.s', 'string')], ARRAY['r'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"o": [1]}', NULL)
                """,
                """
                CALL otel.upsert_dimension('scope', 7, repeat('7', 64), now(),
                    '{"present": true, "name": "io.lib", "version": "2.0", "schema_url": "", "dropped_attributes_count": 0, "policy_version": 1}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """);
    }

    @BeforeEach
    void noLogs() throws Exception {
        database.execute("TRUNCATE otel.logs_fact, otel.log_attrs_string, otel.log_attrs_int, otel.log_attrs_double");
    }

    @Test
    void showsNamesInsteadOfNumbers() throws Exception {
        insert(
                "resource_id = 5, scope_id = 7, service_id = 6, severity_number = 18, severity_text = 'Fehler', event_name = 'sale', flags = -1, "
                        + "dropped_attributes_count = -2, body_type = 1, body_str = 'no', timestamp = '2026-11-20 10:00:00.000001+00', nanos_fraction = 999, "
                        + "observed_timestamp = '2026-11-20 10:00:01+00', observed_nanos_fraction = 1, trace_id = '\\x01C003', span_id = '\\xFF'");

        assertThat(
                        database.value(
                                "SELECT service_name, severity, severity_text, body, body_type, event_name, trace_id, span_id, flags, dropped_attributes_count FROM otel.logs"))
                .isEqualTo("shop|ERROR2|Fehler|no|STRING|sale|01c003|ff|4294967295|4294967294");
        assertThat(
                        database.value(
                                "SELECT service_namespace, environment, service_version, service_instance_id, scope_name, scope_version FROM otel.logs"))
                .isEqualTo("|production|1.2|pod-1|io.lib|2.0");
        assertThat(
                        database.value(
                                "SELECT time = timestamp, timestamp = '2026-11-20 10:00:00.000001+00', nanos_fraction, "
                                        + "observed_timestamp = '2026-11-20 10:00:01+00', observed_nanos_fraction FROM otel.logs"))
                .isEqualTo("t|t|999|t|1");
        assertThat(database.value("SELECT id = (SELECT id FROM otel.logs_fact), resource_id, scope_id, service_id, "
                        + "severity_number, trace_id_bytes, span_id_bytes, body_str FROM otel.logs"))
                .isEqualTo("t|5|7|6|18|\\x01c003|\\xff|no");
    }

    @Test
    void showsARecordWhoseDimensionsAreNotThere() throws Exception {
        insert("resource_id = -1, scope_id = -1");

        assertThat(
                        database.value(
                                "SELECT service_name, scope_name, severity, body, body_type, trace_id, time, attributes, resource_attributes FROM otel.logs"))
                .isEqualTo("null|null|INFO|null|null|null|null|{}|{}");
    }

    @Test
    void showsNumbersThatItHasNoNameFor() throws Exception {
        insert("severity_number = 99, body_type = 8");

        assertThat(database.value("SELECT severity, body_type FROM otel.logs")).isEqualTo("99|8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "body_type = 0;EMPTY|null",
                "body_type = 1, body_str = '';STRING|",
                "body_type = 1, body_str = 'a\u2400b';STRING|a\u2400b",
                "body_type = 2, body_bool = false;BOOL|false",
                "body_type = 3, body_int = -9223372036854775808;INT|-9223372036854775808",
                "body_type = 4, body_double = 'NaN';DOUBLE|NaN",
                "body_type = 4, body_double = 0.1;DOUBLE|0.1",
                "body_type = 5, body_json = '[1, {\"$bytes\": \"AP8=\"}]';ARRAY|[1, {\"$bytes\": \"AP8=\"}]",
                "body_type = 6, body_json = '{}';KVLIST|{}",
                "body_type = 7, body_bytes = '\\x00ff';BYTES|\\x00ff",
                "body_type = 7, body_bytes = '';BYTES|\\x",
            })
    void readsABodyOfAnyType(String body, String expected) throws Exception {
        insert(body);

        assertThat(database.value("SELECT body_type, body FROM otel.logs")).isEqualTo(expected);
    }

    @Test
    void aRecordWithoutTimestampHasTheTimeItWasObserved() throws Exception {
        insert("timestamp = NULL, observed_timestamp = '2026-11-20 10:00+00'");

        assertThat(database.value("SELECT time = observed_timestamp, timestamp FROM otel.logs"))
                .isEqualTo("t|null");
    }

    @Test
    void rebuildsAttributesFromEveryTier() throws Exception {
        insert("resource_id = 5, attributes_other = '{\"o\": [1], \"$fields\": {\"body_str\": \"x\"}}'");
        database.execute(
                "INSERT INTO otel.log_attrs_string SELECT id, otel.key_id('v.s', 'string'), 'x' FROM otel.logs_fact",
                "INSERT INTO otel.log_attrs_double SELECT id, otel.key_id('v.d', 'double'), 'NaN' FROM otel.logs_fact",
                "INSERT INTO otel.log_attrs_int SELECT id, -1, 4 FROM otel.logs_fact");

        assertThat(database.value("SELECT attributes, resource_attributes FROM otel.logs"))
                .isEqualTo(
                        "{\"o\": [1], \"v.d\": {\"$double\": \"7ff8000000000000\"}, \"v.s\": \"x\", \"$key_id:-1\": 4}|{\"o\": [1], \"v.s\": \"r\"}");
    }

    @Test
    void readsNothingThatIsNotSelected() throws Exception {
        assertThat(plan("SELECT time, body, severity_number FROM otel.logs"))
                .doesNotContain("resources_dim", "scopes_dim", "log_severity_numbers", "log_body_types", "_attrs");
        assertThat(plan("SELECT severity, service_name FROM otel.logs"))
                .contains("log_severity_numbers", "resources_dim")
                .doesNotContain("scopes_dim", "_attrs");
        assertThat(plan("SELECT attributes FROM otel.logs"))
                .contains("log_attrs_string_p")
                .doesNotContain("resource");
    }

    @Test
    void passesBoundsOn() throws Exception {
        assertThat(plan("SELECT body, service_name FROM otel.logs WHERE id >= otel.id_at(now() + interval '1 day')"))
                .contains("Subplans Removed: 1");
        assertThat(plan("SELECT body FROM otel.logs WHERE trace_id_bytes = '\\x01'"))
                .contains("Index Cond: (trace_id = ");
        assertThat(plan("SELECT body FROM otel.logs WHERE service_id = 5 ORDER BY time DESC LIMIT 5"))
                .contains("Index Cond: (service_id = 5)")
                .doesNotContain("->  Sort");
        assertThat(plan("SELECT body FROM otel.logs WHERE service_id = 5 AND time > '2026-11-20'"))
                .contains("(COALESCE(\"timestamp\", observed_timestamp) > ");
        assertThat(plan("SELECT body FROM otel.logs WHERE severity_number >= 17 ORDER BY time DESC LIMIT 20"))
                .contains("_coalesce_idx")
                .doesNotContain("Filter");
    }

    private static void insert(String assignments) throws SQLException {
        database.execute(LogRows.insertLog("otel.id_at(now())"), "UPDATE otel.logs_fact SET " + assignments);
    }

    private static String plan(String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            // The tables are nearly empty: without this a scan of nothing is as cheap as an index.
            TestDatabase.execute(connection, "SET enable_seqscan = off");
            return String.join("\n", TestDatabase.query(connection, "EXPLAIN (COSTS OFF) " + sql));
        }
    }
}
