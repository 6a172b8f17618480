package io.ollyscale.jobs.cli.doctor;

import static io.ollyscale.jobs.cli.KafkaCluster.await;

import io.ollyscale.jobs.cli.Ages;
import io.ollyscale.jobs.cli.KafkaCluster;
import io.ollyscale.jobs.cli.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Kafka and the topic of a signal. */
public final class KafkaChecks implements Checks {

    /** The Collector's own limit on a record, and Kafka's default with what surrounds a record. */
    private static final long USUAL_RECORD_BYTES = 1_000_000;

    private static final Duration SHORT_RETENTION = Duration.ofHours(12);

    private final Supplier<Properties> address;
    private final String topic;
    private final String group;
    private final int parallelism;

    private Properties properties;
    private KafkaCluster kafka;
    private Collection<Node> nodes;
    private TopicDescription description;

    /**
     * @param address properties of a client, the bootstrap servers among them; may throw where there are none
     * @param group that the job commits offsets under
     * @param parallelism of the job
     */
    public KafkaChecks(Supplier<Properties> address, String topic, String group, int parallelism) {
        this.address = address;
        this.topic = topic;
        this.group = group;
        this.parallelism = parallelism;
    }

    @Override
    public List<Check> all() {
        return List.of(
                new Check("Kafka", this::reachable),
                new Check("Kafka version", this::version),
                new Check("Topic " + topic, this::topic),
                new Check("Partitions", ofTopic(this::partitions)),
                new Check("Replication", ofTopic(this::replication)),
                new Check("Record size", ofSettings(this::recordSize)),
                new Check("Retention", ofSettings(this::retention)),
                new Check("Cleanup policy", ofSettings(this::cleanupPolicy)),
                new Check("Right to read", ofTopic(this::readRight)),
                new Check("Right to commit", this::commitRight),
                new Check("Record timestamps", ofTopic(this::timestamps)));
    }

    private Verdict reachable() {
        properties = address.get();
        kafka = KafkaCluster.connect(properties);
        nodes = await(kafka.admin().describeCluster().nodes());
        return Verdict.ok(properties.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + ", cluster "
                + kafka.id() + ", " + nodes.size() + (nodes.size() == 1 ? " broker" : " brokers"));
    }

    private Verdict version() {
        FinalizedVersionRange metadata = await(kafka.admin().describeFeatures().featureMetadata())
                .finalizedFeatures()
                .get("metadata.version");
        return Verdict.ok(
                metadata == null ? "before 3.3, or with ZooKeeper" : "metadata.version " + metadata.maxVersionLevel());
    }

