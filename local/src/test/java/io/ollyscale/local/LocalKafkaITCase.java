package io.ollyscale.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalKafkaITCase {

    private static LocalKafka kafka;

    @BeforeAll
    static void start() {
        kafka = LocalKafka.builder().start();
    }

    @AfterAll
    static void close() {
        kafka.close();
        assertThat(kafka.logDirectory()).doesNotExist();
    }

    @Test
    void keepsPortAndRecordsOverARestart() throws Exception {
        kafka.createTopic("restarted", 3);
        produce(kafka, "restarted", bytes(10));
        String clusterId = clusterId(kafka);

        kafka.stop();
        kafka.stop();
        kafka.start();
        kafka.start();
        kafka.createTopic("restarted", 3);
        produce(kafka, "restarted", bytes(10));

        assertThat(consume(kafka, "restarted", 2)).hasSize(2);
        assertThat(clusterId(kafka)).isEqualTo(clusterId);
    }

    @Test
    void takesRecordsOfTheLargestSize() throws Exception {
        kafka.createTopic("large", 1);
        byte[] value = bytes(LocalKafka.MAX_RECORD_BYTES);

        produce(kafka, "large", value);

        assertThat(consume(kafka, "large", 1).get(0).value()).isEqualTo(value);
    }

    @Test
    void createsNoTopicByItself() throws Exception {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers(), "allow.auto.create.topics", "true"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            assertThat(consumer.partitionsFor("nowhere")).isEmpty();
            assertThat(admin.listTopics().names().get()).doesNotContain("nowhere");
        }
    }

    @Test
    void refusesAnOccupiedPort() throws Exception {
        try (ServerSocket occupant = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            LocalKafka.builder().port(occupant.getLocalPort()).start())
                    .isInstanceOf(LocalStackException.class)
                    .hasMessageContaining("Port " + occupant.getLocalPort())
                    .hasMessageContaining("choose another port");
        }
    }

    @Test
    void usesAKeptDirectoryAgain(@TempDir Path parent) throws Exception {
        Path directory = parent.resolve("kafka");
        String clusterId;
        try (LocalKafka first = LocalKafka.builder().logDirectory(directory).start()) {
            first.createTopic("kept", 1);
            produce(first, "kept", bytes(10));
            clusterId = clusterId(first);

            assertThatThrownBy(
                            () -> LocalKafka.builder().logDirectory(directory).start())
                    .isInstanceOf(LocalStackException.class)
                    .hasMessageContaining("in use by another broker");
        }
        try (LocalKafka second = LocalKafka.builder().logDirectory(directory).start()) {
            assertThat(clusterId(second)).isEqualTo(clusterId);
            assertThat(consume(second, "kept", 1)).hasSize(1);
        }
        assertThat(directory).exists();
    }

    @Test
    void leavesAForeignDirectoryAlone(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("letter.txt"), "not Kafka's");

        assertThatThrownBy(() -> LocalKafka.builder().logDirectory(directory).start())
                .isInstanceOf(LocalStackException.class)
                .hasMessageContaining("something else than Kafka's data");

        assertThat(directory.toFile().list()).containsExactly("letter.txt");
    }

    @Test
    void saysWhichSettingIsWrong() {
        assertThatThrownBy(() ->
                        LocalKafka.builder().setting("log.retention.ms", "soon").start())
                .isInstanceOf(LocalStackException.class)
                .hasMessageContaining("log.retention.ms");
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static String clusterId(LocalKafka kafka) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            return admin.describeCluster().clusterId().get();
        }
    }

    private static void produce(LocalKafka kafka, String topic, byte[] value) throws Exception {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "max.request.size",
                LocalKafka.MAX_RECORD_BYTES + (1 << 20),
                "buffer.memory",
                2L * LocalKafka.MAX_RECORD_BYTES,
                "max.block.ms",
                5_000);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get();
        }
    }

    /** Reads in a group, so that the broker's internal topics are needed too. */
    private static List<ConsumerRecord<byte[], byte[]>> consume(LocalKafka kafka, String topic, int count) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "group.id", topic, "auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (records.size() < count) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
            consumer.commitSync();
            return records;
        }
    }
}
