package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the original documents ask, under the names that they use, with nothing but {@code otel_seed} on the search path: of two
 * services with a trace, its log, metrics of every type, and a third service that is busy now.
 */
class OriginalQueriesITCase {

    private static final Map<String, String> VALUES =
            Map.of("string", "'x'", "int", "-7", "double", "1.5", "bool", "false", "bytes", "'\\x07'");

    private static TestDatabase database;

    @BeforeAll
    static void fill() throws Exception {
        database = TestDatabase.migrated();
        database.execute(
                "CALL otel.ensure_partitions('1 day')",
                "SELECT otel.register_attribute_keys('{v.d,v.b,v.y}', '{double,bool,bytes}', '{t,t,t}')",
                "SELECT otel.register_attribute_keys('{any,any,any,any,any}', '{string,int,double,bool,bytes}', '{t,t,t,t,t}')",
                "INSERT INTO otel.scopes_dim VALUES (1, now(), now(), 0, true, repeat('1', 64), 'io.lib', '', '')");
        fillDimensions();
        // Rows are numbered from there, so that they are told by a small number.
        database.execute("CREATE FUNCTION public.row(n integer) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN "
                + database.value("SELECT otel.id_at(now())") + " + n");
        fillSpans();
        fillLogs();
        fillPoints();
    }

    private static void fillDimensions() throws Exception {
        database.execute(
                """
                CALL otel.upsert_dimension('resource', 5, repeat('5', 64), '2026-11-20 10:00+00',
                    '{"present": true, "service_id": 60, "schema_url": "", "dropped_attributes_count": -1, "policy_dropped_count": 0, "policy_version": 1,
                      "service_name": "shop", "service_namespace": "eu", "service_version": "1.2", "service_instance_id": "pod-1", "environment": "production"}',
                    ARRAY[otel.key_id('service.name', 'string'), otel.key_id('host.name', 'string')], ARRAY['shop', 'h1'],
                    ARRAY[otel.key_id('process.pid', 'int')], ARRAY[9223372036854775807], ARRAY[otel.key_id('v.d', 'double')], ARRAY[2],
                    ARRAY[otel.key_id('v.b', 'bool')], ARRAY[true], ARRAY[otel.key_id('v.y', 'bytes')], ARRAY['\\x00ff'::bytea],
                    '{"cluster": "blue", "process.args": ["a", 1], "ratio": 1.5, "big": 18446744073709551615, "lost": {"$double": "7ff8000000000000"}}', NULL)
                """,
                "UPDATE otel.resources_dim SET last_seen = '2026-11-20 11:00+00'",
                resource(6, "billing", "{\"cluster\": \"green\"}"),
                resource(7, "busy", "{}"),
                resource(8, "busy", "{}"),
                """
                CALL otel.upsert_dimension('service', 60, repeat('60', 32), '2026-11-20 10:00+00', '{"name": "shop", "namespace": "eu"}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """,
                """
                CALL otel.upsert_dimension('operation', 80, repeat('80', 32), '2026-11-20 10:00+00', '{"service_id": 60, "name": "GET /cart", "span_kind": 2}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 10)
                """,
                """
                CALL otel.upsert_dimension('operation', 80, repeat('80', 32), '2026-11-20 12:00+00', '{"service_id": 60, "name": "GET /cart", "span_kind": 2}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 10)
                """,
                metric(
                        20,
                        "sales",
                        "{\"metric_type\": 7, \"unit\": \"1\", \"aggregation_temporality\": 2, \"is_monotonic\": true, \"description\": \"What was sold.\"}"),
                metric(
                        21,
                        "sales",
                        "{\"metric_type\": 7, \"unit\": \"1\", \"aggregation_temporality\": 2, \"is_monotonic\": true, \"description\": \"Sales.\"}"),
                metric(22, "temperature", "{\"metric_type\": 5, \"unit\": \"Cel\", \"description\": \"\"}"),
                metric(
                        23,
                        "latency",
                        "{\"metric_type\": 9, \"unit\": \"ms\", \"aggregation_temporality\": 1, \"description\": \"\"}"),
                metric(
                        24,
                        "size",
                        "{\"metric_type\": 10, \"unit\": \"By\", \"aggregation_temporality\": 2, \"description\": \"\"}"),
                metric(25, "wait", "{\"metric_type\": 11, \"unit\": \"s\", \"description\": \"\"}"),
                // Of the sales, one series is of another shelf; of each other metric there is one.
                series(30, 20, 5, "food"),
                series(31, 20, 5, "books"),
                series(32, 22, 5, "food"),
                series(33, 23, 6, "food"),
                series(34, 24, 6, "food"),
                series(35, 25, 6, "food"),
                series(36, 20, 6, "food"));
    }

