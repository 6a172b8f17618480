package io.ollyscale.jobs.local;

import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.sql.Migrations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.postgresql.ds.PGSimpleDataSource;

/** Kafka with its topics and PostgreSQL with its schema, in this process. Not thread-safe. */
public final class LocalStack implements AutoCloseable {

    /** Enough for the parallelism of a workstation. */
    private static final int PARTITIONS = 4;

    private final LocalPostgres postgres;
    private final LocalKafka kafka;

    private LocalStack(LocalPostgres postgres, LocalKafka kafka) {
        this.postgres = postgres;
        this.kafka = kafka;
    }

    /** Starts both; nobody watches it. */
    public static LocalStack start(Path dataDirectory, int postgresPort, int kafkaPort, List<String> topics) {
        return start(new Startup(), dataDirectory, postgresPort, kafkaPort, topics);
    }

    /**
     * Starts both, side by side.
     *
     * @param dataDirectory where their data is kept; null for temporary directories
     * @param postgresPort 0 for a free one
     * @param kafkaPort 0 for a free one
     * @throws io.ollyscale.local.LocalStackException if one can't start, with what to do about it
     * @throws java.util.concurrent.CancellationException if the start is called off meanwhile
     */
    public static LocalStack start(
            Startup startup, Path dataDirectory, int postgresPort, int kafkaPort, List<String> topics) {
        LocalPostgres.Builder postgresBuilder = LocalPostgres.builder().port(postgresPort);
        LocalKafka.Builder kafkaBuilder = LocalKafka.builder().port(kafkaPort);
        if (dataDirectory != null) {
            create(dataDirectory);
            postgresBuilder.dataDirectory(dataDirectory.resolve("postgres"));
            kafkaBuilder.logDirectory(dataDirectory.resolve("kafka"));
        }
        CompletableFuture<LocalPostgres> postgres = CompletableFuture.supplyAsync(
                () -> postgres(startup, postgresBuilder), task -> new Thread(task, "postgres-start").start());
        LocalKafka kafka;
        try {
            kafka = kafka(startup, kafkaBuilder, topics);
        } catch (RuntimeException e) {
            closeAfter(e, () -> postgres.join().close());
            throw e;
        }
        try {
            return new LocalStack(postgres.join(), kafka);
        } catch (CompletionException e) {
            RuntimeException failure = e.getCause() instanceof RuntimeException cause ? cause : e;
            closeAfter(failure, kafka::close);
            throw failure;
        }
    }

    private static LocalPostgres postgres(Startup startup, LocalPostgres.Builder builder) {
        Startup.Step starting = startup.begin("starting PostgreSQL");
        LocalPostgres postgres = builder.start();
        starting.end();
        try {
            Startup.Step migrating = startup.begin("creating the tables");
            migrate(postgres);
            migrating.end();
            return postgres;
        } catch (RuntimeException e) {
            closeAfter(e, postgres::close);
            throw e;
        }
    }

    private static LocalKafka kafka(Startup startup, LocalKafka.Builder builder, List<String> topics) {
        Startup.Step starting = startup.begin("starting Kafka");
        LocalKafka kafka = builder.start();
        try {
            for (String topic : topics) {
                kafka.createTopic(topic, PARTITIONS);
            }
            starting.end();
            return kafka;
        } catch (RuntimeException e) {
            closeAfter(e, kafka::close);
            throw e;
        }
    }

    /** A URI with user and password, as psql takes it. */
    public String postgresUri() {
        return postgres.uri();
    }

    /** A session of the store, with its schema on the search path. */
    public Connection connect() throws SQLException {
        return postgres.connect();
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    @Override
    public void close() {
        try {
            kafka.close();
        } finally {
            postgres.close();
        }
    }

    /** The failure is the one to be told. */
    private static void closeAfter(RuntimeException failure, Runnable close) {
        try {
            close.run();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private static void create(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the data directory " + directory, e);
        }
    }

    private static void migrate(LocalPostgres postgres) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(postgres.jdbcUrl());
        dataSource.setUser(postgres.user());
        dataSource.setPassword(postgres.password());
        Migrations.migrate(dataSource);
    }
}
