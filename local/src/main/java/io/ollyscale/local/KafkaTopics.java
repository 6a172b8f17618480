package io.ollyscale.local;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates topics and looks at them. */
final class KafkaTopics {

    private static final long LEADER_SECONDS = 30;

    private KafkaTopics() {}

    static void create(
            String bootstrapServers, String name, int partitions, int replicas, Map<String, String> settings) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            NewTopic topic = new NewTopic(name, partitions, (short) replicas).configs(settings);
            try {
                admin.createTopics(List.of(topic)).all().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
            awaitLeaders(admin, name);
        } catch (ExecutionException e) {
            throw new LocalStackException(
                    "The topic " + name + " can't be created on " + bootstrapServers + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalStackException("Interrupted while creating the topic " + name, e);
        }
    }

    /** @return the id of the broker that leads the partition, empty when none does */
    static OptionalInt leader(String bootstrapServers, String topic, int partition) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            Node leader = admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .get(partition)
                    .leader();
            return leader == null || leader.isEmpty() ? OptionalInt.empty() : OptionalInt.of(leader.id());
        } catch (ExecutionException e) {
            throw new LocalStackException(
                    "The topic " + topic + " can't be described by " + bootstrapServers + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalStackException("Interrupted while describing the topic " + topic, e);
        }
    }

    private static void awaitLeaders(Admin admin, String name) throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LEADER_SECONDS);
        while (!haveLeaders(admin, name)) {
            if (System.nanoTime() > deadline) {
                throw new LocalStackException("The topic " + name + " has a partition without a leader.");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static boolean haveLeaders(Admin admin, String name) throws ExecutionException, InterruptedException {
        try {
            TopicDescription topic =
                    admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
            return topic.partitions().stream()
                    .allMatch(partition ->
                            partition.leader() != null && !partition.leader().isEmpty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }
}
