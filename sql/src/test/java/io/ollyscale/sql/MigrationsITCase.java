package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

class MigrationsITCase {

    private static final String SNAPSHOT = """
            SELECT c.oid, c.relname, c.relfilenode, c.xmin FROM pg_class AS c WHERE c.relnamespace = 'otel'::regnamespace
            UNION ALL SELECT p.oid, p.proname, 0, p.xmin FROM pg_proc AS p WHERE p.pronamespace = 'otel'::regnamespace
            ORDER BY 1
            """;

    @Test
    void migratesAnEmptyDatabaseAndThenDoesNothing() throws Exception {
        TestDatabase database = TestDatabase.empty();

        assertThat(Migrations.migrate(database.dataSource())).isPositive();
        List<String> before = database.query(SNAPSHOT);
        assertThat(Migrations.migrate(database.dataSource())).isZero();

        assertThat(database.query(SNAPSHOT)).isEqualTo(before);
        assertThat(database.value("SELECT to_regclass('otel.flyway_schema_history') IS NOT NULL"))
                .isEqualTo("t");
    }

    @Test
    void migratesFromSeveralProcessesAtOnce() throws Exception {
        TestDatabase database = TestDatabase.empty();
        TestDatabase.Session<Integer> migrate = connection -> Migrations.migrate(database.dataSource());

        List<Integer> applied = database.concurrently(List.of(migrate, migrate, migrate));

        // They take turns by migration: usually the first applies all, but another may go on where it paused.
        assertThat(
                        database.value(
                                "SELECT count(*), count(DISTINCT script) FROM otel.flyway_schema_history WHERE type = 'SQL' AND success"))
                .isEqualTo("%1$d|%1$d"
                        .formatted(applied.stream().mapToInt(Integer::intValue).sum()));
    }

    @Test
    void setsTheDatabase() throws Exception {
        TestDatabase database = TestDatabase.migrated();

        assertThat(database.value("SHOW enable_partitionwise_join")).isEqualTo("on");
        assertThat(database.value("SHOW jit")).isEqualTo("off");
    }

    @Test
    void anUpgradeFromTheFirstReleaseKeepsItsData() throws Exception {
        TestDatabase database = TestDatabase.empty();
        Flyway.configure()
                .dataSource(database.dataSource())
                .locations("classpath:db/migration")
                .defaultSchema("otel")
                .target("14")
                // Functions and views are those of this build, and rely on its tables.
                .repeatableSqlMigrationPrefix("none")
                .placeholderReplacement(false)
                .load()
                .migrate();
        database.execute(
                "CREATE PROCEDURE otel.upsert_dimension(kind text, id bigint, hash text, seen timestamptz, columns jsonb, "
                        + "string_keys integer[], string_values text[], int_keys integer[], int_values bigint[], double_keys integer[], "
                        + "double_values double precision[], bool_keys integer[], bool_values boolean[], bytes_keys integer[], "
                        + "bytes_values bytea[], other jsonb) LANGUAGE sql AS ''",
                "INSERT INTO otel.resources_dim VALUES (5, 6, '2026-11-19 10:00+00', '2026-11-20 10:00+00', 0, 0, true, repeat('5', 64), '', 'shop')",
                "INSERT INTO otel.resource_attrs_string SELECT 5, key_id, 'shop' FROM otel.attribute_keys WHERE key = 'service.name'",
                "INSERT INTO otel.resource_attrs_other VALUES (5, '{\"x\": 1.0}')",
                "INSERT INTO otel.scopes_dim VALUES (7, now(), now(), 0, true, repeat('7', 64), 'io.lib', '', '')",
                "INSERT INTO otel.dimension_collisions VALUES (5, now(), 'resource', 'x', '{}')",
                // What a later seed describes, and a policy has promoted already.
                "INSERT INTO otel.attribute_keys (key, value_type, is_indexed) VALUES ('state', 'string', false)",
                "CREATE TABLE otel.spans_fact_all PARTITION OF otel.spans_fact DEFAULT",
                SpanRows.insertSpan("1"),
                "UPDATE otel.spans_fact SET resource_id = 5, scope_id = 7");
        String data = """
                SELECT to_jsonb(t) - 'policy_version' FROM otel.resources_dim AS t UNION ALL SELECT to_jsonb(t) FROM otel.resource_attrs_string AS t
                UNION ALL SELECT to_jsonb(t) FROM otel.resource_attrs_other AS t UNION ALL SELECT to_jsonb(t) - 'policy_version' FROM otel.scopes_dim AS t
                UNION ALL SELECT to_jsonb(t) FROM otel.dimension_collisions AS t UNION ALL SELECT to_jsonb(t) FROM otel.spans_fact AS t
                """;
        List<String> before = database.query(data);

        Migrations.migrate(database.dataSource());

        assertThat(before).hasSize(6);
        assertThat(database.query(data)).isEqualTo(before);
        assertThat(
                        database.query(
                                "SELECT policy_version FROM otel.resources_dim UNION ALL SELECT policy_version FROM otel.scopes_dim"))
                .containsExactly("0", "0");
        assertThat(database.value(
                        "SELECT is_indexed, description IS NOT NULL FROM otel.attribute_keys WHERE key = 'state'"))
                .isEqualTo("f|t");
        assertThat(database.value("SELECT service_name, scope_name, name, resource_attributes FROM otel.spans"))
                .isEqualTo("shop|io.lib|GET /|{\"x\": 1.0, \"service.name\": \"shop\"}");
        assertThat(
                        database.query(
                                "SELECT proargtypes::regtype[]::text[] && '{jsonb}' FROM pg_proc WHERE proname = 'upsert_dimension'"))
                .containsExactly("f");
        try (Connection connection = database.connect()) {
            Migrations.verify(connection);
        }
    }

