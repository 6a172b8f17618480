package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What PostgreSQL can't hold is kept elsewhere, and holds nothing up; what is our fault or passes is raised. */
class RefusedDimensionsITCase {

    private static final String HASH = hash(7);

    private static final String BTREE_ON_NAMES = "CREATE INDEX operators_own ON otel.resources_dim (service_name)";

    private TestDatabase database;

    @BeforeEach
    void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute(
                "SELECT otel.register_attribute_keys('{t.s,t.i,t.d,t.b,t.y}', '{string,int,double,bool,bytes}', '{t,t,t,t,t}')");
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                argumentSet(
                        "a text too long for a B-tree",
                        "54000",
                        "resource",
                        resourceNamed(TestDatabase.longText(11 << 20))),
                argumentSet("columns that are no JSON", "22P02", "scope", "'{\"name\": '"),
                argumentSet("a character that text can't hold", "22P05", "service", "'{\"name\": \"\\u0000\"}'"),
                argumentSet(
                        "a number out of range",
                        "22003",
                        "operation",
                        "'{\"service_id\": 1, \"name\": \"x\", \"span_kind\": 2147483648}'"),
                argumentSet(
                        "JSON nested beyond the stack",
                        "54001",
                        "service",
                        "'{\"x\": ' || repeat('[', 200000) || repeat(']', 200000) || '}'"),
                argumentSet("no name", "23502", "operation", "'{\"service_id\": 1, \"span_kind\": 2}'"),
                argumentSet(
                        "no version of its policy",
                        "23502",
                        "scope",
                        "'{\"present\": true, \"name\": \"\", \"version\": \"\", \"schema_url\": \"\", \"dropped_attributes_count\": 0}'"),
                argumentSet("no name of a metric", "23502", "metric", "'{\"metric_type\": 5}'"),
                argumentSet(
                        "a type that is no number",
                        "22P02",
                        "metric",
                        "'{\"metric_identity_hash\": \"\", \"name\": \"\", \"unit\": \"\", \"description\": \"\", \"metric_type\": \"gauge\"}'"),
                argumentSet(
                        "no metric",
                        "23502",
                        "series",
                        "'{\"resource_id\": 1, \"scope_id\": 1, \"policy_dropped_count\": 0, \"policy_version\": 1}'"),
                argumentSet(
                        "no version of a series' policy",
                        "23502",
                        "series",
                        "'{\"metric_id\": 1, \"resource_id\": 1, \"scope_id\": 1, \"policy_dropped_count\": 0}'"),
                argumentSet("no columns", "23502", "scope", "NULL"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void keepsWhatIsRefused(String sqlState, String kind, String columns) throws Exception {
        database.execute(BTREE_ON_NAMES);

        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(call(kind, 7, columns, "'{\"o\": 1}'"));
            assertThat(statement.getWarnings().getMessage()).contains(sqlState, "refused_dimensions");
        }

        assertThat(database.value("SELECT kind, id, hash, sqlstate, columns IS NOT DISTINCT FROM " + columns
                        + ", other FROM otel.refused_dimensions"))
                .isEqualTo(kind + "|7|" + HASH + "|" + sqlState + "|t|{\"o\": 1}");
        assertThat(database.value("SELECT length(detail) BETWEEN 10 AND 1000 FROM otel.refused_dimensions"))
                .isEqualTo("t");
        assertThat(
                        database.query(
                                "SELECT resource_id FROM otel.resources_dim UNION ALL SELECT resource_id FROM otel.resource_attrs_other"))
                .isEmpty();
    }

    @Test
    void keepsEveryAttributeExactly() throws Exception {
        database.execute(BTREE_ON_NAMES);

        database.execute("""
                CALL otel.upsert_dimension('resource', 7, '%s', now(), %s,
                    ARRAY[otel.key_id('t.s', 'string')], ARRAY[E'a"\\n\\u2400'], ARRAY[otel.key_id('t.i', 'int')], ARRAY[9007199254740993],
                    ARRAY[1,2,3]::integer[], ARRAY['-0', 'NaN', 0.1]::double precision[], ARRAY[otel.key_id('t.b', 'bool')], ARRAY[false],
                    ARRAY[otel.key_id('t.y', 'bytes')], ARRAY['\\x00ff'::bytea], NULL, NULL)
                """.formatted(HASH, resourceNamed(TestDatabase.longText(11 << 20))));

        assertThat(database.value(
                        "SELECT (attributes::jsonb - '{string_keys,int_keys,bool_keys,bytes_keys}'::text[])::text, other "
                                + "FROM otel.refused_dimensions"))
                .isEqualTo("{\"int_values\": [9007199254740993], \"bool_values\": [false], \"double_keys\": [1, 2, 3], "
                        + "\"bytes_values\": [\"\\\\x00ff\"], \"double_values\": [\"-0\", \"NaN\", \"0.1\"], "
                        + "\"string_values\": [\"a\\\"\\n\u2400\"]}|null");
        assertThat(database.value("SELECT length(columns::jsonb ->> 'service_name') FROM otel.refused_dimensions"))
                .isEqualTo(String.valueOf(11 << 20));
    }

