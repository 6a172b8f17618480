package io.ollyscale.benchmarks;

import io.ollyscale.functions.policy.PolicyRegistry;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.sql.Migrations;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.postgresql.ds.PGSimpleDataSource;

/** The benchmark's own Kafka and PostgreSQL, in temporary directories, gone when it ends. */
final class Stack implements AutoCloseable {

    /**
     * A server that somebody has set up for more than a trial: with PostgreSQL's default of 1 GB of WAL between checkpoints
     * the rounds would measure when a checkpoint happens to begin. Everything about durability is left at its default.
     */
    private static final Map<String, String> SETTINGS =
            Map.of("shared_buffers", "1GB", "max_wal_size", "8GB", "checkpoint_timeout", "15min");

    private static final String[] SHOWN = {
        "fsync", "synchronous_commit", "full_page_writes", "autovacuum", "shared_buffers", "max_wal_size"
    };

    private static final String[] OTHER_TABLES = {
        "ingest_ledger",
        "operation_rollup_1m",
        "operation_rollup_1h",
        "service_rollup_1m",
        "service_rollup_1h",
        "rollup_without_start"
    };

    private final LocalPostgres postgres;
    private final LocalKafka kafka;

    private Stack(LocalPostgres postgres, LocalKafka kafka) {
        this.postgres = postgres;
        this.kafka = kafka;
    }

    /** @param settings of PostgreSQL, over the benchmark's own */
    static Stack start(Map<String, String> settings) {
        LocalPostgres.Builder builder = LocalPostgres.builder();
        SETTINGS.forEach(builder::setting);
        settings.forEach(builder::setting);
        LocalPostgres postgres = builder.start();
        try {
            PGSimpleDataSource dataSource = new PGSimpleDataSource();
            dataSource.setUrl(postgres.jdbcUrl());
            dataSource.setUser(postgres.user());
            dataSource.setPassword(postgres.password());
            Migrations.migrate(dataSource);
            return new Stack(postgres, LocalKafka.builder().start());
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    /** Registers the policy and then makes the partitions, whose indexes depend on it. */
    AttributePolicy prepare(AttributePolicy policy) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            AttributePolicy registered = PolicyRegistry.register(connection, policy);
            statement.execute("CALL otel.ensure_partitions()");
            return registered;
        }
    }

    void createTopic(Signal signal, int partitions) {
        kafka.createTopic(signal.defaultTopic(), partitions);
    }

    TopicFiller topicFiller(Signal signal) {
        return new TopicFiller(kafka.bootstrapServers(), signal.defaultTopic());
    }

    Connection connect() throws SQLException {
        return postgres.connect();
    }

    Connection connect(String database) throws SQLException {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(postgres.jdbcUrl());
        dataSource.setDatabaseName(database);
        return dataSource.getConnection(postgres.user(), postgres.password());
    }

    /** Makes a database anew as a copy of this one, which nobody may be connected to. */
    void copyDatabase(String name) throws SQLException {
        String original;
        try (Connection connection = connect()) {
            original = connection.getCatalog();
        }
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            statement.execute("CREATE DATABASE " + name + " TEMPLATE " + original);
        }
    }

    /** Lets the job find both, and store one signal alone. */
    void configure(Configuration options, Signal signal) {
        options.set(IngestOptions.POSTGRES_URL, postgres.uri());
        options.set(IngestOptions.KAFKA, kafka.bootstrapServers());
        for (Signal any : Signal.values()) {
            options.set(SignalOptions.of(any).enabled(), any == signal);
        }
        options.set(SignalOptions.of(signal).topic(), signal.defaultTopic());
    }

    CpuClock cpuClock() {
        return new CpuClock(postgres.dataDirectory());
    }

    /** Forgets all facts and how far the topic is stored, and leaves the server nothing to write. */
    void empty() throws SQLException {
        String tables = Stream.concat(Stream.of(Table.values()).map(Table::tableName), Stream.of(OTHER_TABLES))
                .map(table -> "otel." + table)
                .collect(Collectors.joining(", "));
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE " + tables);
            statement.execute("CHECKPOINT");
        }
    }

    /** Exact numbers of rows that records have, without the tables that have none. */
    Map<Table, Long> rows() throws SQLException {
        Map<Table, Long> rows = new EnumMap<>(Table.class);
        for (Table table : Table.values()) {
            if (table == Table.OPERATION_ROLLUP_PARTIAL) {
                continue;
            }
            long count = number("SELECT count(*) FROM otel." + table.tableName());
            if (count > 0) {
                rows.put(table, count);
            }
        }
        return rows;
    }

    /** Spans that rollups count. */
    long spansInRollups() throws SQLException {
        return number("SELECT coalesce(sum(span_count), 0) FROM otel.operation_minutes");
    }

    /** Bytes of the fact tables with their indexes. */
    long diskBytes() throws SQLException {
        long bytes = 0;
        for (Table table : Table.values()) {
            bytes += number("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('otel."
                    + table.tableName() + "') WHERE isleaf");
        }
        return bytes;
    }

    /** Bytes of WAL since the server's first start. */
    long walBytes() throws SQLException {
        return number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
    }

    /** The server's version and the settings that matter here. */
    String describe() throws SQLException {
        StringBuilder text = new StringBuilder("PostgreSQL ").append(text("SHOW server_version"));
        for (String setting : SHOWN) {
            text.append(", ").append(setting).append(' ').append(text("SHOW " + setting));
        }
        return text.toString();
    }

    /** The whole number that a query's only row is. */
    long number(String query) throws SQLException {
        return Long.parseLong(text(query));
    }

    @Override
    public void close() {
        try {
            kafka.close();
        } finally {
            postgres.close();
        }
    }

    private String text(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getString(1);
        }
    }
}