    private static void fillSpans() throws Exception {
        database.execute(
                span(
                        1,
                        5,
                        "GET /cart",
                        2,
                        "'2026-11-20 10:00:00.000001+00', 999, 25000001",
                        "2, 'no stock'",
                        "'\\x01', NULL"),
                span(2, 5, "SELECT", 3, "'2026-11-20 10:00:00.001+00', 0, 10000500", "NULL, NULL", "'\\x02', '\\x01'"),
                // Ends before it starts, which counts as no time.
                span(3, 6, "charge", 3, "'2026-11-20 10:00:00+00', 0, -1", "1, ''", "'\\x03', '\\x01'"),
                span(4, 5, "SELECT", 3, "'2026-11-20 11:00:00+00', 0, 20000000", "2, ''", "'\\x04', '\\x01'"),
                // Has neither start nor end, and so takes part in no average.
                span(5, 5, "SELECT", 3, "NULL, NULL, 0", "0, ''", "'\\x05', '\\x01'"),
                span(6, 7, "POST /", 2, "now() - interval '1 minute', 0, 30000000", "2, ''", "'\\x06', NULL"),
                span(7, 8, "POST /", 2, "now() - interval '2 minutes', 0, 10000000", "0, ''", "'\\x07', NULL"),
                span(8, 7, "take", 5, "now() - interval '3 minutes', 0, 20000000", "0, ''", "'\\x08', NULL"),
                // No requests of the last hour: one is older, one is the service's own.
                span(9, 7, "POST /", 2, "now() - interval '2 hours', 0, 90000000", "0, ''", "'\\x09', NULL"),
                span(10, 7, "INSERT", 3, "now() - interval '1 minute', 0, 90000000", "0, ''", "'\\x0a', NULL"),
                "INSERT INTO otel.span_attrs_int VALUES (public.row(1), otel.key_id('http.response.status_code', 'int'), 500), "
                        + "(public.row(2), otel.key_id('http.response.status_code', 'int'), 200), (public.row(3), otel.key_id('server.port', 'int'), 550)",
                "INSERT INTO otel.span_attrs_string VALUES (public.row(1), otel.key_id('http.route', 'string'), '/cart'), "
                        + "(public.row(2), otel.key_id('http.route', 'string'), '/other'), (public.row(3), otel.key_id('db.name', 'string'), '/cart'), "
                        + "(public.row(1), otel.key_id('http.method', 'string'), 'GET')",
                "UPDATE otel.spans_fact SET attributes_other = '{\"http.request.method\": \"PUT\"}' WHERE id = public.row(4)",
                "INSERT INTO otel.span_events VALUES (public.row(101), public.row(1), '2026-11-20 10:00:00.02+00', -1, 7, 'exception', '{\"x\": 1}')",
                "INSERT INTO otel.span_events VALUES (public.row(102), public.row(2), NULL, 0, NULL, 'retry', NULL)",
                "INSERT INTO otel.span_event_attrs_string VALUES (public.row(101), otel.key_id('exception.type', 'string'), 'StockError')",
                "INSERT INTO otel.span_links VALUES (public.row(111), public.row(1), 1, 0, '\\xaa', '\\xbb', 'k=v', NULL)",
                "INSERT INTO otel.span_link_attrs_bool VALUES (public.row(111), otel.key_id('v.b', 'bool'), true)");
    }

    private static void fillLogs() throws Exception {
        database.execute(
                """
                INSERT INTO otel.logs_fact (id, resource_id, scope_id, service_id, timestamp, nanos_fraction, observed_timestamp, observed_nanos_fraction,
                    trace_id, span_id, severity_number, severity_text, event_name, body_type, body_str, body_int, flags, dropped_attributes_count)
                VALUES
                    (public.row(201), 5, 1, 60, '2026-11-20 10:00:00.01+00', 5, NULL, NULL, '\\x5b8e', '\\x01', 17, 'Fehler', '', 1, 'no stock', NULL, 0, 0),
                    (public.row(202), 5, 1, 60, NULL, NULL, '2026-11-20 10:00:00.02+00', 6, '\\x5b8e', '\\x02', 99, '', '', 3, NULL, 42, 0, 0),
                    (public.row(203), 5, 1, 60, '2026-11-20 10:00:00.03+00', 0, NULL, NULL, NULL, NULL, 9, '', '', NULL, NULL, NULL, 0, 0)
                """,
                "INSERT INTO otel.log_attrs_string VALUES (public.row(201), otel.key_id('exception.type', 'string'), 'StockError')");
    }

