package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DimensionsITCase {

    private static final String HASH = "00000000000000070000000000000000000000000000000000000000000000aa";
    private static final String OTHER_HASH = "00000000000000070000000000000000000000000000000000000000000000bb";

    private static final String ATTRIBUTES =
            "SELECT key, type, str_value, int_value, double_value, bool_value, bytes_value, other_value "
                    + "FROM otel.%s_attrs_unified ORDER BY key";

    private static final Map<String, String> TABLES = Map.of(
            "resource", "resources_dim",
            "scope", "scopes_dim",
            "service", "service_dim",
            "operation", "operation_dim",
            "metric", "metrics_dim",
            "series", "metric_series_dim");

    private static final Map<String, String> COLUMNS = Map.of(
            "resource",
            "{\"present\": true, \"service_id\": 5, \"schema_url\": \"\", \"dropped_attributes_count\": 0, \"policy_dropped_count\": 0, \"policy_version\": 1}",
            "scope",
            "{\"present\": true, \"name\": \"io.lib\", \"version\": \"\", \"schema_url\": \"\", \"dropped_attributes_count\": 0, \"policy_version\": 1}",
            "service",
            "{\"name\": \"shop\", \"version\": \"1.0\"}",
            "operation",
            "{\"service_id\": 5, \"name\": \"GET /\", \"span_kind\": 2}",
            "metric",
            "{\"metric_identity_hash\": \"cc\", \"name\": \"sales\", \"metric_type\": 7, \"unit\": \"1\", \"aggregation_temporality\": 2, "
                    + "\"is_monotonic\": true, \"description\": \"\"}",
            "series",
            "{\"metric_id\": 2, \"resource_id\": 3, \"scope_id\": 4, \"policy_dropped_count\": 0, \"policy_version\": 1}");

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
                    '{"present": true, "name": "io.lib", "version": "", "schema_url": "", "dropped_attributes_count": 0, "policy_version": 1}',
                    ARRAY[otel.key_id('t.s', 'string')], ARRAY['a'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """.formatted(HASH));

        assertThat(database.value("SELECT scope_id, name, version FROM otel.scopes_dim"))
                .isEqualTo("-3|io.lib|");
        assertThat(database.query(ATTRIBUTES.formatted("scope")))
                .containsExactly("t.s|string|a|null|null|null|null|null");
    }

    @Test
    void storesASeriesWithAllItsAttributes() throws Exception {
        database.execute(series(1, HASH, "2026-11-20 10:00+00", "a", "'{\"x\": [1]}'"));

        assertThat(database.value(
                        "SELECT series_id, series_hash, metric_id, resource_id, scope_id, policy_dropped_count, policy_version, first_seen = last_seen "
                                + "FROM otel.metric_series_dim"))
                .isEqualTo("7|" + HASH + "|2|3|4|1|1|t");
        assertThat(database.query(ATTRIBUTES.formatted("metric")))
                .containsExactly(
                        "t.b|bool|null|null|null|t|null|null",
                        "t.d|double|null|null|0.5|null|null|null",
                        "t.i|int|null|-1|null|null|null|null",
                        "t.s|string|a|null|null|null|null|null",
                        "t.y|bytes|null|null|null|null|\\x00ff|null",
                        "x|array|null|null|null|null|null|[1]");
    }

    @Test
    void aSeriesTakesItsAttributesWithIt() throws Exception {
        database.execute(
                series(1, HASH, "2026-11-20 10:00+00", "a", "'{\"x\": [1]}'"), "DELETE FROM otel.metric_series_dim");

        assertThat(database.query(ATTRIBUTES.formatted("metric"))).isEmpty();
    }

    @Test
    void callingAgainLeavesASeriesUntouchedButForChanges() throws Exception {
        String rows =
                "SELECT key_id, value, xmin, xmax FROM otel.metric_attrs_string UNION ALL SELECT 0, attributes::text, xmin, xmax FROM otel.metric_attrs_other";
        database.execute(series(1, HASH, "2026-11-20 10:00+00", "a", "'{\"x\": 1}'"));
        List<String> before = database.query(rows);

        database.execute(series(1, HASH, "2026-11-20 11:00+00", "a", "'{\"x\": 1}'"));
        assertThat(before).hasSize(2);
        assertThat(database.query(rows)).isEqualTo(before);

        database.execute(series(2, HASH, "2026-11-20 11:00+00", "b", "NULL"));
        assertThat(database.query(ATTRIBUTES.formatted("metric")))
                .hasSize(5)
                .contains("t.s|string|b|null|null|null|null|null");
        database.execute(dimension("series", HASH, "2026-11-20 12:00+00", "NULL")
                .replace("\"policy_version\": 1", "\"policy_version\": 2"));
        assertThat(database.query(ATTRIBUTES.formatted("metric"))).isEmpty();
    }

    @Test
    void storesAMetricWithWhatItsTypeHas() throws Exception {
        database.execute("""
                CALL otel.upsert_dimension('metric', 7, '%s', '2026-11-20 10:00+00',
                    '{"metric_identity_hash": "cc", "name": "a\u2400b", "metric_type": 9, "unit": "s", "aggregation_temporality": 99, "description": "",
                      "metadata": {"prometheus.type": "histogram", "x": 1.0}}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"$fields": {"name": {"$string": "YQBi"}}}', NULL)
                """.formatted(HASH));
        String rows =
                "SELECT metric_id, metric_hash, metric_identity_hash, name, metric_type, unit, aggregation_temporality, is_monotonic, description, metadata, attributes_other "
                        + "FROM otel.metrics_dim";

        assertThat(database.value(rows))
                .isEqualTo("7|" + HASH + "|cc|a\u2400b|9|s|99|null||{\"x\": 1.0, \"prometheus.type\": \"histogram\"}|"
                        + "{\"$fields\": {\"name\": {\"$string\": \"YQBi\"}}}");
        database.execute(dimension("metric", HASH, "2026-11-20 10:00+00", "NULL"));
        assertThat(database.value(rows)).isEqualTo("7|" + HASH + "|cc|sales|7|1|2|t||null|null");
    }

    /** Which comes first is chance. */
    @Test
    void aSeriesMayBeThereBeforeWhatItNames() throws Exception {
        database.execute(dimension("series", HASH, "2026-11-20 10:00+00", "NULL"));

        assertThat(database.value("SELECT metric_id, resource_id, scope_id FROM otel.metric_series_dim"))
                .isEqualTo("2|3|4");
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
        assertThat(database.query(rows)).isEqualTo(before);
    }

    @Test
    void aSightingThatIsNotLaterLeavesTheRowUntouched() throws Exception {
        String row = "SELECT ctid, xmin, d.* FROM otel.resources_dim AS d";
        database.execute(resource(HASH, "2026-11-20 10:00+00", "shop", "NULL"));
        String before = database.value(row);

        database.execute(resource(HASH, "2026-11-20 10:00+00", "shop", "NULL"));
        database.execute(resource(HASH, "2026-11-20 09:00+00", "shop", "NULL"));

        assertThat(database.value(row)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"service", "operation", "metric"})
    void aSightingThatIsNotLaterWritesNothing(String kind) throws Exception {
        database.execute(dimension(kind, HASH, "2026-11-20 10:00+00", "'{\"$fields\": {}}'"));

        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            TestDatabase.execute(connection, dimension(kind, HASH, "2026-11-20 10:00+00", "'{\"$fields\": {}}'"));
            assertThat(TestDatabase.query(connection, "SELECT pg_current_xact_id_if_assigned()"))
                    .containsExactly("null");
        }
    }

    @Test
    void storesAServiceWithWhatIsAbsentAndWhatIsEmpty() throws Exception {
        database.execute("""
                CALL otel.upsert_dimension('service', 7, '%s', '2026-11-20 10:00+00', '{"name": "shop", "namespace": "", "environment": null}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """.formatted(HASH));

        assertThat(database.value("SELECT to_jsonb(d) - '{first_seen,last_seen}'::text[] FROM otel.service_dim AS d"))
                .isEqualTo(
                        "{\"name\": \"shop\", \"version\": null, \"namespace\": \"\", \"service_id\": 7, \"environment\": null, "
                                + "\"service_hash\": \"" + HASH + "\", \"attributes_other\": null}");
    }

    @Test
    void storesAnOperationWithItsExactName() throws Exception {
        String exact = "{\"$fields\": {\"name\": {\"$string\": \"YQBi\"}}}";

        database.execute("""
                CALL otel.upsert_dimension('operation', 7, '%s', '2026-11-20 10:00+00', '{"service_id": -5, "name": "a\u2400b", "span_kind": 99}',
                    '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '%s', NULL)
                """.formatted(HASH, exact));

        assertThat(
                        database.value(
                                "SELECT operation_id, operation_hash, service_id, name, span_kind, attributes_other FROM otel.operation_dim"))
                .isEqualTo("7|" + HASH + "|-5|a\u2400b|99|" + exact);
        database.execute(dimension("operation", HASH, "2026-11-20 10:00+00", "NULL"));
        assertThat(database.value("SELECT name, span_kind, attributes_other FROM otel.operation_dim"))
                .isEqualTo("GET /|2|null");
    }

    /** A name may be of any length, and is still found by an index. */
    @Test
    void storesAServiceWhoseNameHasMegabytes() throws Exception {
        database.execute("""
                CALL otel.upsert_dimension('service', 7, '%s', now(), json_build_object('name', %s)::text,
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """.formatted(HASH, TestDatabase.longText(11 << 20)));

        assertThat(database.value("SELECT length(name) FROM otel.service_dim")).isEqualTo(String.valueOf(11 << 20));
        assertThat(database.query("SELECT * FROM otel.refused_dimensions")).isEmpty();
    }

    @Test
    void removesWhatIsNoLongerAmongTheAttributes() throws Exception {
        database.execute(resource(HASH, "2026-11-20 10:00+00", "shop", "'{\"x\": 1}'"));

        database.execute("""
                CALL otel.upsert_dimension('resource', 7, '%s', '2026-11-20 10:00+00',
                    '{"present": true, "service_id": 5, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 9, "policy_version": 1}',
                    ARRAY[otel.key_id('t.s2', 'string')], ARRAY['moved'], '{}', '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """.formatted(HASH));

        assertThat(database.query(ATTRIBUTES.formatted("resource")))
                .containsExactly("t.s2|string|moved|null|null|null|null|null");
        assertThat(database.value("SELECT policy_dropped_count, service_name FROM otel.resources_dim"))
                .isEqualTo("9|null");
    }

    @Test
    void anOlderPolicyRaisesLastSeenAlone() throws Exception {
        String row = "SELECT to_jsonb(d) - 'last_seen' FROM otel.resources_dim AS d";
        database.execute(resource(2, HASH, "2026-11-20 10:00+00", "shop", "'{\"x\": 1}'"));
        String before = database.value(row);
        List<String> attributes = database.query(ATTRIBUTES.formatted("resource"));

        database.execute(resource(1, HASH, "2026-11-20 12:00+00", "former", "'{\"y\": 1}'"));
        database.execute(resource(1, HASH, "2026-11-20 11:00+00", "former", "NULL"));

        assertThat(database.value(row)).isEqualTo(before);
        assertThat(database.query(ATTRIBUTES.formatted("resource"))).isEqualTo(attributes);
        assertThat(database.value("SELECT last_seen = '2026-11-20 12:00+00' FROM otel.resources_dim"))
                .isEqualTo("t");
        assertThat(
                        database.query(
                                "SELECT hash FROM otel.refused_dimensions UNION ALL SELECT hash FROM otel.dimension_collisions"))
                .isEmpty();
    }

    /** Also where it was seen before that. */
    @Test
    void aNewerPolicyWritesColumnsAndAttributes() throws Exception {
        database.execute(resource(1, HASH, "2026-11-20 10:00+00", "former", "'{\"x\": 1}'"));

        database.execute(resource(2, HASH, "2026-11-20 09:00+00", "shop", "NULL"));

        assertThat(
                        database.value(
                                "SELECT service_name, policy_version, last_seen = '2026-11-20 10:00+00' FROM otel.resources_dim"))
                .isEqualTo("shop|2|t");
        assertThat(database.query(ATTRIBUTES.formatted("resource")))
                .hasSize(5)
                .contains("t.s|string|shop|null|null|null|null|null");
    }

    @ParameterizedTest
    @CsvSource({"scope, scope", "series, metric"})
    void anOlderPolicyChangesNoScopeOrSeries(String kind, String context) throws Exception {
        String newer = COLUMNS.get(kind).replace("\"policy_version\": 1", "\"policy_version\": 2");
        database.execute(call(kind, 7, HASH, "2026-11-20 10:00+00", "'" + newer + "'", "'{\"x\": 1}'"));

        database.execute(dimension(kind, HASH, "2026-11-20 11:00+00", "NULL"));

        assertThat(database.value(
                        "SELECT policy_version, last_seen = '2026-11-20 11:00+00' FROM otel." + TABLES.get(kind)))
                .isEqualTo("2|t");
        assertThat(database.query(ATTRIBUTES.formatted(context))).containsExactly("x|int|null|1|null|null|null|null");
    }

    /** Whichever comes first, and whether or not an older row is there. */
    @ParameterizedTest
    @CsvSource({"1, 2, false", "2, 1, false", "1, 2, true", "2, 1, true"})
    void theNewerOfTwoPoliciesAtOnceIsStored(long first, long second, boolean isThere) throws Exception {
        if (isThere) {
            database.execute(resource(0, HASH, "2026-11-20 09:00+00", "of 0", "NULL"));
        }

        behind(
                resource(first, HASH, "2026-11-20 10:00+00", "of " + first, "NULL"),
                resource(second, HASH, "2026-11-20 12:00+00", "of " + second, "NULL"),
                true);

        assertThat(
                        database.value(
                                "SELECT service_name, policy_version, last_seen = '2026-11-20 12:00+00' FROM otel.resources_dim"))
                .isEqualTo("of 2|2|t");
        assertThat(database.query(ATTRIBUTES.formatted("resource")))
                .contains("t.s|string|of 2|null|null|null|null|null");
    }

    @Test
    void admitsOperationsUpToTheLimitOfTheirService() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int id = 1; id <= 4; id++) {
                statement.execute(operation(id, 5, "2026-11-20 10:00+00", 2));
                assertThat((Throwable) statement.getWarnings()).isNull();
            }
        }
        database.execute(operation(5, 6, "2026-11-20 10:00+00", 2), operation(6, 5, "2026-11-20 10:00+00", 0));

        assertThat(database.query("SELECT operation_id, service_id FROM otel.operation_dim ORDER BY operation_id"))
                .containsExactly("1|5", "2|5", "5|6");
        assertThat(
                        database.query(
                                "SELECT hash FROM otel.refused_dimensions UNION ALL SELECT hash FROM otel.dimension_collisions"))
                .isEmpty();
    }

    @Test
    void anOperationThatIsNotAdmittedWritesNothing() throws Exception {
        database.execute(operation(1, 5, "2026-11-20 10:00+00", 1));

        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            TestDatabase.execute(connection, operation(2, 5, "2026-11-20 10:00+00", 1));
            // Nor does one whose id another one has.
            TestDatabase.execute(
                    connection, operation(1, 5, "2026-11-20 10:00+00", 1).replace("%064x".formatted(1), HASH));
            assertThat(TestDatabase.query(connection, "SELECT pg_current_xact_id_if_assigned()"))
                    .containsExactly("null");
        }
    }

    @Test
    void updatesAnOperationWhateverTheLimit() throws Exception {
        for (int id = 1; id <= 3; id++) {
            database.execute(operation(id, 5, "2026-11-20 10:00+00", null));
        }

        for (int limit = 0; limit < 4; limit++) {
            String seen = "2026-11-20 11:0%d+00".formatted(limit);
            database.execute(operation(1, 5, seen, limit));
            assertThat(database.value(
                            "SELECT last_seen = '" + seen + "' FROM otel.operation_dim WHERE operation_id = 1"))
                    .isEqualTo("t");
        }
        assertThat(database.value("SELECT count(*) FROM otel.operation_dim")).isEqualTo("3");
    }

    /** They don't wait for each other, so both are admitted as the last one; none is after them. */
    @Test
    void twoSessionsFillAServiceAtOnce() throws Exception {
        try (Connection first = database.connect();
                Connection second = database.connect()) {
            first.setAutoCommit(false);
            TestDatabase.execute(first, operation(1, 5, "2026-11-20 10:00+00", 1));
            TestDatabase.execute(second, "SET lock_timeout = '10s'", operation(2, 5, "2026-11-20 10:00+00", 1));
            first.commit();
        }

        database.execute(operation(3, 5, "2026-11-20 10:00+00", 1));

        assertThat(database.query("SELECT operation_id FROM otel.operation_dim ORDER BY operation_id"))
                .containsExactly("1", "2");
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

    @ParameterizedTest
    @ValueSource(strings = {"resource", "scope", "service", "operation", "metric", "series"})
    void keepsACollisionOfEachKind(String kind) throws Exception {
        String rows = "SELECT d.* FROM otel." + TABLES.get(kind) + " AS d";
        database.execute(dimension(kind, HASH, "2026-11-20 10:00+00", "NULL"));
        String before = database.value(rows);

        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int time = 0; time < 2; time++) {
                statement.execute(dimension(kind, OTHER_HASH, "2026-11-20 11:00+00", "'{\"x\": 1}'"));
                assertThat(statement.getWarnings().getMessage()).contains("dimension_collisions");
            }
        }

        assertThat(database.value(rows)).isEqualTo(before);
        assertThat(database.value("SELECT kind, id, hash, payload -> 'other' FROM otel.dimension_collisions"))
                .isEqualTo(kind + "|7|" + OTHER_HASH + "|{\"x\": 1}");
        assertThat(database.value("SELECT payload -> 'columns' FROM otel.dimension_collisions"))
                .isEqualTo(database.value("SELECT jsonb '" + COLUMNS.get(kind) + "'"));
    }

    @Test
    void refusesAnUnknownKind() {
        assertThatThrownBy(
                        () -> database.execute(
                                "CALL otel.upsert_dimension('event', 1, '', now(), '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
    }

    /** The second waits for the first's insert, and then finds its row; or inserts, where the first gave up. */
    @ParameterizedTest
    @CsvSource({
        "resource, true", "scope, true", "service, true", "operation, true", "metric, true", "series, true",
        "resource, false", "scope, false", "service, false", "operation, false", "metric, false", "series, false"
    })
    void twoFirstSightingsAtOnce(String kind, boolean firstCommits) throws Exception {
        behind(
                dimension(kind, HASH, "2026-11-20 10:00+00", "'{\"x\": 1}'"),
                dimension(kind, HASH, "2026-11-20 12:00+00", "'{\"x\": 1}'"),
                firstCommits);

        assertThat(database.value(
                        "SELECT first_seen = '2026-11-20 %s:00+00', last_seen = '2026-11-20 12:00+00' FROM otel.%s"
                                .formatted(firstCommits ? "10" : "12", TABLES.get(kind))))
                .isEqualTo("t|t");
        assertThat(database.query("SELECT * FROM otel.dimension_collisions")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"resource", "scope", "service", "operation", "metric", "series"})
    void manySessionsSeeManyForTheFirstTime(String kind) throws Exception {
        TestDatabase.Session<Void> session = connection -> {
            for (int id = 0; id < 100; id++) {
                TestDatabase.execute(
                        connection,
                        call(
                                kind,
                                id,
                                "%064x".formatted(id),
                                "2026-11-20 10:00+00",
                                "'" + COLUMNS.get(kind) + "'",
                                "NULL"));
            }
            return null;
        };

        database.concurrently(List.of(session, session, session, session));

        assertThat(database.value("SELECT count(*) FROM otel." + TABLES.get(kind)))
                .isEqualTo("100");
        assertThat(database.query("SELECT * FROM otel.dimension_collisions")).isEmpty();
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

    @Test
    void worksUnderAnySearchPath() throws Exception {
        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET search_path = ''");
            for (String kind : TABLES.keySet()) {
                TestDatabase.execute(connection, dimension(kind, HASH, "2026-11-20 10:00+00", "'{\"x\": 1}'"));
                TestDatabase.execute(connection, dimension(kind, HASH, "2026-11-20 11:00+00", "NULL"));
            }
        }
        for (String table : TABLES.values()) {
            assertThat(database.value("SELECT last_seen = '2026-11-20 11:00+00' FROM otel." + table))
                    .isEqualTo("t");
        }
    }

    /** Executes the first in a transaction, which ends when the second, in another, waits for it. */
    private void behind(String first, String second, boolean firstCommits) throws Exception {
        try (Connection holder = database.connect()) {
            holder.setAutoCommit(false);
            TestDatabase.execute(holder, first);

            TestDatabase.Session<Void> waits = connection -> {
                TestDatabase.execute(connection, second);
                return null;
            };
            TestDatabase.Session<Void> ends = connection -> {
                try {
                    database.awaitSessionBehind(holder);
                    if (firstCommits) {
                        holder.commit();
                    }
                } finally {
                    // In any case, or the second never ends.
                    holder.rollback();
                }
                return null;
            };
            database.concurrently(List.of(waits, ends));
        }
    }

    private static String dimension(String kind, String hash, String seen, String other) {
        return call(kind, 7, hash, seen, "'" + COLUMNS.get(kind) + "'", other);
    }

    /** Without promoted attributes. Columns and other are SQL expressions. */
    private static String call(String kind, long id, String hash, String seen, String columns, String other) {
        return "CALL otel.upsert_dimension('%s', %d, '%s', '%s', %s, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, %s, NULL)"
                .formatted(kind, id, hash, seen, columns, other);
    }

    private static String operation(long id, long serviceId, String seen, Integer maxOperations) {
        return """
                CALL otel.upsert_dimension('operation', %d, '%064x', '%s', '{"service_id": %d, "name": "GET /", "span_kind": 2}',
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, %s)
                """.formatted(id, id, seen, serviceId, maxOperations);
    }

    private static String series(long policyVersion, String hash, String seen, String value, String other) {
        return """
                CALL otel.upsert_dimension('series', 7, '%s', '%s',
                    '{"metric_id": 2, "resource_id": 3, "scope_id": 4, "policy_dropped_count": 1, "policy_version": %d}',
                    ARRAY[otel.key_id('t.s', 'string')], ARRAY['%s'], ARRAY[otel.key_id('t.i', 'int')], ARRAY[-1],
                    ARRAY[otel.key_id('t.d', 'double')], ARRAY[0.5], ARRAY[otel.key_id('t.b', 'bool')], ARRAY[true],
                    ARRAY[otel.key_id('t.y', 'bytes')], ARRAY['\\x00ff'::bytea], %s, NULL)
                """.formatted(hash, seen, policyVersion, value, other);
    }

    private static String resource(String hash, String seen, String service, String other) {
        return resource(1, hash, seen, service, other);
    }

    private static String resource(long policyVersion, String hash, String seen, String service, String other) {
        return """
                CALL otel.upsert_dimension('resource', 7, '%s', '%s',
                    '{"present": true, "service_id": 5, "service_name": "%3$s", "schema_url": "https://schema", "dropped_attributes_count": 1,
                      "policy_dropped_count": 2, "policy_version": %5$d, "entity_refs": [{"type": "host"}], "service_namespace": null}',
                    ARRAY[otel.key_id('t.s', 'string')], ARRAY['%3$s'], ARRAY[otel.key_id('t.i', 'int')], ARRAY[-1],
                    ARRAY[otel.key_id('t.d', 'double')], ARRAY[0.5], ARRAY[otel.key_id('t.b', 'bool')], ARRAY[true],
                    ARRAY[otel.key_id('t.y', 'bytes')], ARRAY['\\x00ff'::bytea], %4$s, NULL)
                """.formatted(hash, seen, service, other, policyVersion);
    }
}
