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
                SELECT otel.id_at(now()) + 10 * n, 5, 7, 6, 8, now() + n * interval '5 ms', 0, 40000000 / n,
                    '', (ARRAY['GET /cart', 'SELECT', 'INSERT'])[n], (ARRAY[2, 3, 3])[n], 0, (ARRAY[NULL, 0, 2])[n], (ARRAY[NULL, '', ''])[n], 0, 0, 0,
                    '\\x5b8e', int4send(n), CASE WHEN n > 1 THEN int4send(1) END, '{"cart.items": 3}'
                FROM generate_series(1, 3) AS n
                """,
                "INSERT INTO otel.span_attrs_int SELECT id, otel.key_id('http.response.status_code', 'int'), 200 FROM otel.spans_fact WHERE kind = 2",
                "INSERT INTO otel.span_events SELECT id + 1, id, now(), 0, 0, 'exception', NULL FROM otel.spans_fact WHERE status_code = 2",
                "INSERT INTO otel.span_event_attrs_string SELECT id, otel.key_id('exception.type', 'string'), 'SqlError' FROM otel.span_events",
                "INSERT INTO otel.span_event_attrs_string SELECT id, otel.key_id('exception.message', 'string'), 'no space' FROM otel.span_events",
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
    void readsSpansOfABoundedTime(Path example) throws Exception {
        String query = Files.readString(DIRECTORY.resolve(example));

        if (query.contains("otel.spans") && !example.toString().equals("newest_spans.sql")) {
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
                .matches("shop\\|null\\|production\\|1\\|[0-9.]+\\|0\\|0.00\\|40.00\\|40.00\\|40.00\\|1");
    }

    @Test
    void countsEachOperation() throws Exception {
        assertThat(rows("operations"))
                .containsExactly(
                        "shop|GET /cart|SERVER|1|0|40.00|40.00|40.00|0.0",
                        "shop|SELECT|CLIENT|1|0|20.00|20.00|20.00|0.0",
                        "shop|INSERT|CLIENT|1|1|13.33|13.33|13.33|0.0");
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
                        "resources|1", "scopes|0", "services|1", "operations|0", "refused operations|1");
    }

    private static List<String> rows(String example) throws Exception {
        return database.query(Files.readString(DIRECTORY.resolve(example + ".sql")));
    }
}