    private static void fillPoints() throws Exception {
        database.execute(
                """
                INSERT INTO otel.number_data_points (id, series_id, timestamp, nanos_fraction, start_timestamp, start_nanos_fraction, int_value, double_value, flags)
                VALUES
                    (public.row(301), 30, '2026-11-20 10:01+00', 1, '2026-11-20 09:00+00', 2, 10, NULL, -1),
                    (public.row(302), 30, '2026-11-20 10:02+00', 0, '2026-11-20 09:00+00', 0, 20, NULL, 0),
                    (public.row(303), 31, '2026-11-20 10:02+00', 0, '2026-11-20 09:00+00', 0, 1000, NULL, 0),
                    (public.row(304), 32, '2026-11-20 10:02+00', 0, NULL, NULL, NULL, 21.5, 0),
                    (public.row(305), 36, '2026-11-20 10:06+00', 0, NULL, NULL, 7, NULL, 0),
                    (public.row(306), -1, '2026-11-20 10:06+00', 0, NULL, NULL, 8, NULL, 0)
                """,
                "INSERT INTO otel.histogram_data_points (id, series_id, timestamp, nanos_fraction, count, sum, min, max, bucket_counts, explicit_bounds, flags) "
                        + "VALUES (public.row(311), 33, '2026-11-20 10:02+00', 0, -1, 12.5, 1, 9, '{1,-1}', '{5}', 0)",
                "INSERT INTO otel.exp_histogram_data_points (id, series_id, timestamp, nanos_fraction, count, scale, zero_count, zero_threshold, positive_offset, "
                        + "positive_bucket_counts, flags) VALUES (public.row(321), 34, '2026-11-20 10:02+00', 0, 4, 3, 1, 0.5, -2, '{1,2}', 0)",
                "INSERT INTO otel.summary_data_points (id, series_id, timestamp, nanos_fraction, count, sum, flags) "
                        + "VALUES (public.row(331), 35, '2026-11-20 10:02+00', 0, 2, 3.5, 0)",
                "INSERT INTO otel.summary_quantiles (parent_id, position, quantile, value) VALUES (public.row(331), 0, 0.5, 1), (public.row(331), 1, 0.99, 2.5)",
                """
                INSERT INTO otel.exemplars (id, parent_id, timestamp, nanos_fraction, int_value, double_value, trace_id, span_id, attributes_other) VALUES
                    (public.row(401), public.row(301), '2026-11-20 10:00:30+00', 3, 5, NULL, '\\x5b8e', '\\x01', '{"o": "number"}'),
                    (public.row(402), public.row(311), NULL, NULL, NULL, 0.5, NULL, NULL, '{"o": "histogram"}'),
                    (public.row(403), public.row(321), NULL, NULL, NULL, 0.25, NULL, NULL, '{"o": "exp_histogram"}')
                """,
                "INSERT INTO otel.exemplar_attrs_string SELECT id, otel.key_id('user.id', 'string'), attributes_other ->> 'o' FROM otel.exemplars");
    }

    @Test
    void findsTheSpansOfAService() throws Exception {
        assertThat(query("""
                        SELECT s.name FROM spans_fact s JOIN resources_dim r ON s.resource_id = r.resource_id
                        WHERE r.service_name = 'shop' ORDER BY s.id
                        """)).containsExactly("GET /cart", "SELECT", "SELECT", "SELECT");
    }

    @Test
    void findsThemByTypedAttribute() throws Exception {
        assertThat(query("""
                        SELECT s.name FROM spans_fact s
                        JOIN resource_attrs_string a ON a.resource_id = s.resource_id
                        JOIN attribute_keys k ON k.key_id = a.key_id
                        WHERE k.key = 'service.name' AND k.value_type = 'string' AND a.value = 'billing'
                        """)).containsExactly("charge");
    }

