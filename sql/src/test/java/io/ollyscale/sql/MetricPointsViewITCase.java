package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricPointsViewITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute(
                "CALL otel.ensure_partitions('2 days')",
                "SELECT otel.register_attribute_keys('{v.s,v.b}', '{string,bool}', '{t,t}')",
                """
                CALL otel.upsert_dimension('resource', 5, repeat('5', 64), now(),
                    '{"present": true, "service_id": 6, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 0, "policy_version": 1,
                      "service_name": "shop", "service_namespace": "", "service_version": "1.2", "service_instance_id": "pod-1", "environment": "production"}',
                    ARRAY[otel.key_id('v.s', 'string')], ARRAY['r'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('scope', 7, repeat('7', 64), now(),
                    '{"present": true, "name": "io.lib", "version": "2.0", "schema_url": "", "dropped_attributes_count": 0, "policy_version": 1}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('metric', 8, repeat('8', 64), now(),
                    '{"metric_identity_hash": "x", "name": "sales", "metric_type": 7, "unit": "{sale}", "aggregation_temporality": 2, "is_monotonic": true,
                      "description": "What was sold."}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('series', 9, repeat('9', 64), now(),
                    '{"metric_id": 8, "resource_id": 5, "scope_id": 7, "policy_dropped_count": 0, "policy_version": 1}',
                    ARRAY[otel.key_id('v.s', 'string')], ARRAY['x'], NULL, NULL, NULL, NULL, ARRAY[otel.key_id('v.b', 'bool')], ARRAY[true],
                    NULL, NULL, '{"o": 1.0}', NULL)
                """);
    }

    @BeforeEach
    void noPoints() throws Exception {
        database.execute(
                "TRUNCATE otel.number_data_points, otel.histogram_data_points, otel.exp_histogram_data_points, otel.summary_data_points, otel.summary_quantiles");
    }

    @Test
    void showsNamesInsteadOfNumbers() throws Exception {
        insert(
                "number_data_points",
                "timestamp, nanos_fraction, start_timestamp, start_nanos_fraction, int_value",
                "'2026-11-20 10:00:00.000001+00', 999, '2026-11-20 09:00+00', 1, 5");

        assertThat(
                        database.value(
                                "SELECT service_name, name, type, unit, temporality, is_monotonic, description, value FROM otel.metric_points"))
                .isEqualTo("shop|sales|SUM|{sale}|CUMULATIVE|t|What was sold.|5");
        assertThat(
                        database.value(
                                "SELECT service_namespace, environment, service_version, service_instance_id, scope_name, scope_version FROM otel.metric_points"))
                .isEqualTo("|production|1.2|pod-1|io.lib|2.0");
        assertThat(database.value("SELECT attributes, resource_attributes FROM otel.metric_points"))
                .isEqualTo("{\"o\": 1.0, \"v.b\": true, \"v.s\": \"x\"}|{\"v.s\": \"r\"}");
        assertThat(database.value("SELECT timestamp = '2026-11-20 10:00:00.000001+00', nanos_fraction, "
                        + "start_timestamp = '2026-11-20 09:00+00', start_nanos_fraction FROM otel.metric_points"))
                .isEqualTo("t|999|t|1");
        assertThat(database.value("SELECT id = (SELECT id FROM otel.number_data_points), series_id, metric_id, "
                        + "resource_id, scope_id, service_id FROM otel.metric_points"))
                .isEqualTo("t|9|8|5|7|6");
    }

    @Test
    void showsIntsDoublesAndPointsWithoutValue() throws Exception {
        insert("number_data_points", "int_value", "9223372036854775807");
        insert("number_data_points", "double_value", "'NaN'");
        insert("number_data_points", "flags", "-1");

        assertThat(
                        database.query(
                                "SELECT value, int_value, double_value, flags, count, sum, bucket_counts, quantiles FROM otel.metric_points ORDER BY id"))
                .containsExactly(
                        "9.223372036854776e+18|9223372036854775807|null|0|null|null|null|null",
                        "NaN|null|NaN|0|null|null|null|null",
                        "null|null|null|4294967295|null|null|null|null");
    }

    @Test
    void showsHistograms() throws Exception {
        insert(
                "histogram_data_points",
                "count, sum, min, max, bucket_counts, explicit_bounds",
                "-1, 2.5, 0, 'Infinity', '{0,-1,3}', '{1,0.5}'");
        insert("histogram_data_points", "count, bucket_counts, explicit_bounds", "0, '{}', '{}'");

        assertThat(
                        database.query(
                                "SELECT value, count, sum, min, max, bucket_counts, explicit_bounds, scale FROM otel.metric_points ORDER BY id"))
                .containsExactly(
                        "null|18446744073709551615|2.5|0|Infinity|{0,18446744073709551615,3}|{1,0.5}|null",
                        "null|0|null|null|null|{}|{}|null");
    }

    @Test
    void showsExponentialHistograms() throws Exception {
        insert(
                "exp_histogram_data_points",
                "count, scale, zero_count, zero_threshold, positive_offset, positive_bucket_counts, negative_offset, negative_bucket_counts",
                "4, 20, -1, 0.5, 2147483647, '{1,-2}', 0, '{}'");
        insert("exp_histogram_data_points", "count, scale, zero_count, zero_threshold", "0, -5, 0, 0");

        assertThat(database.query(
                        "SELECT count, scale, zero_count, zero_threshold, positive_offset, positive_bucket_counts, negative_offset, negative_bucket_counts "
                                + "FROM otel.metric_points ORDER BY id"))
                .containsExactly(
                        "4|20|18446744073709551615|0.5|2147483647|{1,18446744073709551614}|0|{}",
                        "0|-5|0|0|null|null|null|null");
    }

    @Test
    void showsSummariesWithTheirQuantilesInOrder() throws Exception {
        insert("summary_data_points", "count, sum", "3, -0.5");
        insert("summary_data_points", "count, sum", "0, 0");
        database.execute(
                "INSERT INTO otel.summary_quantiles (parent_id, position, quantile, value) SELECT min(id), 1, 0.5, 'NaN' FROM otel.summary_data_points",
                "INSERT INTO otel.summary_quantiles (parent_id, position, quantile, value) SELECT min(id), 0, 7, 2 FROM otel.summary_data_points");

        assertThat(database.query("SELECT count, sum, quantiles, quantile_values FROM otel.metric_points ORDER BY id"))
                .containsExactly("3|-0.5|{7,0.5}|{2,NaN}", "0|0|null|null");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"number_data_points", "histogram_data_points", "exp_histogram_data_points", "summary_data_points"
            })
    void showsAPointWhoseSeriesIsNotThere(String table) throws Exception {
        insertLeast(table);
        database.execute("UPDATE otel." + table + " SET series_id = -1");

        assertThat(
                        database.value(
                                "SELECT series_id, name, type, service_name, metric_id, temporality, attributes, resource_attributes FROM otel.metric_points"))
                .isEqualTo("-1|null|null|null|null|null|{}|{}");
    }

    @Test
    void showsAPointWhoseMetricAndResourceAreNotThere() throws Exception {
        database.execute("""
                CALL otel.upsert_dimension('series', 10, repeat('a', 64), now(),
                    '{"metric_id": -1, "resource_id": -2, "scope_id": -3, "policy_dropped_count": 0, "policy_version": 1}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"o": 2}', NULL)
                """);
        insertLeast("number_data_points");
        database.execute("UPDATE otel.number_data_points SET series_id = 10");

        assertThat(
                        database.value(
                                "SELECT name, metric_id, resource_id, scope_id, service_id, attributes FROM otel.metric_points"))
                .isEqualTo("null|-1|-2|-3|null|{\"o\": 2}");
    }

    @Test
    void showsNumbersThatItHasNoNameFor() throws Exception {
        insertLeast("number_data_points");
        database.execute("UPDATE otel.metrics_dim SET metric_type = 99, aggregation_temporality = -3");

        assertThat(database.value("SELECT type, temporality FROM otel.metric_points"))
                .isEqualTo("99|-3");
        database.execute("UPDATE otel.metrics_dim SET metric_type = 7, aggregation_temporality = 2");
    }

    @Test
    void readsNothingThatIsNotSelected() throws Exception {
        assertThat(plan("SELECT timestamp, value, count FROM otel.metric_points"))
                .contains("number_data_points", "summary_data_points")
                .doesNotContain("_dim", "metric_types", "aggregation_temporalities", "_attrs", "summary_quantiles");
        assertThat(plan("SELECT name, value FROM otel.metric_points"))
                .contains("metric_series_dim", "metrics_dim")
                .doesNotContain("resources_dim", "scopes_dim", "metric_types", "_attrs");
        assertThat(plan("SELECT attributes FROM otel.metric_points"))
                .contains("metric_attrs_string")
                .doesNotContain("_dim", "resource");
    }

    @Test
    void passesBoundsOn() throws Exception {
        assertThat(plan("SELECT value FROM otel.metric_points WHERE id >= otel.id_at(now() + interval '1 day')"))
                .contains("Subplans Removed: 4");
        assertThat(plan("SELECT value FROM otel.metric_points WHERE id >= otel.id_at(timestamptz '" + tomorrow()
                        + "') AND name = 'sales'"))
                .contains("metrics_dim_name_idx", "Index Cond: (series_id = ")
                .doesNotContain("data_points_p" + today());
        assertThat(plan("SELECT value FROM otel.metric_points WHERE series_id = 9 AND timestamp > '2026-11-20'"))
                .contains("Index Cond: ((series_id = 9) AND (\"timestamp\" > ");
    }

    @Test
    void worksUnderAnySearchPath() throws Exception {
        for (String table : new String[] {
            "number_data_points", "histogram_data_points", "exp_histogram_data_points", "summary_data_points"
        }) {
            insertLeast(table);
        }

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET search_path = ''");
            assertThat(TestDatabase.query(connection, "SELECT * FROM otel.metric_points WHERE name = 'sales'"))
                    .hasSize(4);
        }
    }

    private static void insertLeast(String table) throws SQLException {
        switch (table) {
            case "number_data_points" -> insert(table, "int_value", "1");
            case "histogram_data_points" -> insert(table, "count, bucket_counts, explicit_bounds", "0, '{}', '{}'");
            case "exp_histogram_data_points" -> insert(table, "count, scale, zero_count, zero_threshold", "0, 0, 0, 0");
            default -> insert(table, "count, sum", "0, 0");
        }
    }

    /** A point of the one series. Columns without value are NULL, and flags are 0. */
    private static void insert(String table, String columns, String values) throws SQLException {
        boolean hasFlags = columns.equals("flags");
        database.execute("INSERT INTO otel." + table + " (id, series_id, " + columns + (hasFlags ? "" : ", flags")
                + ") SELECT coalesce((SELECT max(id) + 1 FROM otel." + table + "), otel.id_at(now())), 9, " + values
                + (hasFlags ? "" : ", 0"));
    }

    private static String tomorrow() throws SQLException {
        return database.value("SELECT date_trunc('day', now(), 'UTC') + interval '1 day'");
    }

    /** As in the names of partitions. */
    private static String today() throws SQLException {
        return database.value("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')");
    }

    private static String plan(String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            // The tables are nearly empty: without this a scan of nothing is as cheap as an index.
            TestDatabase.execute(connection, "SET enable_seqscan = off");
            return String.join("\n", TestDatabase.query(connection, "EXPLAIN (COSTS OFF) " + sql));
        }
    }
}
