package io.ollyscale.functions.faults;

import io.ollyscale.functions.ledger.Generations;
import io.ollyscale.functions.maintenance.PartitionMaintenance;
import io.ollyscale.functions.policy.PolicyRegistry;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.testing.Rows;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.sql.Migrations;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/** A database with Ollyscale's schema. */
final class TestStore {
    private final PostgresConnection connection;

    private TestStore(PostgresConnection connection) {
        this.connection = connection;
    }

    /** Creates a database of this name. */
    static TestStore create(LocalPostgres postgres, String name) throws SQLException {
        PostgresConnection connection = new PostgresConnection(
                postgres.createDatabase(name),
                postgres.user(),
                postgres.password(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10));
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(connection.jdbcUrl());
        dataSource.setUser(connection.user());
        dataSource.setPassword(connection.password());
        Migrations.migrate(dataSource);
        PartitionMaintenance.ensure(connection, Duration.ofHours(2), Duration.ofDays(1));
        return new TestStore(connection);
    }

    PostgresConnection connection() {
        return connection;
    }

    /** A session that isn't the job's. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(connection.jdbcUrl(), connection.user(), connection.password());
    }

    void execute(String sql) throws SQLException {
        try (Connection session = connect();
                Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows, with their columns joined by a bar. */
    List<String> query(String sql) throws SQLException {
        try (Connection session = connect()) {
            return Rows.of(session, sql);
        }
    }

    /** Kinds of dimensions that stored facts refer to without a row, with the number of such facts. */
    List<String> factsWithoutDimension() throws SQLException {
        return query("""
                SELECT missing.dimension, count(*)
                FROM otel.spans_fact AS s, LATERAL (VALUES
                    ('resource', NOT EXISTS (SELECT FROM otel.resources_dim AS d WHERE d.resource_id = s.resource_id)),
                    ('scope', NOT EXISTS (SELECT FROM otel.scopes_dim AS d WHERE d.scope_id = s.scope_id)),
                    ('service', NOT EXISTS (SELECT FROM otel.service_dim AS d WHERE d.service_id = s.service_id)),
                    ('operation', NOT EXISTS (SELECT FROM otel.operation_dim AS d WHERE d.operation_id = s.operation_id))
                ) AS missing (dimension, is_missing)
                WHERE is_missing GROUP BY missing.dimension ORDER BY missing.dimension
                """);
    }

    /** An offset of the ledger by partition, for one life of a topic. */
    private Map<Integer, Long> offsets(String column, String topicId) throws SQLException {
        try (Connection session = connect();
                PreparedStatement statement = session.prepareStatement("SELECT partition_id, " + column
                        + " FROM otel.ingest_ledger WHERE topic_id = ? AND " + column + " IS NOT NULL")) {
            statement.setString(1, topicId);
            Map<Integer, Long> offsets = new HashMap<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    offsets.put(result.getInt(1), result.getLong(2));
                }
            }
            return offsets;
        }
    }

    Map<Integer, Long> nextOffsets(String topicId) throws SQLException {
        return offsets("next_offset", topicId);
    }

    Map<Integer, Long> safeOffsets(String topicId) throws SQLException {
        return offsets("safe_offset", topicId);
    }

    long takeGeneration(String jobName) throws SQLException {
        try (Connection session = connect()) {
            return Generations.take(session, jobName, "localhost", "test");
        }
    }

    /** The policy with the version and the ids that this database gave it. */
    AttributePolicy register(AttributePolicy policy) throws SQLException {
        try (Connection session = connect()) {
            return PolicyRegistry.register(session, policy);
        }
    }
}