    @Test
    void unifiesTheAttributesOfAResource() throws Exception {
        assertThat(query("""
                        SELECT key, type, str_value, int_value, double_value, bool_value, bytes_value, other_value
                        FROM resource_attrs_unified WHERE resource_id = 5 ORDER BY key
                        """))
                .containsExactly(
                        // No column has that many bits, and none must overflow.
                        "big|int|null|null|null|null|null|18446744073709551615",
                        "cluster|string|blue|null|null|null|null|null",
                        "host.name|string|h1|null|null|null|null|null",
                        "lost|double|null|null|NaN|null|null|null",
                        "process.args|array|null|null|null|null|null|[\"a\", 1]",
                        "process.pid|int|null|9223372036854775807|null|null|null|null",
                        "ratio|double|null|null|1.5|null|null|null",
                        "service.name|string|shop|null|null|null|null|null",
                        "v.b|bool|null|null|null|t|null|null",
                        "v.d|double|null|null|2|null|null|null",
                        "v.y|bytes|null|null|null|null|\\x00ff|null");
    }

    @Test
    void findsResourcesByWhatTheirCatchAllContains() throws Exception {
        assertThat(query("""
                        SELECT r.service_name FROM resources_dim r JOIN resource_attrs_other o ON o.resource_id = r.resource_id
                        WHERE o.attributes @> '{"cluster": "green"}'
                        """)).containsExactly("billing");
    }

    @Test
    void findsSpansByTypedAttributes() throws Exception {
        assertThat(query("""
                        SELECT s.name, a.value FROM spans_fact s
                        JOIN span_attrs_int a ON a.span_id = s.id
                        JOIN attribute_keys k ON k.key_id = a.key_id
                        WHERE k.key = 'http.response.status_code' AND a.value >= 500 AND a.value < 600
                        """)).containsExactly("GET /cart|500");
        assertThat(query("""
                        SELECT s.name FROM spans_fact s
                        JOIN span_attrs_string a ON a.span_id = s.id
                        JOIN attribute_keys k ON k.key_id = a.key_id
                        WHERE k.key = 'http.route' AND a.value = '/cart'
                        """)).containsExactly("GET /cart");
    }

    @Test
    void hasEventsAndLinksOfASpanWithTheirAttributes() throws Exception {
        assertThat(query("""
                        SELECT e.name, e.time_timestamp = '2026-11-20 10:00:00.02+00', e.time_nanos_fraction, e.dropped_attributes_count, k.key, a.value, o.attributes
                        FROM spans_fact s
                        JOIN span_events e ON e.span_id = s.id
                        JOIN span_event_attrs_string a ON a.event_id = e.event_id
                        JOIN attribute_keys k ON k.key_id = a.key_id
                        LEFT JOIN span_event_attrs_other o ON o.event_id = e.event_id
                        WHERE s.name = 'GET /cart'
                        """)).containsExactly("exception|t|7|4294967295|exception.type|StockError|{\"x\": 1}");
        assertThat(query("""
                        SELECT l.linked_trace_id, l.linked_span_id, l.trace_state, l.flags, k.key, a.value
                        FROM spans_fact s
                        JOIN span_links l ON l.span_id = s.id
                        JOIN span_link_attrs_bool a ON a.link_id = l.link_id
                        JOIN attribute_keys k ON k.key_id = a.key_id
                        WHERE s.name = 'GET /cart'
                        """)).containsExactly("\\xaa|\\xbb|k=v|1|v.b|t");
    }

    @Test
    void hasTheLogOfATraceWithNames() throws Exception {
        assertThat(query("""
                        SELECT coalesce(l.time_timestamp, l.observed_timestamp) AT TIME ZONE 'UTC', n.name, t.name, l.body_str, l.body_int, a.value
                        FROM logs_fact l
                        LEFT JOIN log_severity_numbers n ON n.id = l.severity_number
                        LEFT JOIN log_body_types t ON t.id = l.body_type
                        LEFT JOIN log_attrs_string a ON a.log_id = l.id
                        WHERE l.trace_id = '\\x5b8e'
                        ORDER BY 1
                        """))
                .containsExactly(
                        "2026-11-20 10:00:00.01|ERROR|STRING|no stock|null|StockError",
                        "2026-11-20 10:00:00.02|null|INT|null|42|null");
    }

