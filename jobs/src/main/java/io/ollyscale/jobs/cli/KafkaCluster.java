package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** A Kafka that answers within seconds, or says that it doesn't. Creates nothing. Throws {@link KafkaException}. */
public final class KafkaCluster implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Admin admin;
    private final String id;

    private KafkaCluster(Admin admin, String id) {
        this.admin = admin;
        this.id = id;
    }

    /**
     * Connects and asks who it is.
     *
     * @param kafka properties of a client, the bootstrap servers among them
     * @throws UserFailure if no broker answers at any of the addresses
     */
    public static KafkaCluster connect(Properties kafka) {
        Properties properties = new Properties();
        properties.putAll(kafka);
        properties.putIfAbsent(AdminClientConfig.CLIENT_ID_CONFIG, "ollyscale");
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis() / 2);
        Admin admin = Admin.create(properties);
        try {
            return new KafkaCluster(admin, await(admin.describeCluster().clusterId()));
        } catch (TimeoutException e) {
            admin.close(Duration.ZERO);
            throw new UserFailure(
                    "Kafka doesn't answer at " + kafka.getProperty(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG)
                            + "; is it running? Else check --kafka or OLLYSCALE_KAFKA, and whether it wants TLS or a"
                            + " login (--kafka-property)",
                    e);
        } catch (RuntimeException e) {
            admin.close(Duration.ZERO);
            throw e;
        }
    }

    public String id() {
        return id;
    }

    /** For questions that nothing here asks; {@link #await} waits for the answers. */
    public Admin admin() {
        return admin;
    }

    /** Those of the topics that exist, by name. */
    public Map<String, TopicDescription> topics(Collection<String> names) {
        Map<String, TopicDescription> topics = new HashMap<>();
        admin.describeTopics(names).topicNameValues().forEach((name, answer) -> {
            try {
                topics.put(name, await(answer));
            } catch (UnknownTopicOrPartitionException e) {
                // Left out, which is the answer.
            }
        });
        return topics;
    }

    /** The first offsets that the logs still have. */
    public Map<TopicPartition, Long> logStarts(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.earliest());
    }

    /** The offsets behind the last records that a reader of committed records gets. */
    public Map<TopicPartition, Long> logEnds(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.latest());
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec which) {
        Map<TopicPartition, OffsetSpec> question =
                partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> which));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        await(admin.listOffsets(question, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all())
                .forEach((partition, answer) -> offsets.put(partition, answer.offset()));
        return offsets;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    /** The client's own time limit ends it. */
    public static <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
        }
    }
}