    @Test
    void acceptsItsOwnSchemaAndLeavesTheConnectionAsItWas() throws Exception {
        TestDatabase database = TestDatabase.migrated();
        List<String> before = database.query(SNAPSHOT);

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET search_path = public");
            Migrations.verify(connection);
            assertThat(connection.isClosed()).isFalse();
            assertThat(connection.getAutoCommit()).isTrue();
            assertThat(TestDatabase.query(connection, "SHOW search_path")).containsExactly("public");
        }

        assertThat(database.query(SNAPSHOT)).isEqualTo(before);
    }

    @Test
    void saysThatTheSchemaIsMissingAndCreatesNothing() throws Exception {
        TestDatabase database = TestDatabase.empty();

        try (Connection connection = database.connect()) {
            assertThatThrownBy(() -> Migrations.verify(connection))
                    .isInstanceOf(SchemaVersionException.class)
                    .hasMessageContaining("run ollyscale migrate");
        }

        assertThat(database.value("SELECT to_regnamespace('otel')")).isEqualTo("null");
    }

    @Test
    void saysThatTheSchemaIsOlder() throws Exception {
        TestDatabase database = TestDatabase.migrated();
        String latest = database.value(
                "SELECT script FROM flyway_schema_history WHERE version IS NOT NULL ORDER BY version DESC LIMIT 1");
        database.execute("DELETE FROM flyway_schema_history WHERE script = '" + latest + "'");

        try (Connection connection = database.connect()) {
            assertThatThrownBy(() -> Migrations.verify(connection))
                    .isInstanceOf(SchemaVersionException.class)
                    .hasMessageContaining("older than this build")
                    .hasMessageContaining(latest)
                    .hasMessageContaining("run ollyscale migrate");
        }
    }

    @Test
    void saysThatAFunctionIsOlder() throws Exception {
        TestDatabase database = TestDatabase.migrated();
        database.execute("UPDATE flyway_schema_history SET checksum = 1 WHERE script = 'R__01_ids.sql'");

        try (Connection connection = database.connect()) {
            assertThatThrownBy(() -> Migrations.verify(connection))
                    .isInstanceOf(SchemaVersionException.class)
                    .hasMessageContaining("R__01_ids.sql");
        }

        assertThat(Migrations.migrate(database.dataSource())).isEqualTo(1);
    }

    @Test
    void refusesANewerSchema() throws Exception {
        TestDatabase database = TestDatabase.migrated();
        database.execute("""
                INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
                VALUES (1000, '999', 'of the future', 'SQL', 'V999__of_the_future.sql', 1, 'test', 1, true)
                """);

        try (Connection connection = database.connect()) {
            assertThatThrownBy(() -> Migrations.verify(connection))
                    .isInstanceOf(SchemaVersionException.class)
                    .hasMessageContaining("This build is older than the schema")
                    .hasMessageContaining("V999__of_the_future.sql");
        }
        assertThatThrownBy(() -> Migrations.migrate(database.dataSource()))
                .isInstanceOf(SchemaVersionException.class)
                .hasMessageContaining("This build is older than the schema");
    }
}
