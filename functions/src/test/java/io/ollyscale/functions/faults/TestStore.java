package io.ollyscale.functions.faults;

import io.ollyscale.functions.ledger.Generations;
import io.ollyscale.functions.maintenance.PartitionMaintenance;
import io.ollyscale.functions.policy.PolicyRegistry;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.testing.Rows;
import io.ollyscale.functions.testing.StoreProgress;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.sql.Migrations;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
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
        try (Connection maintenance = postgres.connect()) {
            if (Rows.of(maintenance, "SELECT FROM pg_database WHERE datname = '" + TEMPLATE + "'")
                    .isEmpty()) {
                createTemplate(postgres);
            }
        }
        postgres.createDatabase(name, TEMPLATE);
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

    /** As {@link StoreProgress#factsWithoutDimension}. */
    List<String> factsWithoutDimension() throws SQLException {
        try (Connection session = connect()) {
            return StoreProgress.factsWithoutDimension(session);
        }
    }

    /** As {@link StoreProgress#nextOffsets}. */
    Map<TopicPartition, Long> nextOffsets(Collection<String> topicIds) throws SQLException {
        try (Connection session = connect()) {
            return StoreProgress.nextOffsets(session, topicIds);
        }
    }

    /** As {@link StoreProgress#safeOffsets}. */
    Map<TopicPartition, Long> safeOffsets(Collection<String> topicIds) throws SQLException {
        try (Connection session = connect()) {
            return StoreProgress.safeOffsets(session, topicIds);
        }
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
