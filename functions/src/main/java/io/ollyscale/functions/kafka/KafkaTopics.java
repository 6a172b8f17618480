package io.ollyscale.functions.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the broker knows of topics besides their records: which life of a topic it is, and where its logs begin and end.
 * Thread-safe. Every question that isn't answered in time throws a {@link KafkaException}.
 */
public final class KafkaTopics implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaTopics.class);
    private static final int TIMEOUT_SECONDS = 15;

    private final Admin admin;

    /** @param kafka the connection's properties, as a consumer has them */
    public KafkaTopics(Properties kafka) {
        Properties properties = new Properties();
        properties.putAll(kafka);
        properties.keySet().removeIf(name -> !AdminClientConfig.configNames().contains(String.valueOf(name)));
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_SECONDS * 1000);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_SECONDS * 1000 / 3);
        admin = Admin.create(properties);
    }

    public String clusterId() {
        return await(admin.describeCluster().clusterId());
    }

    /**
     * Asks for the ids of topics; the answer holds for some moment between the call and its completion.
     *
     * @return by name; the name itself where the broker has no ids; without the topics that don't exist
     */
    public CompletableFuture<Map<String, String>> topicIds(Collection<String> topics) {
        Map<String, KafkaFuture<TopicDescription>> answers =
                admin.describeTopics(topics).topicNameValues();
        CompletableFuture<Map<String, String>> ids = CompletableFuture.completedFuture(new HashMap<>());
        for (Map.Entry<String, KafkaFuture<TopicDescription>> answer : answers.entrySet()) {
            ids = ids.thenCombine(
                    answer.getValue().toCompletionStage().toCompletableFuture().handle((topic, error) -> {
                        if (error == null) {
                            warnWithoutId(topic);
                            return idOf(topic);
                        }
                        if (unwrap(error) instanceof UnknownTopicOrPartitionException) {
                            return "";
                        }
                        throw new KafkaException("cannot ask Kafka for topic " + answer.getKey(), unwrap(error));
                    }),
                    (known, id) -> {
                        if (!id.isEmpty()) {
                            known.put(answer.getKey(), id);
                        }
                        return known;
                    });
        }
        return ids;
    }

    /** The id of one topic, as it is now. */
    public String topicId(String topic) {
        String id = await(topicIds(List.of(topic))).get(topic);
        if (id == null) {
            throw new UnknownTopicOrPartitionException("topic " + topic + " doesn't exist any more");
        }
        return id;
    }

    /** The first offsets that the logs still have. */
    public Map<TopicPartition, Long> logStarts(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.earliest());
    }

    /** The offsets that the logs' next records will have. */
    public Map<TopicPartition, Long> logEnds(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.latest());
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec which) {
        Map<TopicPartition, OffsetSpec> question = new HashMap<>();
        partitions.forEach(partition -> question.put(partition, which));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        await(admin.listOffsets(question).all())
                .forEach((partition, answer) -> offsets.put(partition, answer.offset()));
        return offsets;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    /** What the ledger calls a topic's life: its id, or its name where the broker has none. */
    public static String idOf(TopicDescription topic) {
        return hasId(topic) ? topic.topicId().toString() : topic.name();
    }

    private static void warnWithoutId(TopicDescription topic) {
        if (!hasId(topic)) {
            LOG.warn(
                    "The broker gives topics no ids: a topic {} that is deleted and created anew can't be told from the old one",
                    topic.name());
        }
    }

    private static boolean hasId(TopicDescription topic) {
        return !Uuid.ZERO_UUID.equals(topic.topicId());
    }

    /** Waits for an answer of {@link #topicIds}. */
    public static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException kafka
                    ? kafka
                    : new KafkaException("Kafka doesn't answer", e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException("Kafka doesn't answer within " + TIMEOUT_SECONDS + " s", e);
        }
    }

    private static <T> T await(KafkaFuture<T> answer) {
        return await(answer.toCompletionStage().toCompletableFuture());
    }

    private static Throwable unwrap(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }
}
