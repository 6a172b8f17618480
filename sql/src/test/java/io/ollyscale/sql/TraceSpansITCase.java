package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceSpansITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute(
                "CALL otel.ensure_partitions('3 days')",
                "SELECT otel.register_attribute_keys('{e.s}', '{string}', '{t}')");
    }

    @BeforeEach
    void noSpans() throws Exception {
        database.execute("TRUNCATE otel.spans_fact, otel.span_events, otel.span_event_attrs_string");
    }

    @Test
    void printsParentsBeforeChildrenAndChildrenByTheirStart() throws Exception {
        insert("d", "a", 9);
        insert("c", "b", 3);
        insert("b", "a", 2);
        insert("f", "d", 1);
        insert("a", null, 5);
        insert("e", "b", 2);

        assertThat(tree()).containsExactly("a", ". b", ". . e", ". . c", ". d", ". . f");
        assertThat(database.query("SELECT position FROM otel.trace_spans('5b8e') ORDER BY position"))
                .containsExactly("1", "2", "3", "4", "5", "6");
    }

    @Test
    void startsThatAreEqualAreInTheOrderOfArrival() throws Exception {
        insert("a", null, 5);
        insert("c", "a", 5);
        insert("b", "a", 5);
        database.execute("UPDATE otel.spans_fact SET start_nanos_fraction = 1 WHERE name = 'c'");

        assertThat(tree()).containsExactly("a", ". b", ". c");
    }

    @Test
    void aSpanWithoutStartIsTheLastOfItsSiblings() throws Exception {
        insert("a", null, 5);
        insert("b", "a", 5);
        insert("c", "a", 6);
        database.execute(
                "UPDATE otel.spans_fact SET start_timestamp = NULL, start_nanos_fraction = NULL WHERE name = 'b'");

        assertThat(tree()).containsExactly("a", ". c", ". b");
    }

    @Test
    void showsTwoRoots() throws Exception {
        insert("b", null, 2);
        insert("c", "b", 1);
        insert("a", null, 1);

        assertThat(tree()).containsExactly("a", "b", ". c");
    }

    @Test
    void aSpanWhoseParentIsMissingIsARoot() throws Exception {
        insert("a", null, 1);
        insert("b", "a", 4);
        insert("o", "missing", 2);
        insert("p", "o", 3);

        assertThat(tree()).containsExactly("a", ". b", "o?", ". p");
    }

    @Test
    void showsATraceWithoutAnyRoot() throws Exception {
        insert("b", "missing", 2);
        insert("a", "another", 1);

        assertThat(tree()).containsExactly("a?", "b?");
    }

    @Test
    void cutsACycleAtItsEarliestSpan() throws Exception {
        insert("a", null, 1);
        insert("x", "z", 3);
        insert("y", "x", 2);
        insert("z", "y", 4);
        // Hangs from the cycle, and begins before it.
        insert("w", "x", 1);

        assertThat(tree()).containsExactly("a", "y", ". z", ". . x", ". . . w");
    }

    @Test
    void showsEveryCycleOnce() throws Exception {
        insert("a", "b", 4);
        insert("b", "a", 3);
        insert("c", "d", 2);
        insert("d", "c", 1);
        insert("e", "e", 5);
        insert("f", "e", 6);

        assertThat(tree()).containsExactly("d", ". c", "b", ". a", "e", ". f");
    }

    @Test
    void ofTwoSpansWithOneIdTheFirstHasTheChildren() throws Exception {
        insert("a", null, 1);
        insert("b", "a", 3);
        insert("b", "a", 2);
        insert("c", "b", 4);

        assertThat(tree()).containsExactly("a", ". b", ". . c", ". b");
        assertThat(
                        database.query(
                                "SELECT start_timestamp = '2026-11-20 10:00:02+00' FROM otel.trace_spans('5b8e') WHERE position = 2"))
                .containsExactly("t");
    }

    @Test
    void aSpanMayHaveNoId() throws Exception {
        insert("a", null, 1);
        insert("b", null, 2);
        database.execute("UPDATE otel.spans_fact SET span_id = NULL");

        assertThat(tree()).containsExactly("a", "b");
    }

    /** A level of recursion for each, or a path as long as the tree is deep, would not end. */
    @Test
    void aChainOfManySpansEnds() throws Exception {
        database.execute("""
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction, duration_ns,
                    trace_state, name, kind, flags, dropped_attributes_count, dropped_events_count, dropped_links_count, trace_id, span_id, parent_span_id)
                SELECT otel.id_at(now()) + n, 1, 1, 1, 1, now(), 0, 1, '', 'GET /', 2, 0, 0, 0, 0, '\\x5b8e', int4send(n), int4send(n - 1)
                FROM generate_series(1, 20000) AS n
                """);

        assertThat(database.value(
                        "SELECT count(*), max(depth), bool_and(position = depth + 1) FROM otel.trace_spans('5b8e')"))
                .isEqualTo("20000|19999|t");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"'5b8e'", "'5B8E'", "'\\x5b8e'", "'5b8e'::text", "'\\x5b8e'::bytea", "decode('5b8e', 'hex')"})
    void takesTheIdAsTextAndAsBytes(String id) throws Exception {
        insert("a", null, 1);

        assertThat(database.query("SELECT name FROM otel.trace_spans(" + id + ")"))
                .containsExactly("a");
    }

    @Test
    void saysWhatIsNoHexadecimalNumber() {
        assertThatThrownBy(() -> database.query("SELECT * FROM otel.trace_spans('5b8g')"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
                .hasMessageContaining("hexadecimal");
    }

    @Test
    void anUnknownTraceHasNoSpans() throws Exception {
        insert("a", null, 1);

        assertThat(database.query("SELECT * FROM otel.trace_spans('5b')")).isEmpty();
        assertThat(database.query("SELECT * FROM otel.trace_spans(NULL::bytea)"))
                .isEmpty();
    }

    @Test
    void looksOnlyAroundATimeOfArrival() throws Exception {
        insert("now", null, 1);
        insert("later", null, 2);
        database.execute(
                "UPDATE otel.spans_fact SET id = otel.id_at(now() + interval '13 hours') WHERE name = 'later'");

        assertThat(database.query("SELECT name FROM otel.trace_spans('5b8e')")).containsExactly("now", "later");
        assertThat(database.query("SELECT name FROM otel.trace_spans('5b8e', now())"))
                .containsExactly("now");
        assertThat(database.query("SELECT name FROM otel.trace_spans('5b8e', around => now() + interval '2 hours')"))
                .containsExactly("now", "later");
        assertThat(database.query("SELECT name FROM otel.trace_spans('\\x5b8e'::bytea, now() + interval '14 hours')"))
                .containsExactly("later");
        assertThat(String.join(
                        "\n",
                        database.query("EXPLAIN SELECT name FROM otel.trace_spans('5b8e', now() + interval '2 days')")))
                .contains("Subplans Removed:")
                .doesNotContain("_attrs", "span_events", "scopes_dim");
    }

    @Test
    void hasTheEventsOfEachSpan() throws Exception {
        insert("a", null, 1);
        insert("b", "a", 2);
        database.execute(
                "INSERT INTO otel.span_events (id, parent_id, timestamp, nanos_fraction, name, dropped_attributes_count, attributes_other) "
                        + "SELECT id + n, id, '2026-11-20 10:00:00.5+00', 0, 'e' || n, 0, CASE n WHEN 1 THEN jsonb '{\"o\": 1, \"$fields\": {}}' END "
                        + "FROM otel.spans_fact, generate_series(1, 2) AS n WHERE name = 'b'",
                "INSERT INTO otel.span_event_attrs_string SELECT id, otel.key_id('e.s', 'string'), 'x' FROM otel.span_events WHERE name = 'e1'");

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET timezone = 'UTC'");
            assertThat(TestDatabase.query(connection, "SELECT events FROM otel.trace_spans('5b8e')"))
                    .containsExactly(
                            "[]",
                            "[{\"name\": \"e1\", \"timestamp\": \"2026-11-20T10:00:00.5+00:00\", \"attributes\": {\"o\": 1, \"e.s\": \"x\"}}, "
                                    + "{\"name\": \"e2\", \"timestamp\": \"2026-11-20T10:00:00.5+00:00\", \"attributes\": {}}]");
        }
    }

    @Test
    void passesOnWhatTheSpansViewShows() throws Exception {
        insert("a", null, 1);

        List<String> row = database.query("SELECT to_jsonb(t) FROM otel.trace_spans('5b8e') AS t");
        assertThat(database.query("SELECT to_jsonb(t) FROM (SELECT 1 AS position, 0 AS depth, false AS parent_missing, "
                        + "s.*, jsonb '[]' AS events FROM otel.spans AS s) AS t"))
                .singleElement()
                .satisfies(all -> assertThat(database.value("SELECT jsonb '" + all + "' @> jsonb '" + row.get(0) + "'"))
                        .isEqualTo("t"));
    }

    @Test
    void worksUnderAnySearchPath() throws Exception {
        insert("a", null, 1);

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET search_path = ''");
            assertThat(TestDatabase.query(connection, "SELECT * FROM otel.trace_spans('5b8e')"))
                    .hasSize(1);
        }
    }

    /** A span that is called as its id. */
    private static void insert(String name, String parent, int second) throws SQLException {
        database.execute(
                SpanRows.insertSpan("coalesce((SELECT max(id) + 10 FROM otel.spans_fact), otel.id_at(now()))"),
                "UPDATE otel.spans_fact SET name = '%s', trace_id = '\\x5b8e', span_id = '%1$s', parent_span_id = %s, start_nanos_fraction = 0, "
                                .formatted(name, parent == null ? "NULL" : "'" + parent + "'")
                        + "start_timestamp = timestamptz '2026-11-20 10:00+00' + %d * interval '1 s' WHERE trace_id IS NULL"
                                .formatted(second));
    }

    /** The names, indented; a question mark behind a span whose parent is missing. */
    private static List<String> tree() throws SQLException {
        return database.query(
                "SELECT repeat('. ', depth) || name || CASE WHEN parent_missing THEN '?' ELSE '' END FROM otel.trace_spans('5b8e')");
    }
}
