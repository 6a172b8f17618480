package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Moving stored attributes between the catch-all and the typed tables, one call at a time. */
class PromoteAttributeITCase {

    /** What must be quoted, and what formats something. */
    private static final String KEY = "it's a \"key\" of 100 %s, 5%I\\n*not at the end";

    private static TestDatabase database;

    private static final List<String> TYPES = List.of("string", "int", "double", "bool", "bytes");

    /** A value, and the type that it can be promoted with. */
    private record Value(String json, String type) {}

    private static final List<Value> VALUES = List.of(
            new Value("\"text\"", "string"),
            new Value("\"\"", "string"),
            new Value("\"\u2400\\\\ \\\" \\u0001 \ud83d\ude00\"", "string"),
            new Value("\"" + "é".repeat(512) + "\"", "string"),
            new Value("\"" + "é".repeat(512) + "x\"", "none"),
            new Value("\"" + "x".repeat(1025) + "\"", "none"),
            new Value("{\"$string\": \"YQBi\"}", "none"),
            new Value("5", "int"),
            new Value("-9223372036854775808", "int"),
            new Value("9223372036854775808", "none"),
            new Value("10000000.0", "double"),
            new Value("0.0", "double"),
            new Value("-2.5", "double"),
            new Value("0.1", "double"),
            new Value("0." + "0".repeat(307) + "22250738585072014", "double"),
            new Value("17976931348623157" + "0".repeat(292) + ".0", "double"),
            new Value("{\"$double\": \"8000000000000000\"}", "double"),
            new Value("{\"$double\": \"7ff0000000000000\"}", "double"),
            new Value("{\"$double\": \"fff0000000000000\"}", "double"),
            new Value("{\"$double\": \"7ff8000000000000\"}", "double"),
            new Value("{\"$double\": \"7ff8000000000001\"}", "none"),
            new Value("{\"$double\": \"fff8000000000000\"}", "none"),
            new Value("{\"$double\": \"hello\"}", "none"),
            new Value("true", "bool"),
            new Value("false", "bool"),
            new Value("{\"$bytes\": \"AP8=\"}", "bytes"),
            new Value("{\"$bytes\": \"\"}", "bytes"),
            new Value("{\"$bytes\": \"" + "A".repeat(1366) + "==\"}", "bytes"),
            new Value("{\"$bytes\": \"" + "A".repeat(1367) + "=\"}", "none"),
            new Value("null", "none"),
            new Value("{\"$empty\": true}", "none"),
            new Value("[1, 2.50]", "none"),
            new Value("[\"text\"]", "none"),
            new Value("{\"a\": 1}", "none"),
            new Value("{\"$kvlist\": [[\"a\", 1], [\"a\", 2]]}", "none"),
            new Value("{\"$list\": [5, 5]}", "none"));

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions('2 days')");
    }

    @BeforeEach
    void empty() throws Exception {
        database.execute(Arrays.stream(AttributeOwners.values())
                .map(AttributeOwners::delete)
                .toArray(String[]::new));
        database.execute("TRUNCATE otel.attribute_changes");
    }

    @ParameterizedTest
    @EnumSource
    void movesWhatTheWriterWouldHavePromoted(AttributeOwners owners) throws Exception {
        fill(owners);
        List<String> attributes = database.query(owners.unified());
        List<String> catchAll = database.query(owners.catchAll());

        for (String type : TYPES) {
            long expected =
                    VALUES.stream().filter(value -> value.type().equals(type)).count() * 2;

            assertThat(promote(owners, type)).as(type).isEqualTo(expected);

            assertThat(database.query(owners.unified())).as(type).isEqualTo(attributes);
            assertThat(database.value("SELECT count(*), count(*) FILTER (WHERE key_id = otel.key_id(" + literal(KEY)
                            + ", '" + type + "')) FROM " + owners.typed(type)))
                    .isEqualTo(expected + "|" + expected);
            assertThat(promote(owners, type)).as(type + " again").isZero();
            assertThat(demote(owners)).as(type).isEqualTo(expected);
            assertThat(database.query(owners.catchAll())).as(type).isEqualTo(catchAll);
            assertThat(database.query(owners.unified())).as(type).isEqualTo(attributes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void movesValuesOfAllTypesBack(AttributeOwners owners) throws Exception {
        fill(owners);
        List<String> attributes = database.query(owners.unified());
        List<String> catchAll = database.query(owners.catchAll());
        long promoted = 0;
        for (String type : TYPES) {
            promoted += promote(owners, type);
        }
        assertThat(promoted)
                .isEqualTo(VALUES.stream()
                                .filter(value -> !value.type().equals("none"))
                                .count()
                        * 2);
        assertThat(database.query(owners.unified())).isEqualTo(attributes);
        assertThat(database.query(owners.catchAll())).hasSizeLessThan(catchAll.size());

        assertThat(demote(owners)).isEqualTo(promoted);

        assertThat(database.query(owners.catchAll())).isEqualTo(catchAll);
        assertThat(database.query(owners.unified())).isEqualTo(attributes);
        assertThat(demote(owners)).isZero();
    }

    @Test
    void leavesOtherKeysAndOtherContextsAlone() throws Exception {
        for (AttributeOwners owners : AttributeOwners.values()) {
            database.execute(
                    owners.insert(
                            "SELECT 1::bigint, '{\"a\": 1, \"b\": 1, \"$keys\": [[\"$a\", 1]], \"$fields\": {\"name\": \"YQA=\"}}'::jsonb"));
        }

        database.execute("CALL otel.promote_attribute('event', 'a', 'int')");

        for (AttributeOwners owners : AttributeOwners.values()) {
            assertThat(database.query("SELECT value FROM " + owners.typed("int")))
                    .as(owners.context())
                    .isEqualTo(owners == AttributeOwners.EVENT ? List.of("1") : List.of());
            assertThat(database.query(owners.catchAll()))
                    .as(owners.context())
                    .singleElement()
                    .asString()
                    .endsWith((owners == AttributeOwners.EVENT ? "|{" : "|{\"a\": 1, ")
                            + "\"b\": 1, \"$keys\": [[\"$a\", 1]], \"$fields\": {\"name\": \"YQA=\"}}");
        }
    }

    @Test
    void walksAllPartitions() throws Exception {
        database.execute(
                AttributeOwners.SPAN.insert(
                        "SELECT n + n % 3 * (86400::bigint << 32), jsonb_build_object('k', n) FROM generate_series(1, 100) AS n"));
        List<String> attributes = database.query(AttributeOwners.SPAN.unified());

        assertThat(database.value("CALL otel.promote_attribute('span', 'k', 'int', 21, 0)"))
                .isEqualTo("100");
        assertThat(database.query("SELECT tableoid::regclass FROM otel.span_attrs_int GROUP BY 1 HAVING count(*) > 30"))
                .hasSize(3);
        assertThat(database.query(AttributeOwners.SPAN.unified())).isEqualTo(attributes);
        assertThat(database.value("CALL otel.demote_attribute('span', 'k', 21, 0)"))
                .isEqualTo("100");
        assertThat(database.query(AttributeOwners.SPAN.unified())).isEqualTo(attributes);
        assertThat(database.value("CALL otel.drop_attribute('span', '*', 21, 0)"))
                .isEqualTo("100");
    }

    @Test
    void demotesAKeyThatTheCatchAllReserves() throws Exception {
        database.execute("SELECT otel.register_attribute_keys('{$k}', '{int}', '{t}')");
        for (AttributeOwners owners : AttributeOwners.values()) {
            database.execute(
                    owners.insert(
                            "VALUES (1::bigint, NULL::jsonb), (2, '{\"a\": 1}'), (3, '{\"$keys\": [[\"$j\", 1]]}')"),
                    "INSERT INTO " + owners.typed("int") + " SELECT " + owners.id()
                            + ", otel.key_id('$k', 'int'), 7 FROM " + owners.table());
            List<String> attributes = database.query(owners.unified());

            database.execute("CALL otel.demote_attribute('" + owners.context() + "', '$k')");

            assertThat(database.query(owners.unified())).isEqualTo(attributes).hasSize(5);
            assertThat(database.query(owners.catchAll()).stream().map(row -> row.substring(row.indexOf('|') + 1)))
                    .containsExactlyInAnyOrder(
                            "{\"$keys\": [[\"$k\", 7]]}",
                            "{\"a\": 1, \"$keys\": [[\"$k\", 7]]}",
                            "{\"$keys\": [[\"$j\", 1], [\"$k\", 7]]}");
        }
    }

    /** PostgreSQL writes the shortest digits, and a session may ask for fewer. */
    @Test
    void keepsTheBitsOfEveryDouble() throws Exception {
        database.execute(
                AttributeOwners.SPAN.insert(
                        "SELECT n, jsonb_build_object('k', otel.json_of_double((random() - 0.5) * 10::double precision ^ (n % 600 - 300))) FROM generate_series(1, 2000) AS n"));
        List<String> attributes = database.query(AttributeOwners.SPAN.unified());
        List<String> catchAll = database.query(AttributeOwners.SPAN.catchAll());

        try (Connection connection = database.connect()) {
            TestDatabase.execute(
                    connection,
                    "SET extra_float_digits = 0",
                    "CALL otel.promote_attribute('span', 'k', 'double')",
                    "CALL otel.demote_attribute('span', 'k')");
        }

        assertThat(database.query(AttributeOwners.SPAN.catchAll())).isEqualTo(catchAll);
        assertThat(database.query(AttributeOwners.SPAN.unified())).isEqualTo(attributes);
    }

    @Test
    void registersTheKeyAsThePolicyWould() throws Exception {
        database.execute(
                "SELECT otel.register_attribute_keys('{unindexed}', '{string}', '{f}')",
                "CALL otel.promote_attribute('span', 'unindexed', 'string')",
                "CALL otel.promote_attribute('span', 'new', 'string')");

        assertThat(
                        database.query(
                                "SELECT key, value_type, is_indexed FROM otel.attribute_keys WHERE key IN ('new', 'unindexed') ORDER BY key"))
                .containsExactly("new|string|t", "unindexed|string|f");
    }

    @Test
    void promotesAndDemotesUnderAnySearchPathAndSaysHowMany() throws Exception {
        database.execute(AttributeOwners.LOG.insert("SELECT n, '{\"k\": 1}'::jsonb FROM generate_series(1, 25) AS n"));

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET search_path = ''");
            assertThat(TestDatabase.query(connection, "CALL otel.promote_attribute('log', 'k', 'int', 10, 0)"))
                    .containsExactly("25");
            assertThat(TestDatabase.query(connection, "CALL otel.demote_attribute('log', 'k', batch_size => 7)"))
                    .containsExactly("25");
        }

        assertThat(
                        database.query(
                                "SELECT action, context, key, value_type, value_count, finished_at >= updated_at FROM otel.attribute_changes ORDER BY change_id"))
                .containsExactly("promote|log|k|int|25|t", "demote|log|k|null|25|t");
    }

    @Test
    void hasTheNameOfTheOriginalDocuments() throws Exception {
        database.execute(
                AttributeOwners.RESOURCE.insert("SELECT 1::bigint, '{\"k\": 1}'::jsonb"),
                "CALL otel_seed.promote_attribute('k', 'int')");

        assertThat(database.query("SELECT value FROM otel.resource_attrs_int")).containsExactly("1");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "promote_attribute('spans', 'k', 'int');unknown context: spans",
                "promote_attribute('span_event', 'k', 'int');unknown context: span_event",
                "promote_attribute(NULL, 'k', 'int');unknown context: NULL",
                "demote_attribute('spans_fact --', 'k');unknown context: spans_fact --",
                "drop_attribute('Span', 'k');unknown context: Span",
                "promote_attribute('span', 'k', 'text');unknown type: text",
                "promote_attribute('span', 'k', NULL);unknown type: NULL",
                "promote_attribute('span', '', 'int');a promoted key has 1 to 512 characters",
                "demote_attribute('span', NULL);the key must not be NULL",
                "promote_attribute('span', repeat('k', 513), 'int');a promoted key has 1 to 512 characters",
                "promote_attribute('span', '$k', 'int');a key that begins with $ stays in the catch-all",
                "promote_attribute('span', 'k', 'int', 0);batch_size must be positive",
                "promote_attribute('span', 'k', 'int', NULL);batch_size must be positive",
                "drop_attribute('span', 'k', pause_ms => -1);pause_ms not negative",
            })
    void refusesWhatItDoesNotKnow(String call, String message) throws Exception {
        assertThatThrownBy(() -> database.execute("CALL otel." + call))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(message)
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("22023");
        assertThat(database.query("SELECT FROM otel.attribute_changes")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"promote_attribute", "demote_attribute", "drop_attribute"})
    void refusesATransaction(String procedure) throws Exception {
        String call = "CALL otel." + procedure + "('span', 'k'" + (procedure.startsWith("promote") ? ", 'int')" : ")");

        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> TestDatabase.execute(connection, call))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining(procedure + " commits after each batch: call it outside a transaction")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("2D000");
        }
        assertThat(database.query("SELECT FROM otel.attribute_changes")).isEmpty();
    }

    /** Each value twice: alone, and beside other attributes. */
    private static void fill(AttributeOwners owners) throws SQLException {
        List<String> rows = new ArrayList<>(List.of("(0::bigint, NULL::jsonb)", "(1, '{\"other\": 1.50}')"));
        for (Value value : VALUES) {
            String json = literal(value.json());
            int n = rows.size();
            rows.add("(" + n + ", jsonb_build_object(" + literal(KEY) + ", " + json + "::jsonb))");
            rows.add(
                    "(" + (n + 1) + ", jsonb_build_object(" + literal(KEY) + ", " + json
                            + "::jsonb) || '{\"other\": 1.50, \"$keys\": [[\"$k\", 1.0]], \"$fields\": {\"name\": \"YQA=\"}}')");
        }
        database.execute(owners.insert("VALUES " + String.join(", ", rows)));
    }

    private static long promote(AttributeOwners owners, String type) throws SQLException {
        return Long.parseLong(database.value(
                "CALL otel.promote_attribute('" + owners.context() + "', " + literal(KEY) + ", '" + type + "', 5, 0)"));
    }

    private static long demote(AttributeOwners owners) throws SQLException {
        return Long.parseLong(
                database.value("CALL otel.demote_attribute('" + owners.context() + "', " + literal(KEY) + ", 7, 0)"));
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