    @Test
    void forgetsARefusalWhenTheDimensionIsStored() throws Exception {
        database.execute(BTREE_ON_NAMES);
        database.execute(call("resource", 7, resourceNamed(TestDatabase.longText(11 << 20)), "NULL"));
        database.execute(call("resource", 8, resourceNamed(TestDatabase.longText(11 << 20)), "NULL"));

        database.execute("DROP INDEX otel.operators_own");
        database.execute(call("resource", 7, resourceNamed(TestDatabase.longText(11 << 20)), "NULL"));

        assertThat(database.value("SELECT resource_id, length(service_name) FROM otel.resources_dim"))
                .isEqualTo("7|" + (11 << 20));
        assertThat(database.value("SELECT id FROM otel.refused_dimensions")).isEqualTo("8");
    }

    @Test
    void refusingAgainRewritesNothingThatIsKept() throws Exception {
        database.execute(call("operation", 7, "'{\"span_kind\": 2}'", "NULL"));
        String before = database.value("SELECT ctid, xmin, r.* FROM otel.refused_dimensions AS r");

        database.execute(call("operation", 7, "'{\"span_kind\": 2}'", "NULL"));
        assertThat(database.value("SELECT ctid, xmin, r.* FROM otel.refused_dimensions AS r"))
                .isEqualTo(before);

        database.execute(call("operation", 7, "'{\"span_kind\": 3}'", "NULL"));
        assertThat(database.value("SELECT columns, noticed_at < now() FROM otel.refused_dimensions"))
                .isEqualTo("{\"span_kind\": 3}|t");
    }

    @Test
    void theOthersOfItsTransactionAreStored() throws Exception {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            TestDatabase.execute(
                    connection,
                    call("service", 1, "'{\"name\": \"before\"}'", "NULL"),
                    call("service", 2, "'no JSON'", "NULL"),
                    call("service", 3, "'{\"name\": \"after\"}'", "NULL"));
            connection.commit();
        }

        assertThat(database.query("SELECT name FROM otel.service_dim ORDER BY service_id"))
                .containsExactly("before", "after");
        assertThat(database.value("SELECT id FROM otel.refused_dimensions")).isEqualTo("2");
    }

    /** What was stored before stays as it was, attributes included. */
    @Test
    void anUpdateThatIsRefusedChangesNothing() throws Exception {
        String stored =
                "SELECT d.*, o.attributes FROM otel.resources_dim AS d JOIN otel.resource_attrs_other AS o USING (resource_id)";
        database.execute(call("resource", 7, resourceNamed("'shop'"), "'{\"x\": 1}'"));
        String before = database.value(stored);

        database.execute(call("resource", 7, resourceNamed("'shop'"), "'no JSON'"));

        assertThat(database.value(stored)).isEqualTo(before);
        assertThat(database.value("SELECT sqlstate, other FROM otel.refused_dimensions"))
                .isEqualTo("22P02|no JSON");
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                argumentSet(
                        "a check that fails",
                        "23514",
                        "ALTER TABLE otel.resources_dim ADD CHECK (service_name <> 'shop')"),
                argumentSet("no table", "42P01", "ALTER TABLE otel.resource_attrs_string RENAME TO elsewhere"),
                argumentSet("no column", "42703", "ALTER TABLE otel.resources_dim RENAME service_name TO elsewhere"),
                argumentSet("no key", "23503", "DELETE FROM otel.attribute_keys WHERE key = 't.s'"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void raisesWhatIsOurFault(String sqlState, String mistake) throws Exception {
        String key = database.value("SELECT otel.key_id('t.s', 'string')");
        database.execute(mistake);

        assertThatThrownBy(() -> database.execute("""
                        CALL otel.upsert_dimension('resource', 7, '%s', now(), %s, ARRAY[%s], ARRAY['x'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                        """.formatted(HASH, resourceNamed("'shop'"), key)))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));

        assertThat(database.query("SELECT * FROM otel.refused_dimensions")).isEmpty();
    }

    @Test
    void raisesWhatPasses() throws Exception {
        database.execute(call("service", 7, "'{\"name\": \"shop\"}'", "NULL"));
        try (Connection holder = database.connect();
                Connection waiter = database.connect()) {
            holder.setAutoCommit(false);
            TestDatabase.execute(holder, "SELECT FROM otel.service_dim FOR UPDATE");
            TestDatabase.execute(waiter, "SET lock_timeout = '10ms'");

            assertThatThrownBy(() -> TestDatabase.execute(waiter, call("service", 7, "'{\"name\": \"shop\"}'", "NULL")))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55P03"));
            holder.rollback();
        }
        assertThat(database.query("SELECT * FROM otel.refused_dimensions")).isEmpty();
    }

    private static String resourceNamed(String name) {
        return "json_build_object('present', true, 'service_id', 5, 'schema_url', '', 'dropped_attributes_count', 0, "
                + "'policy_dropped_count', 0, 'policy_version', 1, 'service_name', " + name + ")::text";
    }

    /** Columns and other are SQL expressions. */
    private static String call(String kind, long id, String columns, String other) {
        return "CALL otel.upsert_dimension('%s', %d, '%s', now(), %s, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, %s, NULL)"
                .formatted(kind, id, hash(id), columns, other);
    }

    private static String hash(long id) {
        return "%064x".formatted(id);
    }
}