    @Test
    void findsPointsByMetricAndAttribute() throws Exception {
        assertThat(query("""
                        SELECT p.data_point_id - public.row(0), p.resource_id, p.scope_id, p.time_timestamp AT TIME ZONE 'UTC', p.time_nanos_fraction, p.int_value,
                            p.double_value, p.flags, t.name, p.is_monotonic
                        FROM number_data_points p
                        JOIN metrics_dim m ON m.metric_id = p.metric_id
                        JOIN number_dp_attrs_string a ON a.dp_id = p.data_point_id
                        JOIN attribute_keys k ON k.key_id = a.key_id
                        LEFT JOIN aggregation_temporalities t ON t.id = p.aggregation_temporality
                        WHERE m.name = 'sales' AND k.key = 'state' AND a.value = 'food' AND p.resource_id = 5
                        ORDER BY p.time_timestamp
                        """))
                .containsExactly(
                        "301|5|1|2026-11-20 10:01:00|1|10|null|4294967295|CUMULATIVE|t",
                        "302|5|1|2026-11-20 10:02:00|0|20|null|0|CUMULATIVE|t");
        assertThat(
                        query(
                                "SELECT double_value, aggregation_temporality, is_monotonic FROM number_data_points WHERE metric_id = 22"))
                .containsExactly("21.5|null|null");
        assertThat(query("SELECT int_value, metric_id, resource_id FROM number_data_points WHERE series_id = -1"))
                .as("a point whose series isn't there")
                .containsExactly("8|null|null");
    }

    @Test
    void hasHistogramsAndSummaries() throws Exception {
        assertThat(query("""
                        SELECT p.count, p.sum, p.min, p.max, p.bucket_counts, p.explicit_bounds, p.aggregation_temporality, a.value
                        FROM histogram_data_points p
                        JOIN metrics_dim m ON m.metric_id = p.metric_id
                        JOIN histogram_dp_attrs_string a ON a.dp_id = p.data_point_id
                        WHERE m.name = 'latency'
                        """)).containsExactly("18446744073709551615|12.5|1|9|{1,18446744073709551615}|{5}|1|food");
        assertThat(query("""
                        SELECT p.count, p.scale, p.zero_count, p.zero_threshold, p.positive_offset, p.positive_bucket_counts, p.negative_bucket_counts, a.value
                        FROM exp_histogram_data_points p
                        JOIN metrics_dim m ON m.metric_id = p.metric_id
                        JOIN exp_histogram_dp_attrs_string a ON a.dp_id = p.data_point_id
                        WHERE m.name = 'size'
                        """)).containsExactly("4|3|1|0.5|-2|{1,2}|null|food");
        assertThat(query("""
                        SELECT p.count, p.sum, q.quantile, q.value, a.value
                        FROM summary_data_points p
                        JOIN metrics_dim m ON m.metric_id = p.metric_id
                        JOIN quantile q ON q.dp_id = p.data_point_id
                        JOIN summary_dp_attrs_string a ON a.dp_id = p.data_point_id
                        WHERE m.name = 'wait' ORDER BY q.quantile
                        """)).containsExactly("2|3.5|0.5|1|food", "2|3.5|0.99|2.5|food");
    }

    @ParameterizedTest
    @CsvSource({"number,401,301", "histogram,402,311", "exp_histogram,403,321"})
    void hasTheExemplarsOfEachTypeOfPoint(String type, int exemplar, int point) throws Exception {
        assertThat(query("""
                        SELECT e.exemplar_id - public.row(0), e.dp_id - public.row(0), coalesce(e.int_value, e.double_value), a.value, o.attributes ->> 'o'
                        FROM %1$s_data_points p
                        JOIN %1$s_dp_exemplars e ON e.dp_id = p.data_point_id
                        JOIN %1$s_dp_exemplar_attrs_string a ON a.exemplar_id = e.exemplar_id
                        JOIN %1$s_dp_exemplar_attrs_other o ON o.exemplar_id = e.exemplar_id
                        """.formatted(type)))
                .singleElement()
                .asString()
                .matches("%d\\|%d\\|[0-9.]+\\|%s\\|%3$s".formatted(exemplar, point, type));
        assertThat(query(
                        "SELECT count(*) FROM %1$s_dp_exemplars UNION ALL SELECT count(*) FROM %1$s_dp_exemplar_attrs_string "
                                        .formatted(type)
                                + "UNION ALL SELECT count(*) FROM %s_dp_exemplar_attrs_unified".formatted(type)))
                .as("those of other types are left out")
                .containsExactly("1", "1", "2");
    }

    @Test
    void hasThePointsOfAllTypesInOneRelation() throws Exception {
        assertThat(query("""
                        SELECT t.name, count(*), sum(f.int_value), sum(f.double_value), sum(f.count), sum(f.sum), max(f.max), count(f.time_timestamp)
                        FROM metrics_fact f LEFT JOIN metric_types t ON t.id = f.metric_type
                        GROUP BY t.name ORDER BY t.name
                        """))
                .containsExactly(
                        "EXPONENTIAL_HISTOGRAM|1|null|null|4|null|null|1",
                        "GAUGE|1|null|21.5|null|null|null|1",
                        "HISTOGRAM|1|null|null|18446744073709551615|12.5|9|1",
                        "SUM|4|1037|null|null|null|null|4",
                        "SUMMARY|1|null|null|2|3.5|null|1",
                        "null|1|8|null|null|null|null|1");
    }

