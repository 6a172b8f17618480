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
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.postgresql.ds.PGSimpleDataSource;

/** A database with Ollyscale's schema. */
final class TestStore {
    /** Migrated once for each server: copying it is quicker than migrating again. */
    private static final String TEMPLATE = "template_of_scenarios";

    private final PostgresConnection connection;

    private TestStore(PostgresConnection connection) {
        this.connection = connection;
    }

    /** Creates a database of this name. */
    static TestStore create(LocalPostgres postgres, String name) throws SQLException {
        try (Connection maintenance = postgres.connect();
                Statement statement = maintenance.createStatement()) {
            if (Rows.of(maintenance, "SELECT FROM pg_database WHERE datname = '" + TEMPLATE + "'")
                    .isEmpty()) {
                createTemplate(postgres);
            }
            statement.execute("CREATE DATABASE " + name + " TEMPLATE " + TEMPLATE);
            // What migrations set for their database isn't copied.
            for (String setting : Rows.of(
                    maintenance,
                    "SELECT unnest(s.setconfig) FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase"
                            + " WHERE d.datname = '" + TEMPLATE + "'")) {
                statement.execute("ALTER DATABASE " + name + " SET " + setting);
            }
        }
        return new TestStore(connection(postgres, name));
    }

    private static void createTemplate(LocalPostgres postgres) throws SQLException {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(postgres.createDatabase(TEMPLATE));
        dataSource.setUser(postgres.user());
        dataSource.setPassword(postgres.password());
        Migrations.migrate(dataSource);
        PartitionMaintenance.ensure(connection(postgres, TEMPLATE), Duration.ofHours(2), Duration.ofDays(1));
    }

    private static PostgresConnection connection(LocalPostgres postgres, String database) {
        return new PostgresConnection(
                "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/" + database,
                postgres.user(),
                postgres.password(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10));
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

    /** Kinds of dimensions that stored facts refer to without a row, by signal, with the number of such facts. */
    List<String> factsWithoutDimension() throws SQLException {
        return query("""
                SELECT fact.signal || ' ' || missing.dimension AS missing, count(*)
                FROM (
                    SELECT 'traces' AS signal, resource_id, scope_id, service_id, operation_id, NULL::bigint AS series_id, NULL::bigint AS metric_id
                    FROM otel.spans_fact
                    UNION ALL
                    SELECT 'logs', resource_id, scope_id, service_id, NULL, NULL, NULL FROM otel.logs_fact
                    UNION ALL
                    SELECT 'metrics', s.resource_id, s.scope_id, NULL, NULL, p.series_id, s.metric_id
                    FROM (
                        SELECT series_id FROM otel.number_data_points
                        UNION ALL SELECT series_id FROM otel.histogram_data_points
                        UNION ALL SELECT series_id FROM otel.exp_histogram_data_points
                        UNION ALL SELECT series_id FROM otel.summary_data_points
                    ) AS p LEFT JOIN otel.metric_series_dim AS s USING (series_id)
                ) AS fact, LATERAL (VALUES
                    ('resource', resource_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.resources_dim AS d WHERE d.resource_id = fact.resource_id)),
                    ('scope', scope_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.scopes_dim AS d WHERE d.scope_id = fact.scope_id)),
                    ('service', service_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.service_dim AS d WHERE d.service_id = fact.service_id)),
                    ('operation', operation_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.operation_dim AS d WHERE d.operation_id = fact.operation_id)),
                    ('series', series_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.metric_series_dim AS d WHERE d.series_id = fact.series_id)),
                    ('metric', metric_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.metrics_dim AS d WHERE d.metric_id = fact.metric_id))
                ) AS missing (dimension, is_missing)
                WHERE is_missing GROUP BY 1 ORDER BY 1
                """);
    }

    /** An offset of the ledger by partition, for one life of each topic. */
    private Map<TopicPartition, Long> offsets(String column, Collection<String> topicIds) throws SQLException {
        try (Connection session = connect();
                PreparedStatement statement = session.prepareStatement("SELECT topic, partition_id, " + column
                        + " FROM otel.ingest_ledger WHERE topic_id = ANY (?) AND " + column + " IS NOT NULL")) {
            statement.setArray(1, session.createArrayOf("text", topicIds.toArray()));
            Map<TopicPartition, Long> offsets = new HashMap<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    offsets.put(new TopicPartition(result.getString(1), result.getInt(2)), result.getLong(3));
                }
            }
            return offsets;
        }
    }

    Map<TopicPartition, Long> nextOffsets(Collection<String> topicIds) throws SQLException {
        return offsets("next_offset", topicIds);
    }

    Map<TopicPartition, Long> safeOffsets(Collection<String> topicIds) throws SQLException {
        return offsets("safe_offset", topicIds);
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
