package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The example queries of {@code ollyscale sql @name}, on a trace of a shop and its database that has just arrived. */
class ExamplesITCase {

    private static final Path DIRECTORY = Path.of("..", "jobs", "src", "main", "resources", "examples");

    private static TestDatabase database;
    private static TestDatabase empty;

    @BeforeAll
    static void migrate() throws Exception {
        empty = TestDatabase.migrated();
        database = TestDatabase.migrated();
        database.execute(
                "CALL otel.ensure_partitions('1 hour')",
                """
                CALL otel.upsert_dimension('resource', 5, repeat('5', 64), now(),
                    '{"present": true, "service_id": 6, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 0, "policy_version": 1, "service_name": "shop",
                      "service_version": "1.2", "service_instance_id": "pod-1", "environment": "production"}',
                    ARRAY[otel.key_id('host.name', 'string')], ARRAY['h1'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"o": [1]}', NULL)
                """,
                """
                CALL otel.upsert_dimension('service', 6, repeat('6', 64), now(), '{"name": "shop"}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('operation', 8, repeat('8', 64), now(), '{"service_id": "none"}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                // A request of 40 ms that calls a database twice, which fails the second time.
                """
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction, duration_ns,
                    trace_state, name, kind, flags, status_code, status_message, dropped_attributes_count, dropped_events_count, dropped_links_count,
                    trace_id, span_id, parent_span_id, attributes_other)
                SELECT otel.id_at(now()) + 10 * n, 5, 7, 6, 10 + n, now() + n * interval '5 ms', 0, 40000000 / n,
                    '', (ARRAY['GET /cart', 'SELECT', 'INSERT'])[n], (ARRAY[2, 3, 3])[n], 0, (ARRAY[NULL, 0, 2])[n], (ARRAY[NULL, '', ''])[n], 0, 0, 0,
                    '\\x5b8e', int4send(n), CASE WHEN n > 1 THEN int4send(1) END, '{"cart.items": 3}'
                FROM generate_series(1, 3) AS n
                """,
                """
                INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name)
                SELECT operation_id, service_id, now(), now(), kind, operation_id, name FROM otel.spans_fact
                """,
                "CALL otel.rebuild_rollups('-infinity', 'infinity')",
                "INSERT INTO otel.span_attrs_int SELECT id, otel.key_id('http.response.status_code', 'int'), 200 FROM otel.spans_fact WHERE kind = 2",
                "INSERT INTO otel.span_events SELECT id + 1, id, now(), 0, 0, 'exception', NULL FROM otel.spans_fact WHERE status_code = 2",
                "INSERT INTO otel.span_event_attrs_string SELECT id, otel.key_id('exception.type', 'string'), 'SqlError' FROM otel.span_events",
                "INSERT INTO otel.span_event_attrs_string SELECT id, otel.key_id('exception.message', 'string'), 'no space' FROM otel.span_events",
                // An error within the request, and a record that belongs to none and has no time of its own.
                """
                INSERT INTO otel.logs_fact (id, resource_id, scope_id, service_id, timestamp, nanos_fraction, observed_timestamp, observed_nanos_fraction,
                    trace_id, span_id, severity_number, severity_text, event_name, body_type, body_str, flags, dropped_attributes_count)
                SELECT otel.id_at(now()) + n, 5, 7, 6, CASE n WHEN 1 THEN now() END, CASE n WHEN 1 THEN 0 END, now(), 0,
                    CASE n WHEN 1 THEN '\\x5b8e'::bytea END, CASE n WHEN 1 THEN int4send(1) END, (ARRAY[17, 9])[n], '', '', 1, (ARRAY['no stock', 'hello'])[n], 0, 0
                FROM generate_series(1, 2) AS n
                """,
                "INSERT INTO otel.log_attrs_string SELECT id, otel.key_id('exception.type', 'string'), 'StockError' FROM otel.logs_fact WHERE severity_number = 17",
                // A counter of each temporality, a gauge, and a histogram; the variant of the gauge has another
                // description.
                """
                CALL otel.upsert_dimension('metric', 20, repeat('20', 32), now(), '{"metric_identity_hash": "a", "name": "sales", "metric_type": 7, "unit": "1",
                    "aggregation_temporality": 2, "is_monotonic": true, "description": ""}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('metric', 21, repeat('21', 32), now(), '{"metric_identity_hash": "b", "name": "requests", "metric_type": 7, "unit": "1",
                    "aggregation_temporality": 1, "is_monotonic": true, "description": ""}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('metric', 22, repeat('22', 32), now(), '{"metric_identity_hash": "c", "name": "temperature", "metric_type": 5, "unit": "Cel",
                    "description": "old"}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('metric', 24, repeat('24', 32), now(), '{"metric_identity_hash": "c", "name": "temperature", "metric_type": 5, "unit": "Cel",
                    "description": "new"}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('metric', 23, repeat('23', 32), now(), '{"metric_identity_hash": "d", "name": "latency", "metric_type": 9, "unit": "ms",
                    "aggregation_temporality": 1, "description": ""}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                DO $$ BEGIN FOR metric IN 20..24 LOOP
                    CALL otel.upsert_dimension('series', metric + 10, repeat((metric + 10)::text, 32), now(),
                        json_build_object('metric_id', metric, 'resource_id', 5, 'scope_id', 7, 'policy_version', 1, 'policy_dropped_count', 0)::text,
                        ARRAY[otel.key_id('state', 'string')], ARRAY['on'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
                END LOOP; END $$
                """,
                // 60 in a minute, then it begins anew and has 30 in another.
                """
                INSERT INTO otel.number_data_points (id, series_id, timestamp, nanos_fraction, start_timestamp, start_nanos_fraction, int_value, flags)
                SELECT otel.id_at(now()) + n, 30, timestamptz '2026-11-20 10:00+00' + n * interval '1 minute', 0,
                    timestamptz '2026-11-20 09:00+00' + n / 3 * interval '1 hour', 0, (ARRAY[10, 70, 30])[n], 0
                FROM generate_series(1, 3) AS n
                """,
                """
                INSERT INTO otel.number_data_points (id, series_id, timestamp, nanos_fraction, start_timestamp, start_nanos_fraction, double_value, flags) VALUES
                    (otel.id_at(now()) + 4, 31, '2026-11-20 10:00:10+00', 0, '2026-11-20 10:00:00+00', 0, 50, 0),
                    (otel.id_at(now()) + 5, 32, '2026-11-20 10:00:10+00', 0, NULL, NULL, 21.5, 0),
                    (otel.id_at(now()) + 6, 32, '2026-11-20 10:00:00+00', 0, NULL, NULL, 20.5, 0)
                """,
                "INSERT INTO otel.histogram_data_points (id, series_id, timestamp, nanos_fraction, count, sum, bucket_counts, explicit_bounds, flags) "
                        + "VALUES (otel.id_at(now()) + 7, 33, now(), 0, 100, 1200, '{50,40,10}', '{10,20}', 0)",
                "INSERT INTO otel.ingest_ledger (next_offset, safe_offset, generation, record_timestamp, partition_id, cluster_id, topic_id, topic, writer_id) "
                        + "VALUES (12, 10, 1, now() - interval '1 second', 0, 'c', 'i', 'otlp_spans', 'w')");
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(Path::getFileName).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void runsUnderAnySearchPath(Path example) throws Exception {
        for (TestDatabase store : List.of(empty, database)) {
            try (Connection connection = store.connect()) {
                TestDatabase.execute(connection, "SET search_path = ''", "SET default_transaction_read_only = on");
                List<String> rows = TestDatabase.query(connection, Files.readString(DIRECTORY.resolve(example)));
                if (store == database) {
                    assertThat(rows).isNotEmpty();
                }
            }
        }
    }

    /** What is older than the time that an example speaks of must not cost anything: only their partitions are read. */
    @ParameterizedTest
    @MethodSource("examples")
    void readsFactsOfABoundedTime(Path example) throws Exception {
        String query = Files.readString(DIRECTORY.resolve(example));

        if (query.matches("(?s).*otel\\.(spans|logs|metric_points|number_data_points)\\b.*")) {
            assertThat(query).contains(">= otel.id_at(now() - interval '");
            assertThat(String.join("\n", database.query("EXPLAIN " + query)))
                    .containsAnyOf("id >=", "Subplans Removed");
        }
    }

    @Test
    void tellsAServicesRequestsFromItsOtherSpans() throws Exception {
        assertThat(rows("service_overview"))
                .singleElement()
                .asString()
                .matches("shop\\|null\\|null\\|1\\|[0-9.]+\\|0\\|0.00\\|40.00\\|(39.[6-9]|40.[0-4])[0-9]\\|40.00\\|1");
    }

    @Test
    void countsEachOperation() throws Exception {
        assertThat(rows("top_operations"))
                .hasSize(3)
                .satisfiesExactly(
                        row -> assertThat(row)
                                .startsWith("shop|GET /cart|SERVER|1|0|40.00|")
                                .endsWith("|0.0|null"),
                        row -> assertThat(row).startsWith("shop|SELECT|CLIENT|1|0|20.00|"),
                        row -> assertThat(row).startsWith("shop|INSERT|CLIENT|1|1|13.33|"));
    }

    @Test
    void measuresServicesByMinuteAndVersion() throws Exception {
        assertThat(rows("service_minutes"))
                .singleElement()
                .asString()
                .matches(".*\\|shop\\|1\\|1\\|0\\|40.00\\|[34][09].[0-9]+\\|40.00");
        assertThat(rows("service_versions"))
                .singleElement()
                .asString()
                .startsWith("shop|null|null|")
                .endsWith("|1");
    }

    @Test
    void saysWhatAnErrorWas() throws Exception {
        assertThat(rows("errors")).singleElement().asString().endsWith("|shop|INSERT|no space|5b8e");
    }

    @Test
    void describesATrace() throws Exception {
        assertThat(rows("traces")).singleElement().asString().endsWith("|shop|GET /cart|3|1|1|40.00|5b8e");
        assertThat(rows("trace"))
                .containsExactly(
                        "GET /cart|shop|SERVER|0.00|40.00|UNSET|0|5b8e",
                        "  SELECT|shop|CLIENT|5.00|20.00|UNSET|0|5b8e",
                        "  INSERT|shop|CLIENT|10.00|13.33|ERROR|1|5b8e");
    }

    @Test
    void tellsWhereAttributesAreKept() throws Exception {
        assertThat(rows("attributes"))
                .containsExactly(
                        "cart.items|int|catch-all|3|100.0|3", "http.response.status_code|int|typed|1|33.3|200");
        assertThat(rows("resources"))
                .singleElement()
                .asString()
                .endsWith("|shop|production|1.2|pod-1|host.name=h1 o=[1]");
    }

    @Test
    void countsDimensionsAndWhatCouldNotBeOne() throws Exception {
        assertThat(rows("dimensions").stream().map(row -> row.replaceFirst("(\\|[0-9]+)\\|.*", "$1")))
                .containsExactlyInAnyOrder(
                        "resources|1",
                        "scopes|0",
                        "services|1",
                        "operations|3",
                        "metrics|5",
                        "series|5",
                        "refused operations|1");
    }

    @Test
    void countsLogRecordsBySeverity() throws Exception {
        assertThat(rows("logs_by_service").stream().map(row -> row.replaceFirst("\\|[^|]*$", "")))
                .containsExactly("shop|ERROR|1|50.0|1", "shop|INFO|1|50.0|0");
    }

    @Test
    void showsErrorsThatWereLoggedAndTheLogOfATrace() throws Exception {
        assertThat(rows("error_logs")).singleElement().asString().endsWith("|shop|ERROR|no stock|StockError|5b8e");
        assertThat(rows("trace_logs"))
                .singleElement()
                .asString()
                .endsWith("|shop|GET /cart|ERROR|no stock|{\"exception.type\": \"StockError\"}|5b8e");
    }

    @Test
    void countsTheSeriesOfEachMetric() throws Exception {
        assertThat(rows("metric_names").stream().map(row -> row.replaceFirst("\\|[^|]*\\|[^|]*$", "")))
                .containsExactly(
                        "latency|HISTOGRAM|ms|DELTA|null|1|1|1",
                        "requests|SUM|1|DELTA|t|1|1|1",
                        "sales|SUM|1|CUMULATIVE|t|1|1|1",
                        "temperature|GAUGE|Cel|null|null|2|1|1");
        assertThat(rows("series_cardinality"))
                .hasSize(5)
                .allMatch(row -> row.endsWith("|1|1|1|state 1"))
                .anyMatch(row -> row.startsWith("sales|"));
    }

    @Test
    void showsTheLatestValueOfEachSeries() throws Exception {
        assertThat(rows("metric_latest").stream().map(row -> row.replaceFirst("\\|[^|]*$", "")))
                .containsExactly(
                        "requests|shop|{\"state\": \"on\"}|50|1|SUM",
                        "sales|shop|{\"state\": \"on\"}|30|1|SUM",
                        "temperature|shop|{\"state\": \"on\"}|21.5|Cel|GAUGE");
    }

    @Test
    void ratesCountersOfBothTemporalities() throws Exception {
        assertThat(rows("counter_rate")).containsExactly("shop|requests|1|1|50|5.000", "shop|sales|1|1|90|0.750");
    }

    @Test
    void interpolatesWithinTheBucketsOfAHistogram() throws Exception {
        assertThat(rows("histogram_quantiles")).containsExactly("shop|latency|ms|1|100|12.000|10.000|20.000|20.000");
    }

    private static List<String> rows(String example) throws Exception {
        return database.query(Files.readString(DIRECTORY.resolve(example + ".sql")));
    }
}
