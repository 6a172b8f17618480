package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtelSeedITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions('3 days')");
    }

    /** The tables are empty, so the planner is told to use an index where it can. */
    @ParameterizedTest(name = "{0} WHERE {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "spans_fact; id = #; spans_fact_p\\d+_pkey",
                "spans_fact; trace_id = '\\x01'; spans_fact_p\\d+_trace_id_idx",
                "spans_fact; resource_id = 5 AND start_timestamp > now(); spans_fact_p\\d+_resource_id_start_timestamp_idx",
                "span_attrs_int; span_id = #; span_attrs_int_p\\d+_parent_id_idx",
                "span_attrs_int; key_id = 5 AND value > 7; span_attrs_int_p\\d+_key_id_value_idx",
                "span_attrs_other; span_id = #; spans_fact_p\\d+_pkey",
                "span_attrs_unified; span_id = #; span_attrs_string_p\\d+_parent_id_idx",
                "span_events; span_id = #; span_events_p\\d+_parent_id_idx",
                "span_links; link_id = #; span_links_p\\d+_pkey",
                "logs_fact; trace_id = '\\x01'; logs_fact_p\\d+_trace_id_idx",
                "number_data_points; data_point_id = #; number_data_points_p\\d+_pkey",
                "number_data_points; metric_id = 5; number_data_points_p\\d+_series_id_timestamp_idx",
                "number_data_points; metric_id = 5; metric_series_dim_metric_id_idx",
                "histogram_dp_attrs_string; dp_id = #; histogram_data_points_p\\d+_pkey",
                "number_dp_exemplars; dp_id = #; exemplars_p\\d+_parent_id_idx",
                "number_dp_exemplars; trace_id = '\\x01'; exemplars_p\\d+_trace_id_idx",
                "exp_histogram_dp_exemplar_attrs_int; exemplar_id = #; exemplar_attrs_int_p\\d+_parent_id_idx",
                "quantile; dp_id = #; summary_quantiles_p\\d+_parent_id_idx",
                "metrics_fact; metric_id = 5; summary_data_points_p\\d+_series_id_timestamp_idx",
                "resource_attrs_unified; resource_id = 5; resource_attrs_bytes_pkey",
                "resource_attrs_other; attributes @> '{\"a\": 1}'; resource_attrs_other_attributes_idx",
                "metrics_dim; metric_identity_hash = 'x'; metrics_dim_metric_identity_hash_idx",
                "resource_dim_compat; id = 5; resources_dim_pkey",
            })
    void passesConditionsOnToAnIndex(String view, String condition, String index) throws Exception {
        // Of today, because no partition has another.
        String id = database.value("SELECT otel.id_at(now())");

        assertThat(plan("SELECT * FROM %s WHERE %s".formatted(view, condition.replace("#", id))))
                .containsPattern(index);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "spans_fact; id; spans_fact",
                "span_attrs_string; span_id; span_attrs_string",
                "logs_fact; id; logs_fact",
                "number_data_points; data_point_id; number_data_points",
                "metrics_fact; data_point_id; summary_data_points",
            })
    void readsThePartitionsOfABoundOnTheId(String view, String id, String table) throws Exception {
        String[] first = database.query(
                        "SELECT partition_name, to_id FROM otel.partitions WHERE table_name = '%s' ORDER BY from_id LIMIT 1"
                                .formatted(table))
                .get(0)
                .split("\\|");

        assertThat(plan("SELECT %2$s FROM %1$s WHERE %2$s < %3$s".formatted(view, id, first[1])))
                .contains(first[0]);
        assertThat(plan("SELECT %2$s FROM %1$s WHERE %2$s >= %3$s".formatted(view, id, first[1])))
                .doesNotContain(first[0]);
    }

    @Test
    void leavesOutTheJoinsThatAQueryDoesNotNeed() throws Exception {
        assertThat(plan("SELECT int_value FROM number_data_points")).doesNotContain("metric_series_dim");
        assertThat(plan("SELECT sum FROM metrics_fact")).doesNotContain("metric_series_dim");
        assertThat(plan("SELECT id FROM resource_dim_compat")).doesNotContain("resource_attrs");
    }

    @Test
    void isReadWithRightsToItAlone() throws Exception {
        database.execute(
                "CREATE ROLE seed_reader",
                "GRANT USAGE ON SCHEMA otel, otel_seed TO seed_reader",
                "GRANT SELECT ON ALL TABLES IN SCHEMA otel_seed TO seed_reader",
                "GRANT SELECT ON otel.attribute_keys TO seed_reader");

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET ROLE seed_reader");
            List<String> views = TestDatabase.query(
                    connection, "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'otel_seed'::regnamespace");
            assertThat(views).hasSizeGreaterThan(100);
            for (String view : views) {
                TestDatabase.query(connection, "SELECT * FROM otel_seed." + view);
            }
        }
    }

    private static String plan(String query) throws Exception {
        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET search_path = otel_seed", "SET enable_seqscan = off");
            return String.join("\n", TestDatabase.query(connection, "EXPLAIN " + query));
        }
    }
}
