package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each question twice: before and after folding. */
class ServiceViewsITCase {

    private static final Offset<Double> ONE_PERCENT_OF_100 = Offset.offset(1.0);

    private TestDatabase database;
    private long nextId;

    @BeforeEach
    void fill() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions()", "CALL otel.ensure_rollup_partitions()");
        nextId = Long.parseLong(database.value("SELECT otel.id_at(now())"));
        service(1, "'shop', 'eu', 'production', '1.0'");
        service(2, "'shop', 'eu', 'production', '1.1'");
        service(3, "'shop', 'eu', 'staging', '1.1'");
        service(4, "NULL, NULL, NULL, NULL");
        operation(11, 1, "GET /cart", 2);
        operation(21, 2, "GET /cart", 2);
        operation(22, 2, "SELECT", 3);
        operation(31, 3, "GET /cart", 2);
        operation(41, 4, "take", 5);
        try (Connection writer = database.connect()) {
            writer.setAutoCommit(false);
            long from = nextId;
            // 1 to 100 ms in two versions, and what is no request; long ago and ahead; a service without a row, and a
            // kind without a name.
            for (int n = 1; n <= 100; n++) {
                span(
                        writer,
                        n % 2 == 0 ? "1, 101, 11, 2" : "2, 201, 21, 2",
                        "now() - interval '" + n % 50 + " minutes'",
                        n * 1_000_000L,
                        n % 10 == 0 ? 2 : 1);
            }
            span(writer, "2, 202, 22, 3", "now() - interval '5 minutes'", 9_000_000_000L, 0);
            span(writer, "1, 101, 11, 2", "now() - interval '61 minutes'", 8_000_000_000L, 2);
            span(writer, "1, 101, 11, 2", "now() + interval '2 minutes'", 8_000_000_000L, 2);
            span(writer, "3, 301, 31, 2", "now() - interval '1 minute'", -5, 2);
            span(writer, "4, 401, 41, 5", "now() - interval '1 minute'", 2_000_000L, 2);
            span(writer, "5, 501, 51, 99", "now() - interval '1 minute'", 3_000_000L, 2);
            // Three operations that aren't admitted.
            for (int n = 0; n < 3; n++) {
                span(writer, "3, 302, " + (91 + n) + ", 1", "now() - interval '" + n + " minutes'", 1_000_000L, 0);
            }
            PartialRollups.write(writer, from, nextId);
            writer.commit();
        }
    }

    @Test
    void summarizesTheServicesOfTheLastHour() throws Exception {
        for (boolean isFolded : List.of(false, true)) {
            if (isFolded) {
                RandomSpans.fold(database);
            }
            assertThat(
                            database.query(
                                    "SELECT service_name, service_namespace, environment, request_count, error_count, error_rate, avg_ms, max_ms, active_instances FROM otel.service_overview ORDER BY request_count DESC, service_name, active_instances"))
                    .containsExactlyInAnyOrder(
                            "shop|eu|production|100|10|0.1|50.5|100|3",
                            "shop|eu|staging|1|1|1|0|0|2",
                            // The service without a name and the one without a row: who asks by name can't tell them
                            // apart.
                            "null|null|null|1|1|1|2|2|2");
            assertThat(number("SELECT p95_ms FROM otel.service_overview WHERE environment = 'production'"))
                    .isCloseTo(95, ONE_PERCENT_OF_100);
            // By 59 to 60 minutes.
            assertThat(number("SELECT requests_per_second FROM otel.service_overview WHERE environment = 'production'"))
                    .isBetween(100 / 3600.0, 100 / 3540.0);
        }
    }

    @Test
    void aServiceWithoutRequestsIsThere() throws Exception {
        database.execute("DELETE FROM otel.operation_rollup_partial WHERE span_kind IN (2, 5)");

        assertThat(
                        database.query(
                                "SELECT service_name, environment, request_count, requests_per_second, error_rate, avg_ms, max_ms, p95_ms, active_instances FROM otel.service_overview"))
                .contains("shop|production|0|0|null|null|null|null|1");
        assertThat(
                        database.query(
                                "SELECT service_version, request_count, requests_per_second, error_rate, p50_ms, active_instances FROM otel.service_versions WHERE environment = 'production'"))
                .contains("1.1|0|0|null|null|1");
    }

    @Test
    void listsTheOperationsOfTheLastHour() throws Exception {
        String columns =
                "service_name, environment, operation_name, span_kind, call_count, error_count, error_rate, avg_ms, total_ms, overflow_operations";
        assertThat(database.query("SELECT " + columns + " FROM otel.top_operations"))
                .containsExactlyInAnyOrder(
                        "shop|production|GET /cart|SERVER|100|10|0.1|50.5|5050|null",
                        "shop|production|SELECT|CLIENT|1|0|0|9000|9000|null",
                        "shop|staging|GET /cart|SERVER|1|1|1|0|0|null",
                        "null|null|take|CONSUMER|1|1|1|2|2|null",
                        "null|null|null|99|1|1|1|3|3|null",
                        "shop|staging|null|INTERNAL|3|0|0|1|3|null");

        RandomSpans.fold(database);

        assertThat(database.query("SELECT " + columns + " FROM otel.top_operations"))
                .containsExactlyInAnyOrder(
                        "shop|production|GET /cart|SERVER|100|10|0.1|50.5|5050|null",
                        "shop|production|SELECT|CLIENT|1|0|0|9000|9000|null",
                        "shop|staging|GET /cart|SERVER|1|1|1|0|0|null",
                        "null|null|take|CONSUMER|1|1|1|2|2|null",
                        "null|null|otel.overflow|UNSPECIFIED|1|1|1|3|3|1",
                        "shop|staging|otel.overflow|UNSPECIFIED|3|0|0|1|3|3");
        assertThat(number("SELECT p95_ms FROM otel.top_operations WHERE call_count = 100"))
                .isCloseTo(95, ONE_PERCENT_OF_100);
        assertThat(number("SELECT p99_ms FROM otel.top_operations WHERE call_count = 100"))
                .isCloseTo(99, ONE_PERCENT_OF_100);
        assertThat(number("SELECT p99_ms FROM otel.top_operations WHERE total_ms = 0"))
                .isZero();
        assertThat(number("SELECT calls_per_second FROM otel.top_operations WHERE call_count = 100"))
                .isBetween(100 / 3600.0, 100 / 3540.0);
    }

    @Test
    void quantilesAreThoseOfTheMergedSketches() throws Exception {
        RandomSpans.fold(database);

        assertThat(database.value("""
                                SELECT bool_and(abs(t.p95_ms * 1000000 - q.p95) <= 1e-9 * q.p95 AND abs(t.p99_ms * 1000000 - q.p99) <= 1e-9 * q.p99)
                                FROM otel.top_operations AS t
                                JOIN (
                                    SELECT sum(m.span_count) AS call_count, sum(m.duration_sum_ns) AS duration_sum_ns,
                                        otel.sketch_quantile(otel.merge_sketches(m.sketch_zero_count, m.sketch_bins, m.sketch_counts), 0.95) AS p95,
                                        otel.sketch_quantile(otel.merge_sketches(m.sketch_zero_count, m.sketch_bins, m.sketch_counts), 0.99) AS p99
                                    FROM otel.operation_minutes AS m
                                    WHERE m.operation_id IN (11, 21) AND m.window_start BETWEEN now() - interval '1 hour' AND now()
                                ) AS q ON q.call_count = t.call_count
                                """)).isEqualTo("t");
    }

    @Test
    void comparesTheVersionsOfAServiceOverADay() throws Exception {
        for (boolean isFolded : List.of(false, true)) {
            if (isFolded) {
                RandomSpans.fold(database);
            }
            // Of the version 1.0, with the span of an hour ago; the one that is ahead may be of this hour.
            assertThat(
                            database.query(
                                    "SELECT service_version, request_count, error_count, avg_ms, active_instances FROM otel.service_versions WHERE environment = 'production' AND service_version = '1.1'"))
                    .containsExactly("1.1|50|0|50|2");
            assertThat(number("SELECT request_count FROM otel.service_versions WHERE service_version = '1.0'"))
                    .isBetween(51.0, 52.0);
            assertThat(
                            number(
                                    "SELECT p50_ms FROM otel.service_versions WHERE environment = 'production' AND service_version = '1.1'"))
                    .isCloseTo(49, ONE_PERCENT_OF_100);
            assertThat(
                            number(
                                    "SELECT p99_ms FROM otel.service_versions WHERE environment = 'production' AND service_version = '1.1'"))
                    .isCloseTo(99, ONE_PERCENT_OF_100);
            assertThat(database.value("""
                                    SELECT bool_and(abs(requests_per_second - request_count / extract(epoch FROM least(now(), last_window + interval '1 hour') - first_window)) < 0.01
                                        AND first_window = date_trunc('hour', first_window, 'UTC') AND last_window BETWEEN first_window AND now())
                                    FROM otel.service_versions
                                    """)).isEqualTo("t");
            assertThat(
                            database.query(
                                    "SELECT service_name, service_version FROM otel.service_versions WHERE service_name IS NULL"))
                    .containsExactly("null|null", "null|null");
        }
    }

    @Test
    void readsNoSpan() throws Exception {
        for (String view : List.of("service_overview", "top_operations", "service_versions")) {
            assertThat(String.join("\n", database.query("EXPLAIN SELECT * FROM otel." + view)))
                    .doesNotContain("spans_fact");
        }
    }

    private void service(long id, String identity) throws SQLException {
        database.execute(
                "INSERT INTO otel.service_dim (service_id, first_seen, last_seen, service_hash, name, namespace, environment, version) VALUES (%d, now(), now(), 'hash of %1$d', %s)"
                        .formatted(id, identity));
    }

    private void operation(long id, long service, String name, int kind) throws SQLException {
        database.execute(
                "INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name) VALUES (%d, %d, now(), now(), %d, 'hash of %1$d', '%s')"
                        .formatted(id, service, kind, name));
    }

    /** @param identity service_id, resource_id, operation_id, kind */
    private void span(Connection writer, String identity, String start, long duration, int status) throws SQLException {
        TestDatabase.execute(writer, """
                INSERT INTO otel.spans_fact (id, scope_id, service_id, resource_id, operation_id, kind, start_timestamp, start_nanos_fraction, duration_ns,
                    status_code, trace_state, name, flags, dropped_attributes_count, dropped_events_count, dropped_links_count)
                VALUES (%d, 1, %s, %s, 0, %d, %d, '', '', 0, 0, 0, 0)
                """.formatted(nextId++, identity, start, duration, status));
    }

    private double number(String sql) throws SQLException {
        return Double.parseDouble(database.value(sql));
    }
}
