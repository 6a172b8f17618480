package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DimensionsITCase {

    private static final String HASH = "00000000000000070000000000000000000000000000000000000000000000aa";
    private static final String OTHER_HASH = "00000000000000070000000000000000000000000000000000000000000000bb";

    private static final String ATTRIBUTES =
            "SELECT key, type, str_value, int_value, double_value, bool_value, bytes_value, other_value "
                    + "FROM otel.%s_attrs_unified ORDER BY key";

    private TestDatabase database;

    @BeforeEach
    void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute(
                "SELECT otel.register_attribute_keys('{t.s,t.s2,t.i,t.d,t.b,t.y}', '{string,string,int,double,bool,bytes}', '{t,t,t,t,t,t}')");
    }

    @Test
    void storesAResourceWithAllItsAttributes() throws Exception {
        database.execute(resource(HASH, "2026-11-20 10:00+00", "shop", "'{\"x\": [1]}'"));

        assertThat(database.value("""
                                SELECT resource_id, resource_hash, present, service_id, service_name, service_namespace, schema_url,
                                    dropped_attributes_count, policy_dropped_count, entity_refs, first_seen = last_seen
                                FROM otel.resources_dim
                                """))
                .isEqualTo("7|" + HASH + "|t|5|shop|null|https://schema|1|2|[{\"type\": \"host\"}]|t");
        assertThat(database.query(ATTRIBUTES.formatted("resource")))
                .containsExactly(
                        "t.b|bool|null|null|null|t|null|null",
                        "t.d|double|null|null|0.5|null|null|null",
                        "t.i|int|null|-1|null|null|null|null",
                        "t.s|string|shop|null|null|null|null|null",
                        "t.y|bytes|null|null|null|null|\\x00ff|null",
                        "x|array|null|null|null|null|null|[1]");
    }

    @Test
    void storesAScopeWithAllItsAttributes() throws Exception {
        database.execute("""
                CALL otel.upsert_dimension('scope', -3, '%s', '2026-11-20 10:00+00',
                    '{"present": true, "name": "io.lib", "version": "", "schema_url": "", "dropped_attributes_count": 0}',
                    ARRAY[otel.key_id('t.s', 'string')], ARRAY['a'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """.formatted(HASH));

        assertThat(database.value("SELECT scope_id, name, version FROM otel.scopes_dim"))
                .isEqualTo("-3|io.lib|");
        assertThat(database.query(ATTRIBUTES.formatted("scope")))
                .containsExactly("t.s|string|a|null|null|null|null|null");
    }

    @Test
    void keepsFirstSeenAndTheLatestLastSeen() throws Exception {
        for (String seen : List.of("2026-11-20 10:00+00", "2026-11-20 12:00+00", "2026-11-20 08:00+00")) {
            database.execute(resource(HASH, seen, "shop", "NULL"));
        }

        assertThat(database.value("""
                                SELECT first_seen = '2026-11-20 10:00+00', last_seen = '2026-11-20 12:00+00' FROM otel.resources_dim
                                """)).isEqualTo("t|t");
    }

    @Test
    void callingAgainLeavesAttributesUntouched() throws Exception {
        String rows =
                "SELECT key_id, value, xmin, xmax FROM otel.resource_attrs_string UNION ALL SELECT 0, attributes::text, xmin, xmax FROM otel.resource_attrs_other";
        database.execute(resource(HASH, "2026-11-20 10:00+00", "shop", "'{\"x\": 1}'"));
        List<String> before = database.query(rows);

        database.execute(resource(HASH, "2026-11-20 11:00+00", "shop", "'{\"x\": 1}'"));

        assertThat(before).hasSize(2);
        assertThat(database.query(rows).stream().map(DimensionsITCase::withoutLock))
                .isEqualTo(before.stream().map(DimensionsITCase::withoutLock).toList());
    }

    @Test
    void removesWhatIsNoLongerAmongTheAttributes() throws Exception {
        database.execute(resource(HASH, "2026-11-20 10:00+00", "shop", "'{\"x\": 1}'"));

        database.execute("""
                CALL otel.upsert_dimension('resource', 7, '%s', '2026-11-20 10:00+00',
                    '{"present": true, "service_id": 5, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 9}',
                    ARRAY[otel.key_id('t.s2', 'string')], ARRAY['moved'], '{}', '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """.formatted(HASH));

        assertThat(database.query(ATTRIBUTES.formatted("resource")))
                .containsExactly("t.s2|string|moved|null|null|null|null|null");
        assertThat(database.value("SELECT policy_dropped_count, service_name FROM otel.resources_dim"))
                .isEqualTo("9|null");
    }

    @Test
    void keepsAnotherHashUnderTheSameIdApart() throws Exception {
        database.execute(resource(HASH, "2026-11-20 10:00+00", "shop", "NULL"));

        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int time = 0; time < 2; time++) {
                statement.execute(resource(OTHER_HASH, "2026-11-20 11:00+00", "impostor", "NULL"));
                assertThat(statement.getWarnings().getMessage()).contains("dimension_collisions");
            }
        }

        assertThat(database.value("SELECT resource_hash, service_name, first_seen = last_seen FROM otel.resources_dim"))
                .isEqualTo(HASH + "|shop|t");
        assertThat(database.query(ATTRIBUTES.formatted("resource")))
                .contains("t.s|string|shop|null|null|null|null|null");
        assertThat(database.value(
                        "SELECT kind, id, hash, payload #>> '{columns,service_name}' FROM otel.dimension_collisions"))
                .isEqualTo("resource|7|" + OTHER_HASH + "|impostor");
    }

    @Test
    void refusesAnUnknownKind() {
        assertThatThrownBy(
                        () -> database.execute(
                                "CALL otel.upsert_dimension('metric', 1, '', now(), '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
    }

    @Test
    void sessionsThatWriteTheSameOneTakeTurns() throws Exception {
        List<TestDatabase.Session<Void>> sessions = new ArrayList<>();
        for (int session = 0; session < 6; session++) {
            // Half of them with a catch-all and half without, as under two policies.
            String other = session % 2 == 0 ? "NULL" : "'{\"x\": 1}'";
            sessions.add(connection -> {
                for (int round = 0; round < 50; round++) {
                    TestDatabase.execute(
                            connection, resource(HASH, "2026-11-20 10:00:%02d+00".formatted(round), "shop", other));
                }
                return null;
            });
        }

        database.concurrently(sessions);

        assertThat(database.value("SELECT count(*), max(last_seen) = '2026-11-20 10:00:49+00' FROM otel.resources_dim"))
                .isEqualTo("1|t");
        assertThat(database.query(ATTRIBUTES.formatted("resource") + " LIMIT 5"))
                .hasSize(5);
    }

    private static String withoutLock(String row) {
        return row.substring(0, row.lastIndexOf('|'));
    }

    private static String resource(String hash, String seen, String service, String other) {
        return """
                CALL otel.upsert_dimension('resource', 7, '%s', '%s',
                    '{"present": true, "service_id": 5, "service_name": "%3$s", "schema_url": "https://schema", "dropped_attributes_count": 1,
                      "policy_dropped_count": 2, "entity_refs": [{"type": "host"}], "service_namespace": null}',
                    ARRAY[otel.key_id('t.s', 'string')], ARRAY['%3$s'], ARRAY[otel.key_id('t.i', 'int')], ARRAY[-1],
                    ARRAY[otel.key_id('t.d', 'double')], ARRAY[0.5], ARRAY[otel.key_id('t.b', 'bool')], ARRAY[true],
                    ARRAY[otel.key_id('t.y', 'bytes')], ARRAY['\\x00ff'::bytea], %4$s)
                """.formatted(hash, seen, service, other);
    }
}
