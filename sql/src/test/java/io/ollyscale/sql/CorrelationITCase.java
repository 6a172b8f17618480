package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans 1 to 4 of a trace, where 2 and 3 are children of 1, and one of another trace with the span ids of the first. */
class CorrelationITCase {

    private static TestDatabase database;

    @BeforeAll
    static void fill() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions('3 days')");
        database.execute("CREATE FUNCTION public.row(n integer) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN "
                + database.value("SELECT otel.id_at(now())") + " + n");
        for (int row = 1; row <= 5; row++) {
            database.execute(SpanRows.insertSpan("public.row(" + row + ")"));
        }
        for (int row = 11; row <= 15; row++) {
            database.execute(LogRows.insertLog("public.row(" + row + ")"));
        }
        database.execute(
                """
                UPDATE otel.spans_fact AS s SET name = v.name, trace_id = v.trace_id, span_id = v.span_id, parent_span_id = v.parent
                FROM (VALUES (1, 'a', '\\xaa'::bytea, '\\x01'::bytea, NULL), (2, 'b', '\\xaa', '\\x02', '\\x01'::bytea), (3, 'c', '\\xaa', '\\x03', '\\x01'),
                    (4, 'd', '\\xaa', '\\x04', '\\x02'), (5, 'e', '\\xbb', '\\x01', NULL)) AS v (n, name, trace_id, span_id, parent)
                WHERE s.id = public.row(v.n)
                """,
                """
                UPDATE otel.logs_fact AS l SET body_type = 1, body_str = v.body, trace_id = v.trace_id, span_id = v.span_id,
                    timestamp = v.time::timestamptz, nanos_fraction = v.nanos, observed_timestamp = v.observed::timestamptz, observed_nanos_fraction = v.observed_nanos
                FROM (VALUES
                    (11, 'third', '\\xaa'::bytea, '\\x02'::bytea, '2026-11-20 10:00:02+00', 2, NULL, NULL),
                    (12, 'first', '\\xaa', '\\x01', NULL, NULL, '2026-11-20 10:00:01+00', 9),
                    (13, 'second', '\\xaa', NULL, '2026-11-20 10:00:02+00', 1, '2026-11-20 09:00:00+00', 3),
                    (14, 'other', '\\xbb', '\\x01', '2026-11-20 10:00:00+00', 0, NULL, NULL),
                    (15, 'none', NULL, NULL, '2026-11-20 10:00:00+00', 0, NULL, NULL)
                ) AS v (n, body, trace_id, span_id, time, nanos, observed, observed_nanos)
                WHERE l.id = public.row(v.n)
                """,
                "INSERT INTO otel.span_links VALUES (public.row(21), public.row(5), 0, 0, '\\xaa', '\\x03', '', NULL), (public.row(22), public.row(5), 0, 0, '\\xcc', '\\x01', '', NULL)",
                "INSERT INTO otel.exemplars (id, parent_id, trace_id, span_id) VALUES (public.row(31), public.row(41), '\\xbb', '\\x01'), (public.row(32), public.row(41), '\\xbb', '\\x09')",
                "SELECT otel.register_attribute_keys('{http.method}', '{string}', '{t}')",
                "INSERT INTO otel.span_attrs_string VALUES (public.row(1), otel.key_id('http.method', 'string'), 'GET')");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'aa'", "'\\xAA'", "'\\xaa'::bytea", "'aa', now()", "'\\xaa'::bytea, now()"})
    void listsTheLogOfATraceInTheOrderOfTime(String arguments) throws Exception {
        assertThat(database.query("SELECT body FROM otel.trace_logs(" + arguments + ")"))
                .containsExactly("first", "second", "third");
    }

    @Test
    void looksForTheLogOfATraceAroundATime() throws Exception {
        assertThat(database.query("SELECT body FROM otel.trace_logs('aa', now() - interval '13 hours')"))
                .isEmpty();
        assertThat(plan("SELECT body FROM otel.trace_logs('aa', '2026-01-01 00:00+00')"))
                .as("partitions are left out, the function is inlined")
                .doesNotContain("logs_fact_p");
    }

    @Test
    void namesTheSpanOfALogRecord() throws Exception {
        assertThat(
                        database.query(
                                "SELECT log_id - public.row(0), name, id - public.row(0), http_method FROM otel.log_span ORDER BY 1"))
                .containsExactly("11|b|2|null", "12|a|1|GET", "14|e|5|null");
    }

    @Test
    void namesTheSpanThatALinkLeadsTo() throws Exception {
        assertThat(
                        database.query(
                                "SELECT link_id - public.row(0), parent_id - public.row(0), name, id - public.row(0) FROM otel.link_span"))
                .containsExactly("21|5|c|3");
    }

    @Test
    void namesTheSpanOfAnExemplar() throws Exception {
        assertThat(database.query(
                        "SELECT exemplar_id - public.row(0), parent_id - public.row(0), name FROM otel.exemplar_span"))
                .containsExactly("31|41|e");
    }

    @Test
    void listsTheChildrenOfASpan() throws Exception {
        assertThat(
                        database.query(
                                "SELECT parent_id - public.row(0), name, id - public.row(0) FROM otel.span_children ORDER BY id"))
                .containsExactly("1|b|2", "1|c|3", "2|d|4");
    }

    /** The tables are next to empty, so the planner is told to use an index where it can. */
    @ParameterizedTest(name = "{0} WHERE {1}")
    @CsvSource({
        "trace_logs('aa'), true, logs_fact_p\\d+_trace_id_idx, logs_fact_p\\d+_trace_id_idx",
        "log_span, log_id = public.row(11), logs_fact_p\\d+_pkey, spans_fact_p\\d+_trace_id_idx",
        "log_span, id = public.row(1), spans_fact_p\\d+_pkey, logs_fact_p\\d+_trace_id_idx",
        "link_span, link_id = public.row(21), span_links_p\\d+_pkey, spans_fact_p\\d+_trace_id_idx",
        "link_span, parent_id = public.row(5), span_links_p\\d+_parent_id_idx, spans_fact_p\\d+_trace_id_idx",
        "exemplar_span, exemplar_id = public.row(31), exemplars_p\\d+_pkey, spans_fact_p\\d+_trace_id_idx",
        "exemplar_span, parent_id = public.row(41), exemplars_p\\d+_parent_id_idx, spans_fact_p\\d+_trace_id_idx",
        "exemplar_span, id = public.row(1), spans_fact_p\\d+_pkey, exemplars_p\\d+_trace_id_idx",
        "span_children, parent_id = public.row(1), spans_fact_p\\d+_pkey, spans_fact_p\\d+_trace_id_idx",
        "span_children, id = public.row(2), spans_fact_p\\d+_pkey, spans_fact_p\\d+_trace_id_idx",
    })
    void findsByTheIndexesThatItsCommentNames(String relation, String condition, String first, String second)
            throws Exception {
        assertThat(plan("SELECT id FROM otel.%s WHERE %s".formatted(relation, condition)))
                .containsPattern(first)
                .containsPattern(second);
    }

    private static String plan(String query) throws Exception {
        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET enable_seqscan = off");
            return String.join("\n", TestDatabase.query(connection, "EXPLAIN " + query));
        }
    }
}
