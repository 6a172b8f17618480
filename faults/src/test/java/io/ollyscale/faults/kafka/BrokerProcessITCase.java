package io.ollyscale.faults.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerProcessITCase {

    private static final String TOPIC = "numbers";

    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @Test
    void keepsItsRecordsWhenItIsKilledAndLosesThoseThatAreCutOff(@TempDir Path directory) throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory, Map.of())) {
            broker.start();
            createTopic(broker);
            produce(broker, 0, 10);
            broker.kill();
            assertThatThrownBy(() -> broker.truncate(TOPIC, 0, 11)).isInstanceOf(IllegalArgumentException.class);

            broker.start();
            assertThat(end(broker)).isEqualTo(10);
            assertThatThrownBy(() -> broker.truncate(TOPIC, 0, 6)).isInstanceOf(IllegalStateException.class);
            broker.kill();

            assertThat(broker.truncate(TOPIC, 0, 6)).isEqualTo(6);
            broker.start();
            assertThat(end(broker)).isEqualTo(6);
            produce(broker, 100, 2);
            List<ConsumerRecord<String, String>> records = records(broker);
            assertThat(records)
                    .extracting(ConsumerRecord::value)
                    .containsExactly("0", "1", "2", "3", "4", "5", "100", "101");
            assertThat(epoch(records.get(6))).isGreaterThan(epoch(records.get(5)));
        }
    }

    @Test
    void cutsTheLogOfABrokerThatStoppedInOrder(@TempDir Path directory) throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory, Map.of())) {
            broker.start();
            createTopic(broker);
            produce(broker, 0, 5);
            broker.stop();

            assertThat(broker.truncate(TOPIC, 0, 3)).isEqualTo(3);
            broker.start();
            produce(broker, 100, 1);
            assertThat(records(broker)).extracting(ConsumerRecord::value).containsExactly("0", "1", "2", "100");
        }
    }

    private static void createTopic(BrokerProcess broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
    }

    /** Each in a batch of its own. */
    private static void produce(BrokerProcess broker, int from, int count) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            for (int number = from; number < from + count; number++) {
                producer.send(new ProducerRecord<>(TOPIC, Integer.toString(number)))
                        .get();
            }
        }
    }

    private static long end(BrokerProcess broker) {
        try (KafkaConsumer<String, String> consumer = consumer(broker)) {
            return consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
        }
    }

    private static List<ConsumerRecord<String, String>> records(BrokerProcess broker) {
        try (KafkaConsumer<String, String> consumer = consumer(broker)) {
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            while (consumer.position(PARTITION) < end) {
                consumer.poll(Duration.ofMillis(100)).records(PARTITION).forEach(records::add);
            }
            return records;
        }
    }

    private static KafkaConsumer<String, String> consumer(BrokerProcess broker) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static int epoch(ConsumerRecord<String, String> record) {
        return Optional.of(record).flatMap(ConsumerRecord::leaderEpoch).orElseThrow();
    }
}