    @Test
    void findsTheVariantsOfAMetric() throws Exception {
        assertThat(query("""
                        SELECT v.description FROM metrics_dim m JOIN metrics_dim v ON v.metric_identity_hash = m.metric_identity_hash
                        WHERE m.metric_id = 20 ORDER BY v.metric_id
                        """)).containsExactly("What was sold.", "Sales.");
    }

    @Test
    void hasResourcesInTheOldForm() throws Exception {
        assertThat(
                        query(
                                "SELECT id, resource_hash = repeat('5', 64), first_seen AT TIME ZONE 'UTC', last_seen AT TIME ZONE 'UTC', attributes "
                                        + "FROM resource_dim_compat WHERE attributes -> 'service.name' ->> 'string_value' = 'shop'"))
                .containsExactly(
                        "5|t|2026-11-20 10:00:00|2026-11-20 11:00:00|{\"big\": {\"int_value\": 18446744073709551615}, \"v.b\": {\"bool_value\": true}, "
                                + "\"v.d\": {\"double_value\": 2.0}, \"v.y\": {\"bytes_value\": \"AP8=\"}, \"lost\": {\"double_value\": \"NaN\"}, "
                                + "\"ratio\": {\"double_value\": 1.5}, \"cluster\": {\"string_value\": \"blue\"}, \"host.name\": {\"string_value\": \"h1\"}, "
                                + "\"process.pid\": {\"int_value\": 9223372036854775807}, "
                                + "\"process.args\": {\"array_value\": {\"values\": [{\"string_value\": \"a\"}, {\"int_value\": 1}]}}, "
                                + "\"service.name\": {\"string_value\": \"shop\"}}");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"a\": \"x\"}; {\"a\": {\"string_value\": \"x\"}}",
                "{\"a\": {\"$string\": \"YQBi\"}}; {\"a\": {\"string_value\": \"a␀b\"}}",
                "{\"a\": {\"$double\": \"fff0000000000000\"}}; {\"a\": {\"double_value\": \"-Infinity\"}}",
                "{\"a\": {\"k\": [], \"l\": {}}}; {\"a\": {\"kvlist_value\": {\"values\": [{\"key\": \"k\", \"value\": {\"array_value\": {\"values\": []}}}, "
                        + "{\"key\": \"l\", \"value\": {\"kvlist_value\": {\"values\": []}}}]}}}",
                "{\"a\": {\"$kvlist\": [[\"k\", 1], [\"k\", 1.0]]}}; {\"a\": {\"kvlist_value\": {\"values\": [{\"key\": \"k\", \"value\": {\"int_value\": 1}}, "
                        + "{\"key\": \"k\", \"value\": {\"double_value\": 1.0}}]}}}",
                "{\"a\": null, \"b\": {\"$empty\": true}}; {\"a\": null, \"b\": {}}",
                "{\"a\": {\"$list\": [1, true]}}; {\"a\": {\"$list\": [{\"int_value\": 1}, {\"bool_value\": true}]}}",
                "{\"$keys\": [[\"$x\", 1]]}; {\"$x\": {\"int_value\": 1}}",
            })
    void tagsEveryType(String attributes, String tagged) throws Exception {
        assertThat(database.value("SELECT otel_seed.tagged_attributes('" + attributes + "')"))
                .isEqualTo(tagged);
    }

    @Test
    void countsOperationsAndAveragesThem() throws Exception {
        assertThat(query("""
                        SELECT service_name, operation_name, span_count, avg_duration FROM mv_top_operations_by_service
                        WHERE service_name IN ('shop', 'billing') ORDER BY span_count DESC, operation_name
                        """).stream().map(row -> row.replaceFirst("\\.0+$", "")))
                // (10,000,500 + 20,000,000) / 2: the third has no duration.
                .containsExactly("shop|SELECT|3|15000250", "shop|GET /cart|1|25000001", "billing|charge|1|0");
    }

    @Test
    void hasServicesAndOperationsThatWereSeen() throws Exception {
        assertThat(query("""
                        SELECT s.name, s.namespace, o.name, k.name, o.first_seen AT TIME ZONE 'UTC', o.last_seen AT TIME ZONE 'UTC', s.last_seen AT TIME ZONE 'UTC'
                        FROM service_dim s JOIN operation_dim o ON o.service_id = s.service_id JOIN span_kinds k ON k.id = o.span_kind
                        """))
                .containsExactly(
                        "shop|eu|GET /cart|SERVER|2026-11-20 10:00:00|2026-11-20 12:00:00|2026-11-20 10:00:00");
    }

    @Test
    void hasDurationEndAndStatusOfSpans() throws Exception {
        assertThat(query("""
                        SELECT s.name, s.duration_time_unix_nano, s.end_timestamp AT TIME ZONE 'UTC', s.end_nanos_fraction, c.name, s.status_status_message
                        FROM spans_fact s LEFT JOIN status_codes c ON c.id = s.status_code
                        WHERE s.trace_id = '\\x5b8e' AND s.id <= public.row(5) ORDER BY s.id
                        """))
                .containsExactly(
                        // 1,999 + 25,000,001 ns are a whole microsecond.
                        "GET /cart|25000001|2026-11-20 10:00:00.025002|0|ERROR|no stock",
                        "SELECT|10000500|2026-11-20 10:00:00.011|500|UNSET|null",
                        "charge|-1|2026-11-20 09:59:59.999999|999|OK|",
                        "SELECT|20000000|2026-11-20 11:00:00.02|0|ERROR|",
                        "SELECT|0|null|null|UNSET|");
    }

    @ParameterizedTest(name = "{0} + {1} ns, {2} ns long")
    @CsvSource({
        "2026-11-20 10:00:00.000001+00,     1,             998, 999",
        "2026-11-20 10:00:00+00,            0, 864000000000001, 1",
        "1970-01-01 00:00:01+00,            0,     -1000000000, null",
        "null,                           null,      5000000007, 7",
        "null,                           null,               0, null",
        // The last nanosecond that OTLP knows, 2^64 - 1, and beyond it.
        "2554-07-21 23:34:33.709551+00,   614,               1, 615",
        "1970-01-01 00:00:00+00,            1,              -2, 615",
        "2554-07-21 23:34:33.709551+00,   615,            2001, 0",
    })
    void hasTheNanosecondsOfAnEnd(String start, String fraction, long duration, String expected) throws Exception {
        assertThat(database.value(
                        "SELECT otel.end_nanos_of_span(nullif('%s', 'null')::timestamptz, nullif('%s', 'null')::smallint, %d)"
                                .formatted(start, fraction, duration)))
                .isEqualTo(expected);
    }

    @Test
    void overviewsTheServicesOfTheLastHour() throws Exception {
        assertThat(query("""
                        SELECT service_name, request_count, error_count, avg_response_time_ms, max_response_time_ms, active_instances FROM service_overview
                        WHERE service_name = 'busy'
                        """)).containsExactly("busy|3|1|20|30|2");
    }

    @Test
    void countsErrorsByHour() throws Exception {
        assertThat(query("""
                        SELECT hour AT TIME ZONE 'UTC', service_name, service_namespace, http_method, error_count, avg_duration_ms, p95_duration_ms, p99_duration_ms
                        FROM service_errors_hourly WHERE service_name = 'shop' ORDER BY hour
                        """))
                .containsExactly(
                        "2026-11-20 10:00:00|shop|eu|GET|1|25.000001|25.000001|25.000001",
                        "2026-11-20 11:00:00|shop|eu|PUT|1|20|20|20");
    }

    @Test
    void aggregatesAMetricInFiveMinutes() throws Exception {
        assertThat(query("""
                        SELECT bucket AT TIME ZONE 'UTC', service_name, avg_value, max_value, min_value, sample_count, unique_instances
                        FROM service_metrics_5min WHERE metric_name = 'sales' ORDER BY bucket
                        """))
                .containsExactly(
                        "2026-11-20 10:00:00|shop|343.3333333333333|1000|10|3|1",
                        "2026-11-20 10:05:00|billing|7|7|7|1|1");
    }

    @Test
    void hasTheSizesOfTables() throws Exception {
        assertThat(
                        query(
                                "SELECT partitions >= 2, total_bytes > 0 FROM table_sizes WHERE table_name = 'span_attrs_string'"))
                .containsExactly("t|t");
        assertThat(
                        query(
                                "SELECT table_name, partitions, total_bytes FROM table_sizes EXCEPT SELECT table_name, partitions, total_bytes FROM otel.table_sizes"))
                .isEmpty();
    }

    /** The types and owners that the queries above leave out. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "resource,              resource_id, resource,   5,               5",
        "scope,                 scope_id,    scope,      1,               1",
        "span,                  span_id,     span,       public.row(3),   public.row(3)",
        "span_event,            event_id,    span_event, public.row(101), public.row(101)",
        "span_link,             link_id,     span_link,  public.row(111), public.row(111)",
        "log,                   log_id,      log,        public.row(203), public.row(203)",
        "number_dp,             dp_id,       metric,     32,              public.row(304)",
        "histogram_dp,          dp_id,       metric,     33,              public.row(311)",
        "exp_histogram_dp,      dp_id,       metric,     34,              public.row(321)",
        "summary_dp,            dp_id,       metric,     35,              public.row(331)",
        "number_dp_exemplar,    exemplar_id, exemplar,   public.row(401), public.row(401)",
        "histogram_dp_exemplar, exemplar_id, exemplar,   public.row(402), public.row(402)",
        "exp_histogram_dp_exemplar, exemplar_id, exemplar, public.row(403), public.row(403)",
    })
    void hasAttributesOfEveryType(String context, String owner, String table, String stored, String shown)
            throws Exception {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            TestDatabase.execute(connection, "SET LOCAL search_path = otel_seed");
            for (Map.Entry<String, String> typed : VALUES.entrySet()) {
                TestDatabase.execute(
                        connection,
                        "INSERT INTO otel.%1$s_attrs_%2$s VALUES (%3$s, otel.key_id('any', '%2$s'), %4$s)"
                                .formatted(table, typed.getKey(), stored, typed.getValue()));

                assertThat(TestDatabase.query(
                                connection,
                                "SELECT a.%s = %s, a.value = %s FROM %s_attrs_%s a JOIN attribute_keys k ON k.key_id = a.key_id WHERE k.key = 'any'"
                                        .formatted(owner, shown, typed.getValue(), context, typed.getKey())))
                        .containsExactly("t|t");
            }
            assertThat(TestDatabase.query(
                            connection,
                            "SELECT type, coalesce(str_value, int_value::text, double_value::text, bool_value::text, bytes_value::text) "
                                    + "FROM %s_attrs_unified WHERE key = 'any' AND %s = %s ORDER BY type"
                                            .formatted(context, owner, shown)))
                    .containsExactly("bool|false", "bytes|\\x07", "double|1.5", "int|-7", "string|x");
            assertThat(TestDatabase.query(
                            connection,
                            "SELECT count(*) = (SELECT count(*) FROM %1$s_attrs_unified u WHERE u.key = 'o') FROM %1$s_attrs_other o WHERE o.attributes ? 'o' AND o.%2$s IS NOT NULL"
                                    .formatted(context, owner)))
                    .containsExactly("t");
        }
    }

    private static String resource(int id, String service, String other) {
        return """
                CALL otel.upsert_dimension('resource', %1$d, repeat('%1$d', 64), now(),
                    '{"present": true, "service_id": 60, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 0, "policy_version": 1, "service_name": "%2$s"}',
                    ARRAY[otel.key_id('service.name', 'string')], ARRAY['%2$s'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '%3$s', NULL)
                """.formatted(id, service, other);
    }

    /** One identity for each name. */
    private static String metric(int id, String name, String columns) {
        return """
                CALL otel.upsert_dimension('metric', %1$d, repeat('%1$d', 32), now(),
                    ('%3$s'::jsonb || '{"name": "%2$s", "metric_identity_hash": "of %2$s"}')::text, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """.formatted(id, name, columns);
    }

    private static String series(int id, int metric, int resource, String shelf) {
        return """
                CALL otel.upsert_dimension('series', %1$d, repeat('%1$d', 32), now(),
                    '{"metric_id": %2$d, "resource_id": %3$d, "scope_id": 1, "policy_dropped_count": 0, "policy_version": 1}',
                    ARRAY[otel.key_id('state', 'string')], ARRAY['%4$s'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """.formatted(id, metric, resource, shelf);
    }

    private static String span(int row, int resource, String name, int kind, String times, String status, String ids) {
        return """
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, name, kind, start_timestamp, start_nanos_fraction, duration_ns,
                    status_code, status_message, span_id, parent_span_id, trace_id, trace_state, flags, dropped_attributes_count, dropped_events_count, dropped_links_count)
                VALUES (public.row(%d), %d, 1, 60, 80, '%s', %d, %s, %s, %s, '\\x5b8e', '', 0, 0, 0, 0)
                """.formatted(row, resource, name, kind, times, status, ids);
    }

    private static List<String> query(String sql) throws Exception {
        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET search_path = otel_seed");
            return TestDatabase.query(connection, sql);
        }
    }
}
