package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class QuarantineITCase {

    @Test
    void readersOfTheViewSeeNoForeignBytes() throws Exception {
        TestDatabase database = TestDatabase.migrated();
        database.execute(
                """
                INSERT INTO otel.quarantined_records (signal, cluster_id, topic_id, topic, partition_id, record_offset, part, record_key, headers, payload, reason, detail)
                VALUES ('traces', 'c', 'i', 'otlp_spans', 0, 42, 0, 'key', '[{"key": "authorization", "value": "c2VjcmV0"}]', '\\x0102', 'broken-protobuf', 'truncated')
                """,
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
                    .doesNotContain("c2VjcmV0", "record_key", "headers", "\"payload\"");
            assertThatThrownBy(() -> TestDatabase.query(connection, "SELECT * FROM otel.quarantined_records"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        }
    }
}
