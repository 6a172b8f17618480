package io.ollyscale.functions.sink;

import io.ollyscale.functions.maintenance.PartitionMaintenance;
import io.ollyscale.functions.policy.PolicyRegistry;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.sql.Migrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL and a Kafka for all tests of a run, and a {@link Stack} with a migrated database and a topic of its own for
 * each test that asks for one, or for a whole class that asks for it before all of its tests.
 */
final class Servers implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(Servers.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Stack.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Running servers = context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(Running.class, key -> Running.start(), Running.class);
        return context.getStore(NAMESPACE).computeIfAbsent(Stack.class, key -> servers.stack(), Stack.class);
    }

    /** JUnit closes it when all tests have run. */
    private record Running(LocalPostgres postgres, LocalKafka kafka, AttributePolicy policy, AtomicInteger count)
            implements AutoCloseable {

        /** Migrated once; copying it is quicker than migrating again. */
        private static final String TEMPLATE = "template_of_tests";

        static Running start() {
            Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
            Awaitility.setDefaultPollInterval(Duration.ofMillis(20));
            LocalPostgres postgres = LocalPostgres.builder().shortLived().start();
            // Records have times of the past, and the broker looks for what is due to be deleted every five minutes.
            LocalKafka kafka =
                    LocalKafka.builder().setting("log.retention.ms", "-1").start();
            try {
                return new Running(postgres, kafka, prepareTemplate(postgres), new AtomicInteger());
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        Stack stack() {
            int number = count.incrementAndGet();
            String database = "test_" + number;
            String topic = "topic_" + number;
            try (Connection connection = postgres.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + database + " TEMPLATE " + TEMPLATE);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            kafka.createTopic(topic, Stack.PARTITIONS);
            return new Stack(
                    new PostgresConnection(url(postgres, database), postgres.user(), postgres.password()),
                    kafka.bootstrapServers(),
                    topic,
                    policy,
                    () -> drop(database));
        }

        private void drop(String database) {
            try (Connection connection = postgres.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("DROP DATABASE " + database + " WITH (FORCE)");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            kafka.close();
            postgres.close();
        }

        private static AttributePolicy prepareTemplate(LocalPostgres postgres) throws SQLException {
            PGSimpleDataSource dataSource = new PGSimpleDataSource();
            dataSource.setUrl(postgres.createDatabase(TEMPLATE));
            dataSource.setUser(postgres.user());
            dataSource.setPassword(postgres.password());
            Migrations.migrate(dataSource);
            PostgresConnection template =
                    new PostgresConnection(url(postgres, TEMPLATE), postgres.user(), postgres.password());
            PartitionMaintenance.ensure(template, Duration.ofDays(2), Duration.ofDays(1));
            try (Connection connection = template.open("test")) {
                return PolicyRegistry.register(connection, TestPolicy.POLICY);
            }
        }

        private static String url(LocalPostgres postgres, String database) {
            return "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/" + database;
        }
    }
}
