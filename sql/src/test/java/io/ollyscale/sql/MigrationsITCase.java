package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.util.List;
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

        assertThat(applied.stream().filter(count -> count > 0)).hasSize(1);
    }

    @Test
    void setsTheDatabase() throws Exception {
        TestDatabase database = TestDatabase.migrated();

        assertThat(database.value("SHOW enable_partitionwise_join")).isEqualTo("on");
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
