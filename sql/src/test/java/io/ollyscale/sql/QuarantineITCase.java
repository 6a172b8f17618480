package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

class QuarantineITCase {

    private static final String INSERT = """
            INSERT INTO otel.quarantined_records (signal, cluster_id, topic_id, topic, partition_id, record_offset, part, record_key, headers, payload, reason, detail)
            SELECT 'traces', 'c', 'i', 'otlp_spans', 0, 42, n, 'key', '[{"key": "authorization", "value": "c2VjcmV0"}]', '\\x0102', 'broken-protobuf', 'truncated'
            FROM generate_series(1, %s) AS n
            """;

    private static TestDatabase withRecords(int records) throws Exception {
        TestDatabase database = TestDatabase.migrated();
        database.execute(INSERT.formatted(records));
        return database;
    }

    @Test
    void readersOfTheViewSeeNoForeignBytes() throws Exception {
        TestDatabase database = withRecords(1);
        database.execute(
                "CREATE ROLE quarantine_reader",
                "GRANT USAGE ON SCHEMA otel TO quarantine_reader",
                "GRANT SELECT ON otel.quarantine TO quarantine_reader");

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET ROLE quarantine_reader");
            assertThat(TestDatabase.query(
                            connection, "SELECT to_jsonb(q) - 'quarantined_at' - 'id' FROM otel.quarantine AS q"))
                    .singleElement()
                    .asString()
                    .contains("\"record_offset\": 42", "\"payload_size\": 2", "\"leader_epoch\": -1")
                    .doesNotContain("c2VjcmV0", "record_key", "headers", "\"payload\"", "token");
            assertThatThrownBy(() -> TestDatabase.query(connection, "SELECT * FROM otel.quarantined_records"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        }
    }

    @Test
    void requestsReplayOfWhatIsNotStored() throws Exception {
        TestDatabase database = withRecords(4);
        database.execute(
                "UPDATE otel.quarantined_records SET reason = 'newer-otlp' WHERE id = 2",
                "UPDATE otel.quarantined_records SET replayed_at = now() WHERE id = 3");

        assertThat(database.value("SELECT otel.request_replay('{3, 2, 1, 99}')"))
                .isEqualTo("2");

        assertThat(
                        database.query(
                                "SELECT id FROM otel.quarantine WHERE replay_requested_at IS NOT NULL AND replayed_at IS NULL ORDER BY id"))
                .containsExactly("1", "3");
    }

    @Test
    void deletesForGood() throws Exception {
        TestDatabase database = withRecords(3);

        assertThat(database.value("SELECT otel.delete_quarantined('{3, 1, 99}')"))
                .isEqualTo("2");

        assertThat(database.query("SELECT id FROM otel.quarantine")).containsExactly("2");
    }

    @Test
    void whoIsGrantedTheFunctionsAloneSeesNoForeignBytes() throws Exception {
        TestDatabase database = withRecords(2);
        database.execute(
                "CREATE ROLE quarantine_operator",
                "CREATE ROLE quarantine_stranger",
                "GRANT USAGE ON SCHEMA otel TO quarantine_operator, quarantine_stranger",
                "GRANT SELECT ON otel.quarantine TO quarantine_operator, quarantine_stranger",
                "GRANT EXECUTE ON FUNCTION otel.request_replay(bigint[]), otel.delete_quarantined(bigint[]) TO quarantine_operator");

        try (Connection connection = database.connect()) {
            TestDatabase.execute(connection, "SET ROLE quarantine_operator");
            assertThat(TestDatabase.query(
                            connection, "SELECT otel.request_replay(ARRAY(SELECT id FROM otel.quarantine))"))
                    .containsExactly("2");
            assertThat(TestDatabase.query(connection, "SELECT otel.delete_quarantined('{1}')"))
                    .containsExactly("1");
            TestDatabase.execute(connection, "SET ROLE quarantine_stranger");
            for (String function : List.of("request_replay", "delete_quarantined")) {
                assertThatThrownBy(() -> TestDatabase.query(connection, "SELECT otel." + function + "('{2}')"))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("42501"));
            }
        }
    }

    @Test
    void anUpgradeGivesEachRecordTokenOfItsOwn() throws Exception {
        TestDatabase database = TestDatabase.empty();
        Flyway.configure()
                .dataSource(database.dataSource())
                .locations("classpath:db/migration")
                .defaultSchema("otel")
                .target("19")
                .repeatableSqlMigrationPrefix("none")
                .placeholderReplacement(false)
                .load()
                .migrate();
        database.execute(INSERT.formatted(100));

        Migrations.migrate(database.dataSource());

        assertThat(
                        database.value(
                                "SELECT count(DISTINCT replay_token), count(replay_requested_at), count(replayed_at) FROM otel.quarantined_records"))
                .isEqualTo("100|0|0");
    }

    @Test
    void maintenanceFindsWhatIsRequestedByAnIndex() throws Exception {
        TestDatabase database = withRecords(10_000);
        database.execute("ANALYZE otel.quarantined_records");

        assertThat(database.query(
                        "EXPLAIN SELECT id FROM otel.quarantined_records WHERE replay_requested_at IS NOT NULL AND replayed_at IS NULL"
                                + " AND cluster_id = 'c' AND id > 5 ORDER BY id LIMIT 100"))
                .anyMatch(line -> line.contains("quarantined_records_requested"));
    }
}