    private Verdict topic() {
        try {
            description = await(kafka.admin()
                    .describeTopics(List.of(topic), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                    .topicNameValues()
                    .get(topic));
        } catch (UnknownTopicOrPartitionException e) {
            return Verdict.failed("doesn't exist: kafka-topics.sh --bootstrap-server "
                    + properties.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + " --create --topic "
                    + topic
                    + " --partitions " + Math.max(parallelism, 4));
        }
        if (Uuid.ZERO_UUID.equals(description.topicId())) {
            return Verdict.warning(
                    "there, but these brokers give topics no ids: never delete it and create it anew, for"
                            + " the new one would be taken for the old; brokers do from 2.8 on");
        }
        return Verdict.ok("there, with id " + description.topicId());
    }

    private Verdict partitions() {
        List<Integer> headless = partitionsWhere(
                partition -> partition.leader() == null || partition.leader().isEmpty());
        int partitions = description.partitions().size();
        if (!headless.isEmpty()) {
            return Verdict.failed("no leader for " + list(headless) + " of " + partitions
                    + ": nothing can be written or read there until their brokers are back");
        }
        if (partitions < parallelism) {
            return Verdict.warning(partitions + " for a job of parallelism " + parallelism + ": "
                    + (parallelism - partitions) + " subtasks have nothing to read; add partitions");
        }
        return Verdict.ok(Integer.toString(partitions));
    }

    private Verdict replication() {
        int replicas = description.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
        List<Integer> behind = partitionsWhere(
                partition -> partition.isr().size() < partition.replicas().size());
        if (!behind.isEmpty()) {
            return Verdict.warning("replicas of " + list(behind) + " aren't in sync: see to their brokers");
        }
        if (replicas == 1) {
            return nodes.size() == 1
                    ? Verdict.ok("1 copy, on the only broker")
                    : Verdict.warning("1 copy: what its broker loses is lost; add replicas with"
                            + " kafka-reassign-partitions.sh");
        }
        Optional<Config> settings = settings();
        if (settings.isPresent() && value(settings.get(), TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG) < 2) {
            return Verdict.warning(
                    replicas + " copies, but min.insync.replicas is 1: a record may be acknowledged and then"
                            + " lost with one broker; set 2, and acks=all on the producers");
        }
        if (settings.isPresent()
                && Boolean.parseBoolean(text(settings.get(), TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG))) {
            return Verdict.warning(
                    replicas + " copies, but unclean.leader.election.enable is true: records may be thrown"
                            + " away, and the job then stops for good; set false");
        }
        return Verdict.ok(replicas + " copies");
    }

    private Verdict recordSize(Config settings) {
        long bytes = value(settings, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        return bytes < USUAL_RECORD_BYTES
                ? Verdict.warning("max.message.bytes is " + Size.of(bytes) + ", and the Collector sends up to "
                        + Size.of(USUAL_RECORD_BYTES) + ", which Kafka refuses; raise it")
                : Verdict.ok("up to " + Size.of(bytes));
    }

    private Verdict retention(Config settings) {
        long millis = value(settings, TopicConfig.RETENTION_MS_CONFIG);
        long bytes = value(settings, TopicConfig.RETENTION_BYTES_CONFIG);
        String kept = (millis < 0 ? "for ever" : Ages.of(Duration.ofMillis(millis)))
                + (bytes < 0 ? "" : " or " + Size.of(bytes) + " a partition");
        if (millis >= 0 && millis < SHORT_RETENTION.toMillis()) {
            return Verdict.warning(
                    kept + ": what isn't stored by then, while PostgreSQL is down say, is lost; raise retention.ms");
        }
        return Verdict.ok(kept);
    }

    private Verdict cleanupPolicy(Config settings) {
        String policy = text(settings, TopicConfig.CLEANUP_POLICY_CONFIG);
        return policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)
                ? Verdict.failed(policy + ": Kafka throws away all but the last record of each key, and refuses records"
                        + " without one; set cleanup.policy=delete")
                : Verdict.ok(policy);
    }

    private Verdict readRight() {
        Set<AclOperation> rights = description.authorizedOperations();
        if (rights == null) {
            return Verdict.skipped("the brokers don't say");
        }
        return rights.contains(AclOperation.READ)
                ? Verdict.ok("topic " + topic)
                : Verdict.failed("this user may not read topic " + topic
                        + ": kafka-acls.sh --add --operation Read --topic " + topic + " …");
    }

    private Verdict commitRight() {
        try {
            // Commits nothing, which needs the right all the same.
            await(kafka.admin().alterConsumerGroupOffsets(group, Map.of()).all());
        } catch (GroupAuthorizationException e) {
            return Verdict.warning("this user may not commit as group " + group + ": ingest works, but lag monitors see"
                    + " nothing; kafka-acls.sh --add --operation Read --group " + group + " …");
        }
        return Verdict.ok("group " + group);
    }

    private Verdict timestamps() {
        Map<TopicPartition, OffsetSpec> question = description.partitions().stream()
                .collect(Collectors.toMap(
                        partition -> new TopicPartition(topic, partition.partition()),
                        partition -> OffsetSpec.maxTimestamp()));
        long newest = await(kafka.admin().listOffsets(question).all()).values().stream()
                .mapToLong(ListOffsetsResultInfo::timestamp)
                .max()
                .orElse(-1);
        if (newest < 0) {
            return Verdict.ok("no records yet");
        }
        Duration ahead = Duration.between(Instant.now(), Instant.ofEpochMilli(newest));
        if (ahead.compareTo(Clocks.TOLERANCE) > 0) {
            return Verdict.warning(
                    "the newest record is " + Ages.of(ahead) + " ahead of this machine: mend the clock of its"
                            + " producer, or of this machine; first_seen and last_seen follow it, rows' arrival doesn't");
        }
        return Verdict.ok("newest record " + Ages.of(ahead.negated()) + " old");
    }

    @Override
    public void close() {
        if (kafka != null) {
            kafka.close();
        }
    }

    private Callable<Verdict> ofTopic(Callable<Verdict> question) {
        return () -> description == null ? Verdict.skipped("there is no topic " + topic) : question.call();
    }

    private Callable<Verdict> ofSettings(Function<Config, Verdict> question) {
        return ofTopic(() -> settings()
                .map(question)
                .orElseGet(() ->
                        Verdict.skipped("this user may not see it, and ingest doesn't need to (DescribeConfigs)")));
    }

    /** Empty where the user may not see them. */
    private Optional<Config> settings() {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try {
            return Optional.of(await(
                    kafka.admin().describeConfigs(List.of(resource)).values().get(resource)));
        } catch (TopicAuthorizationException e) {
            return Optional.empty();
        }
    }

    private static String text(Config settings, String name) {
        ConfigEntry entry = settings.get(name);
        return entry == null ? "" : entry.value();
    }

    private static long value(Config settings, String name) {
        return Long.parseLong(text(settings, name));
    }

    private List<Integer> partitionsWhere(Predicate<TopicPartitionInfo> condition) {
        return description.partitions().stream()
                .filter(condition)
                .map(TopicPartitionInfo::partition)
                .toList();
    }

    private static String list(List<Integer> partitions) {
        return (partitions.size() == 1 ? "partition " : "partitions ")
                + partitions.stream().limit(10).map(Object::toString).collect(Collectors.joining(", "))
                + (partitions.size() > 10 ? ", …" : "");
    }
}
