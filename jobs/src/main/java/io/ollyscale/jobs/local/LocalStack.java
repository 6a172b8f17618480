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

    /**
     * Starts both.
     *
     * @param dataDirectory where their data is kept; null for temporary directories
     * @param postgresPort 0 for a free one
     * @param kafkaPort 0 for a free one
     * @throws io.ollyscale.local.LocalStackException if one can't start, with what to do about it
     */
    public static LocalStack start(Path dataDirectory, int postgresPort, int kafkaPort, String... topics) {
        LocalPostgres.Builder postgresBuilder = LocalPostgres.builder().port(postgresPort);
        LocalKafka.Builder kafkaBuilder = LocalKafka.builder().port(kafkaPort);
        if (dataDirectory != null) {
            create(dataDirectory);
            postgresBuilder.dataDirectory(dataDirectory.resolve("postgres"));
            kafkaBuilder.logDirectory(dataDirectory.resolve("kafka"));
        }
        LocalPostgres postgres = postgresBuilder.start();
        LocalKafka kafka = null;
        try {
            migrate(postgres);
            kafka = kafkaBuilder.start();
            for (String topic : topics) {
                kafka.createTopic(topic, PARTITIONS);
            }
            return new LocalStack(postgres, kafka);
        } catch (RuntimeException e) {
            if (kafka != null) {
                kafka.close();
            }
            postgres.close();
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
