package io.ollyscale.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class LocalKafkaClusterITCase {

    private static final TopicPartition PARTITION = new TopicPartition("spans", 0);

    @Test
    void losesTheEndOfALogToAnUncleanElection() throws Exception {
        try (LocalKafkaCluster cluster = LocalKafkaCluster.start()) {
            cluster.createTopic(PARTITION.topic(), 1, Map.of("unclean.leader.election.enable", "true"));
            produce(cluster, "all", "kept-0", "kept-1");

            int leader = cluster.leader(PARTITION.topic(), 0).orElseThrow();
            int follower = cluster.other(leader);
            cluster.stopBroker(follower);
            produce(cluster, "1", "lost-2", "lost-3", "lost-4");
            List<ConsumerRecord<String, String>> before = consume(cluster, 5);
            assertThat(before).extracting(ConsumerRecord::value).endsWith("lost-2", "lost-3", "lost-4");
            int epochBefore = before.get(4).leaderEpoch().orElseThrow();

            cluster.stopBroker(leader);
            cluster.startBroker(follower);
            produce(cluster, "1", "new-2");
            assertThat(cluster.leader(PARTITION.topic(), 0)).hasValue(follower);

            List<ConsumerRecord<String, String>> after = consume(cluster, 3);
            assertThat(after).extracting(ConsumerRecord::value).containsExactly("kept-0", "kept-1", "new-2");
            assertThat(after).extracting(ConsumerRecord::offset).containsExactly(0L, 1L, 2L);
            assertThat(after.get(2).leaderEpoch().orElseThrow()).isGreaterThan(epochBefore);

            cluster.startBroker(leader);
            await().until(() -> inSync(cluster) == 2);
            cluster.stopBroker(follower);
            assertThat(consume(cluster, 3))
                    .as("the former leader has truncated its log")
                    .extracting(ConsumerRecord::value)
                    .containsExactly("kept-0", "kept-1", "new-2");
        }
    }

    private static int inSync(LocalKafkaCluster cluster) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            return admin.describeTopics(List.of(PARTITION.topic()))
                    .allTopicNames()
                    .get()
                    .get(PARTITION.topic())
                    .partitions()
                    .get(0)
                    .isr()
                    .size();
        }
    }

    private static void produce(LocalKafkaCluster cluster, String acks, String... values) throws Exception {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", cluster.bootstrapServers(), "acks", acks, "enable.idempotence", "false");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(PARTITION.topic(), 0, null, value))
                        .get();
            }
        }
    }

    /** Reads until the log's end, which it expects behind the given number of records. */
    private static List<ConsumerRecord<String, String>> consume(LocalKafkaCluster cluster, int count) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            while (records.size() < count) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
            assertThat(consumer.endOffsets(List.of(PARTITION))).containsEntry(PARTITION, (long) count);
            return records;
        }
    }
}
