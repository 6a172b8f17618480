package io.ollyscale.functions.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** A topic, and what an administrator does to it. */
public final class TestTopic implements AutoCloseable {
    private final Admin admin;
    private final String name;
    private final int partitions;

    public TestTopic(String bootstrapServers, String name, int partitions) {
        this.name = name;
        this.partitions = partitions;
        // Quick to see that a broker is back.
        admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers, "metadata.max.age.ms", "500"));
    }

    public String name() {
        return name;
    }

    public int partitions() {
        return partitions;
    }

    public void create() {
        create(new NewTopic(name, partitions, (short) 1));
    }

    /** With replicas of each partition on these brokers, the first of which is the leader. */
    public void create(List<Integer> brokers, Map<String, String> settings) {
        Map<Integer, List<Integer>> assignments = IntStream.range(0, partitions)
                .boxed()
                .collect(Collectors.toMap(Function.identity(), partition -> brokers));
        create(new NewTopic(name, assignments).configs(settings));
    }

    private void create(NewTopic topic) {
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("topic " + name + " can't be created", e);
        }
        await().until(this::exists);
    }

    /** Deletes the topic, and returns when its name is free. */
    public void delete() throws Exception {
        admin.deleteTopics(List.of(name)).all().get();
        await().until(() -> !exists());
    }

    /** Deletes the records of a partition below an offset, as retention does. */
    public void deleteRecords(int partition, long below) throws Exception {
        admin.deleteRecords(Map.of(new TopicPartition(name, partition), RecordsToDelete.beforeOffset(below)))
                .all()
                .get();
    }

    /** The id of the topic's present life. */
    public String id() throws Exception {
        return admin.describeTopics(List.of(name))
                .allTopicNames()
                .get()
                .get(name)
                .topicId()
                .toString();
    }

    /** Waits until each partition has so many replicas that are in sync. */
    public void awaitInSync(int replicas) {
        await().until(() -> admin.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().stream()
                .allMatch(partition -> partition.isr().size() == replicas));
    }

    private boolean exists() {
        try {
            return admin.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().stream()
                            .filter(partition -> partition.leader() != null)
                            .count()
                    == partitions;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw new IllegalStateException("Kafka doesn't describe " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
