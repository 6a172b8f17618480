package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributeViewsITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "\"text\";string|text|null|null|null|null|null",
                "-5;int|null|-5|null|null|null|null",
                "9223372036854775808;int|null|null|null|null|null|9223372036854775808",
                "10000000.0;double|null|null|10000000|null|null|null",
                "0.0;double|null|null|0|null|null|null",
                "1.5e400;int|null|null|null|null|null|15" + "ZEROS",
                "false;bool|null|null|null|f|null|null",
                "null;null|null|null|null|null|null|null",
                "{\"$empty\":true};empty|null|null|null|null|null|{\"$empty\": true}",
                "[1,\"a\"];array|null|null|null|null|null|[1, \"a\"]",
                "{\"a\":{\"b\":1}};kvlist|null|null|null|null|null|{\"a\": {\"b\": 1}}",
                "{\"$kvlist\":[[\"a\",1],[\"a\",2]]};kvlist|null|null|null|null|null|{\"$kvlist\": [[\"a\", 1], [\"a\", 2]]}",
                "{\"$list\":[1,2]};list|null|null|null|null|null|{\"$list\": [1, 2]}",
                "{\"$bytes\":\"AP8=\"};bytes|null|null|null|null|\\x00ff|null",
                "{\"$bytes\":\"AP8\"};bytes|null|null|null|null|null|{\"$bytes\": \"AP8\"}",
                "{\"$double\":\"7ff8000000000001\"};double|null|null|NaN|null|null|null",
                "{\"$double\":\"7ff0000000000000\"};double|null|null|Infinity|null|null|null",
                "{\"$double\":\"fff0000000000000\"};double|null|null|-Infinity|null|null|null",
                "{\"$double\":\"8000000000000000\"};double|null|null|-0|null|null|null",
                "{\"$double\":\"hello\"};double|null|null|null|null|null|{\"$double\": \"hello\"}",
                "{\"$string\":\"YQBi4oKs\"};string|a\u2400b€|null|null|null|null|null",
            })
    void readsAValueOfTheCatchAll(String json, String expected) throws Exception {
        assertThat(database.value(
                        "SELECT type, str_value, int_value, double_value, bool_value, bytes_value, other_value FROM otel.catch_all_entries('{\"k\": "
                                + json + "}')"))
                .isEqualTo(expected.replace("ZEROS", "0".repeat(399)));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"4.9e-324, 5e-324", "1.7976931348623157e308, 1.7976931348623157e+308", "1e-324, null"})
    void readsDoublesToTheEndsOfTheirRange(String json, String expected) throws Exception {
        assertThat(database.value("SELECT otel.catch_all_double('" + json + "')"))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "0;0.0",
                "1e7;10000000.0",
                "-2.5e-7;-0.00000025",
                "0.1;0.1",
                "9007199254740993;9007199254740992.0",
                "1.7976931348623157e308;17976931348623157" + "ZEROS.0",
                "-0;{\"$double\": \"8000000000000000\"}",
                "NaN;{\"$double\": \"7ff8000000000000\"}",
                "Infinity;{\"$double\": \"7ff0000000000000\"}",
                "-Infinity;{\"$double\": \"fff0000000000000\"}",
            })
    void writesADoubleAsTheCatchAllDoes(String value, String json) throws Exception {
        assertThat(database.value("SELECT otel.json_of_double('" + value + "')"))
                .isEqualTo(json.replace("ZEROS", "0".repeat(292)));
    }

    @Test
    void readsEveryDoubleThatItWrites() throws Exception {
        assertThat(database.query("""
                                SELECT v FROM (
                                    SELECT unnest(ARRAY[5e-324, 2.2250738585072014e-308, 1e-7, 1e22, 1e23, 'NaN', '-0', 'Infinity']::double precision[])
                                    UNION ALL SELECT random() * 10 ^ n FROM generate_series(-300, 300) AS n
                                ) AS d (v)
                                WHERE float8send(otel.catch_all_double(otel.json_of_double(v))) <> float8send(v)
                                    OR otel.catch_all_type(otel.json_of_double(v)) <> 'double'
                                """)).isEmpty();
    }

    @Test
    void readsTheBytesThatItWrites() throws Exception {
        assertThat(database.query("""
                                SELECT b FROM (SELECT decode(repeat('00ff7f', n), 'hex') FROM generate_series(0, 100) AS n) AS d (b)
                                WHERE otel.catch_all_bytes(otel.json_of_bytes(b)) IS DISTINCT FROM b
                                """)).isEmpty();
        assertThat(database.value("SELECT otel.json_of_bytes(NULL), otel.json_of_double(NULL)"))
                .isEqualTo("null|null");
    }

    @Test
    void expandsReservedKeysAndLeavesFieldsOut() throws Exception {
        assertThat(database.query("""
                                SELECT key, int_value FROM otel.catch_all_entries(
                                    '{"a": 1, "$keys": [["$b", 2], [{"$string": "YwA="}, 3]], "$fields": {"name": "bmFtZQA="}}') ORDER BY 2
                                """)).containsExactly("a|1", "$b|2", "c\u2400|3");
    }

    @Test
    void survivesACatchAllThatIsNotWhatTheWriterWrites() throws Exception {
        assertThat(database.query("""
                                SELECT e.* FROM (VALUES (jsonb '[1]'), ('5'), ('{"$keys": 5}'), (NULL)) AS v (attributes)
                                CROSS JOIN LATERAL otel.catch_all_entries(attributes) AS e
                                """)).isEmpty();
    }

    @Test
    void unifiesTypedTablesAndCatchAllOfSpansEventsAndLinks() throws Exception {
        database.execute(
                "CALL otel.ensure_partitions('1 second')",
                "SELECT otel.register_attribute_keys('{v.s,v.y}', '{string,bytes}', '{t,t}')",
                SpanRows.insertSpan("otel.id_at(now())"),
                "UPDATE otel.spans_fact SET attributes_other = '{\"o\": 1}'",
                "INSERT INTO otel.span_events (id, parent_id, name, dropped_attributes_count, attributes_other) SELECT id + 1, id, 'e', 0, '{\"o\": 2}' FROM otel.spans_fact",
                "INSERT INTO otel.span_links (id, parent_id, trace_state, flags, dropped_attributes_count, attributes_other) SELECT id + 2, id, '', 0, 0, '{\"o\": 3}' FROM otel.spans_fact",
                "INSERT INTO otel.span_attrs_string SELECT id, otel.key_id('v.s', 'string'), 'x' FROM otel.spans_fact",
                "INSERT INTO otel.span_event_attrs_bytes SELECT id, otel.key_id('v.y', 'bytes'), '\\x01' FROM otel.span_events",
                "INSERT INTO otel.span_link_attrs_string SELECT id, otel.key_id('v.s', 'string'), 'y' FROM otel.span_links",
                // No row must vanish for want of a key.
                "INSERT INTO otel.span_link_attrs_int SELECT id, -1, 4 FROM otel.span_links");
        String columns = " key, type, str_value, int_value, bytes_value ";

        assertThat(database.query("SELECT" + columns
                        + "FROM otel.span_attrs_unified JOIN otel.spans_fact ON id = parent_id ORDER BY key"))
                .containsExactly("o|int|null|1|null", "v.s|string|x|null|null");
        assertThat(
                        database.query(
                                "SELECT" + columns
                                        + "FROM otel.span_event_attrs_unified JOIN otel.span_events AS e ON e.id = span_event_attrs_unified.parent_id ORDER BY key"))
                .containsExactly("o|int|null|2|null", "v.y|bytes|null|null|\\x01");
        assertThat(
                        database.query(
                                "SELECT" + columns
                                        + "FROM otel.span_link_attrs_unified JOIN otel.span_links AS l ON l.id = span_link_attrs_unified.parent_id ORDER BY key"))
                .containsExactly("o|int|null|3|null", "v.s|string|y|null|null", "null|int|null|4|null");
        assertThat(database.value(
                        "SELECT attributes FROM otel.span_attrs_other JOIN otel.spans_fact ON id = parent_id"))
                .isEqualTo("{\"o\": 1}");
    }

    @Test
    void unifiesTypedTablesAndCatchAllOfLogsAndExemplars() throws Exception {
        database.execute(
                "CALL otel.ensure_partitions('1 second')",
                "SELECT otel.register_attribute_keys('{l.s,l.d}', '{string,double}', '{t,t}')",
                LogRows.insertLog("otel.id_at(now())"),
                "UPDATE otel.logs_fact SET attributes_other = '{\"o\": 1, \"$fields\": {}}'",
                "INSERT INTO otel.log_attrs_string SELECT id, otel.key_id('l.s', 'string'), 'x' FROM otel.logs_fact",
                "INSERT INTO otel.exemplars (id, parent_id, attributes_other) VALUES (otel.id_at(now()) + 1, otel.id_at(now()), '{\"o\": 2}')",
                "INSERT INTO otel.exemplar_attrs_double SELECT id, otel.key_id('l.d', 'double'), 'NaN' FROM otel.exemplars");
        String columns = " a.key, a.type, a.str_value, a.int_value, a.double_value ";

        assertThat(
                        database.query(
                                "SELECT" + columns
                                        + "FROM otel.log_attrs_unified AS a JOIN otel.logs_fact AS l ON l.id = a.parent_id ORDER BY key"))
                .containsExactly("l.s|string|x|null|null", "o|int|null|1|null");
        assertThat(
                        database.query(
                                "SELECT" + columns
                                        + "FROM otel.exemplar_attrs_unified AS a JOIN otel.exemplars AS e ON e.id = a.parent_id ORDER BY key"))
                .containsExactly("l.d|double|null|null|NaN", "o|int|null|2|null");
        assertThat(
                        database.value(
                                "SELECT attributes FROM otel.exemplar_attrs_other AS a JOIN otel.exemplars AS e ON e.id = a.parent_id"))
                .isEqualTo("{\"o\": 2}");
    }
}
