package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Semantic conventions and those that they replaced, as one column of the readable views. */
class ConventionColumnsITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions('3 days')");
    }

    @BeforeEach
    void oneOfEach() throws Exception {
        database.execute(
                "TRUNCATE otel.spans_fact, otel.span_attrs_string, otel.span_attrs_int, otel.logs_fact, otel.log_attrs_string, otel.log_attrs_int, "
                        + "otel.number_data_points, otel.metric_series_dim CASCADE",
                SpanRows.insertSpan("otel.id_at(now())"),
                LogRows.insertLog("otel.id_at(now())"),
                "INSERT INTO otel.metric_series_dim VALUES (9, 8, 5, 7, now(), now(), 1, 0, 'x')",
                "INSERT INTO otel.number_data_points (id, series_id, flags) VALUES (otel.id_at(now()), 9, 0)");
    }

    /** Whoever could read these views before they had these columns still can. */
    @Test
    void areReadWithRightsToTheViewsAlone() throws Exception {
        database.execute(
                "DROP ROLE IF EXISTS convention_reader",
                "CREATE ROLE convention_reader",
                "GRANT USAGE ON SCHEMA otel TO convention_reader",
                "GRANT SELECT ON otel.spans, otel.logs, otel.metric_points TO convention_reader");
        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET ROLE convention_reader");
            for (String view : new String[] {"spans", "logs", "metric_points"}) {
                assertThat(TestDatabase.query(connection, "SELECT * FROM otel." + view))
                        .hasSize(1);
            }
        } finally {
            database.execute("DROP OWNED BY convention_reader", "DROP ROLE convention_reader");
        }
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "http_method; {\"http.request.method\": \"GET\"}; GET",
                "http_method; {\"http.method\": \"GET\"}; GET",
                "http_method; {\"http.method\": \"GET\", \"http.request.method\": \"PUT\"}; PUT",
                "http_method; {\"http.method\": \"\"}; ``",
                "http_status_code; {\"http.response.status_code\": 200}; 200",
                "http_status_code; {\"http.status_code\": 404}; 404",
                "url; {\"url.full\": \"http://a/b\", \"http.url\": \"http://c\", \"url.path\": \"/b\"}; http://a/b",
                "url; {\"http.url\": \"http://c\", \"url.path\": \"/b\"}; http://c",
                "url; {\"url.path\": \"/b\", \"url.query\": \"x=1\", \"http.target\": \"/t\"}; /b?x=1",
                "url; {\"url.path\": \"/b\", \"url.query\": \"\"}; /b",
                "url; {\"http.target\": \"/t?x\", \"url.query\": \"x=1\"}; /t?x",
                "db_system; {\"db.system.name\": \"postgresql\", \"db.system\": \"other_sql\"}; postgresql",
                "db_system; {\"db.system\": \"mysql\"}; mysql",
                "db_name; {\"db.namespace\": \"a\"}; a",
                "db_name; {\"db.name\": \"b\"}; b",
                "db_statement; {\"db.query.text\": \"SELECT 1\"}; SELECT 1",
                "db_statement; {\"db.statement\": \"SELECT 2\"}; SELECT 2",
                "peer_service; {\"service.peer.name\": \"a\", \"peer.service\": \"b\"}; a",
                "peer_service; {\"peer.service\": \"b\"}; b",
            })
    void areTheSameWhicheverTierHoldsThem(String column, String attributes, String expected) throws Exception {
        String type = column.equals("http_status_code") ? "int" : "string";
        // What the default policy doesn't promote.
        database.execute("SELECT otel.register_attribute_keys('{service.peer.name}', '{string}', '{t}')");
        for (View view : View.values()) {
            for (Tier tier : Tier.values()) {
                try (Connection connection = database.connect()) {
                    connection.setAutoCommit(false);
                    TestDatabase.execute(connection, view.catchAll(attributes), view.move(type, tier));

                    assertThat(TestDatabase.query(connection, "SELECT %s FROM otel.%s".formatted(column, view)))
                            .as("%s, %s", view, tier)
                            .containsExactly(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "http_status_code; {\"http.status_code\": \"200\"}",
                "http_status_code; {\"http.status_code\": 200.0}",
                "http_status_code; {\"http.status_code\": 18446744073709551615}",
                "http_status_code; {\"http.status_code\": {\"$list\": [200, 201]}}",
                "http_status_code; {\"http.status_code\": {\"$double\": \"7ff8000000000000\"}}",
                "http_status_code; {\"http.status_code\": null}",
                "http_method; {\"http.method\": 1}",
                "http_method; {\"http.method\": {\"$bytes\": \"AA==\"}}",
                "http_method; {}",
            })
    void areNullWhereTheTypeIsAnother(String column, String attributes) throws Exception {
        for (View view : View.values()) {
            database.execute(view.catchAll(attributes));

            assertThat(database.query("SELECT %s FROM otel.%s".formatted(column, view)))
                    .containsExactly("null");
        }
    }

    @Test
    void aTypedValueOfAnotherTypeIsNotCoerced() throws Exception {
        database.execute("SELECT otel.register_attribute_keys('{http.status_code}', '{string}', '{t}')");
        database.execute(
                "INSERT INTO otel.span_attrs_string SELECT id, otel.key_id('http.status_code', 'string'), '200' FROM otel.spans_fact");

        assertThat(database.value("SELECT http_status_code, attributes FROM otel.spans"))
                .isEqualTo("null|{\"http.status_code\": \"200\"}");
    }

    @Test
    void costNothingWhereTheyAreNotSelected() throws Exception {
        for (View view : View.values()) {
            assertThat(String.join("\n", database.query("EXPLAIN SELECT id, attributes IS NULL FROM otel." + view)))
                    .contains("attrs_string");
            assertThat(String.join("\n", database.query("EXPLAIN SELECT id FROM otel." + view)))
                    .doesNotContain("attrs_");
        }
    }

    private enum View {
        SPANS("span_attrs", "spans_fact", "id"),
        LOGS("log_attrs", "logs_fact", "id"),
        METRIC_POINTS("metric_attrs", "metric_series_dim", "series_id");

        private final String tables;
        private final String owners;
        private final String id;

        View(String tables, String owners, String id) {
            this.tables = tables;
            this.owners = owners;
            this.id = id;
        }

        /** Has these attributes in the catch-all. */
        String catchAll(String attributes) {
            return this == METRIC_POINTS
                    ? "INSERT INTO otel.metric_attrs_other VALUES (9, '%s')".formatted(attributes)
                    : "UPDATE otel.%s SET attributes_other = '%s'".formatted(owners, attributes);
        }

        /** Moves attributes of this type from the catch-all into the typed table. */
        String move(String type, Tier tier) {
            String other = this == METRIC_POINTS ? "otel.metric_attrs_other" : "otel." + owners;
            String column = this == METRIC_POINTS ? "attributes" : "attributes_other";
            return """
                    WITH moved AS (
                        SELECT o.%1$s AS owner, k.key_id, k.key, e.value FROM %2$s AS o
                        CROSS JOIN LATERAL jsonb_each_text(o.%3$s) WITH ORDINALITY AS e (key, value, n)
                        JOIN otel.attribute_keys AS k ON k.key = e.key AND k.value_type = '%4$s'
                        WHERE %5$s
                    ), typed AS (
                        INSERT INTO otel.%6$s_%4$s SELECT m.owner, m.key_id, m.value::%7$s FROM moved AS m
                    )
                    UPDATE %2$s AS o SET %3$s = o.%3$s - ARRAY(SELECT m.key FROM moved AS m)
                    """.formatted(
                            id, other, column, type, tier.condition, tables, type.equals("int") ? "bigint" : "text");
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Which attributes are in the typed table; the others are in the catch-all. */
    private enum Tier {
        NONE("false"),
        ALL("true"),
        FIRST("e.n = 1"),
        OTHERS("e.n > 1");

        private final String condition;

        Tier(String condition) {
            this.condition = condition;
        }
    }
}
