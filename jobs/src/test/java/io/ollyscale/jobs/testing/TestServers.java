package io.ollyscale.jobs.testing;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.sql.Migrations;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.postgresql.ds.PGSimpleDataSource;

/** A broker on a log directory that is kept, and a PostgreSQL with the schema of this release and no data. */
public final class TestServers implements AutoCloseable {
    private static final Path CONF = Path.of("..", "flink-conf");
    private static final Path POLICY = Path.of("src", "test", "resources", "savepoints", "policy");

    /** What the registry's state knows doesn't fall due again, and doesn't expire, however old a savepoint is. */
    private static final Duration NEVER = Duration.ofDays(36_500);

    private final LocalKafka kafka;
    private final LocalPostgres postgres;

    private TestServers(LocalKafka kafka, LocalPostgres postgres) {
        this.kafka = kafka;
        this.postgres = postgres;
    }

    /** @param kafkaLog an empty directory, or one that a broker has left */
    public static TestServers start(Path kafkaLog) {
        CompletableFuture<LocalPostgres> postgres = CompletableFuture.supplyAsync(TestServers::migratedPostgres);
        LocalKafka kafka;
        try {
            kafka = LocalKafka.builder().logDirectory(kafkaLog).start();
        } catch (RuntimeException e) {
            postgres.join().close();
            throw e;
        }
        try {
            return new TestServers(kafka, postgres.join());
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    private static LocalPostgres migratedPostgres() {
        LocalPostgres postgres = LocalPostgres.builder().shortLived().start();
        try {
            PGSimpleDataSource dataSource = new PGSimpleDataSource();
            dataSource.setUrl(postgres.jdbcUrl());
            dataSource.setUser(postgres.user());
            dataSource.setPassword(postgres.password());
            Migrations.migrate(dataSource);
            return postgres;
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    public LocalKafka kafka() {
        return kafka;
    }

    /** The configuration that ships, with these servers, the default topics, and a policy for numbered records. */
    public Configuration options() {
        Configuration options = GlobalConfiguration.loadConfiguration(CONF.toString());
        options.set(IngestOptions.POLICY_DIRECTORY, POLICY.toString());
        options.set(IngestOptions.POSTGRES_URL, postgres.uri());
        options.set(IngestOptions.KAFKA, kafka.bootstrapServers());
        options.set(IngestOptions.DIMENSION_REWRITE_INTERVAL, NEVER);
        return options;
    }

    /** Publishes numbered records of each signal, to all partitions in turn, and returns when Kafka has them. */
    public void publish(NumberRange numbers) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (Signal signal : Signal.values()) {
                String topic = signal.defaultTopic();
                int partitions = producer.partitionsFor(topic).size();
                List<Future<RecordMetadata>> answers = new ArrayList<>();
                for (int first = numbers.first(); first < numbers.end(); first += NumberRange.IN_RECORD) {
                    byte[] record =
                            NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, first, NumberRange.IN_RECORD);
                    int partition = first / NumberRange.IN_RECORD % partitions;
                    answers.add(producer.send(new ProducerRecord<>(topic, partition, null, record)));
                }
                for (Future<RecordMetadata> answer : answers) {
                    answer.get();
                }
            }
        }
    }

    /** Publishes a record of each signal. */
    public void publish(Map<Signal, byte[]> records) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (Map.Entry<Signal, byte[]> record : records.entrySet()) {
                producer.send(new ProducerRecord<>(record.getKey().defaultTopic(), 0, null, record.getValue()))
                        .get();
            }
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** The numbers that are stored of a signal, in order; one that is stored twice is there twice. */
    public List<Integer> stored(Signal signal) throws SQLException {
        List<Integer> numbers = new ArrayList<>();
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(NumberedRecords.storedNumbers(signal))) {
            while (result.next()) {
                numbers.add(result.getInt(1));
            }
        }
        Collections.sort(numbers);
        return numbers;
    }

    /** Whether at least so much of each signal is stored. */
    public boolean areStored(int count) throws SQLException {
        for (Signal signal : Signal.values()) {
            if (stored(signal).size() < count) {
                return false;
            }
        }
        return true;
    }

    /** The first column of a query's rows. */
    public Set<String> texts(String query) throws SQLException {
        Set<String> texts = new TreeSet<>();
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                texts.add(result.getString(1));
            }
        }
        return texts;
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Stops both in order; the broker's log directory is kept. */
    @Override
    public void close() {
        try {
            kafka.close();
        } finally {
            postgres.close();
        }
    }
}
