package io.ollyscale.jobs.cli.doctor;

import static io.ollyscale.jobs.cli.KafkaCluster.await;

import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.cli.Ages;
import io.ollyscale.jobs.cli.Size;
import io.ollyscale.jobs.cli.recording.RecordingFormat;
import io.ollyscale.jobs.cli.recording.SignalGuess;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A signal's topic: whether it is there, keeps records for long enough, and holds what the job expects. */
final class TopicChecks {

    /** The Collector's own limit on a record, and Kafka's default with what surrounds a record. */
    private static final long USUAL_RECORD_BYTES = 1_000_000;

    private static final Duration SHORT_RETENTION = Duration.ofHours(12);

    /** For a record that is there; a check has longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final SignalTopic topic;
    private final KafkaChecks server;
    private TopicDescription description;

    /** @param server is asked first */
    TopicChecks(SignalTopic topic, KafkaChecks server) {
        this.topic = topic;
        this.server = server;
    }

    List<Check> all() {
        return List.of(
                new Check("Topic " + topic.name(), this::topic),
                check("partitions", ofTopic(this::partitions)),
                check("replication", ofTopic(this::replication)),
                check("record size", ofSettings(this::recordSize)),
                check("retention", ofSettings(this::retention)),
                check("cleanup policy", ofSettings(this::cleanupPolicy)),
                check("right to read", ofTopic(this::readRight)),
                check("timestamps", ofTopic(this::timestamps)),
                check("content", ofTopic(this::content)));
    }

    private Check check(String subject, Callable<Verdict> question) {
        return new Check(topic.name() + " " + subject, question);
    }

    private Verdict topic() {
        try {
            description = await(server.kafka()
                    .admin()
                    .describeTopics(
                            List.of(topic.name()), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                    .topicNameValues()
                    .get(topic.name()));
        } catch (UnknownTopicOrPartitionException e) {
            return Verdict.failed("doesn't exist: kafka-topics.sh --bootstrap-server "
                    + server.properties().getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)
                    + " --create --topic "
                    + topic.name()
                    + " --partitions " + Math.max(topic.subtasks(), 4) + "; or leave " + topic.signal() + " out with "
                    + SignalOptions.of(topic.signal()).enabled().key() + "=false");
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
        if (partitions < topic.subtasks()) {
            return Verdict.warning(partitions + " for " + topic.subtasks() + " subtasks: "
                    + (topic.subtasks() - partitions) + " of them have nothing to read; add partitions");
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
            return server.brokers() == 1
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
                ? Verdict.ok("yes")
                : Verdict.failed("this user may not read topic " + topic.name()
                        + ": kafka-acls.sh --add --operation Read --topic " + topic.name() + " …");
    }

    private Verdict timestamps() {
        Optional<ListOffsetsResultInfo> newest =
                newestRecords().values().stream().max(Comparator.comparingLong(ListOffsetsResultInfo::timestamp));
        if (newest.isEmpty()) {
            return Verdict.ok("no records yet");
        }
        Duration ahead = Duration.between(
                Instant.now(), Instant.ofEpochMilli(newest.get().timestamp()));
        if (ahead.compareTo(Clocks.TOLERANCE) > 0) {
            return Verdict.warning(
                    "the newest record is " + Ages.of(ahead) + " ahead of this machine: mend the clock of its"
                            + " producer, or of this machine; first_seen and last_seen follow it, rows' arrival doesn't");
        }
        return Verdict.ok("newest record " + Ages.of(ahead.negated()) + " old");
    }

    /** Looks at one record: where that is of another encoding or signal, so are the others. */
    private Verdict content() throws IOException {
        Optional<byte[]> record;
        try {
            record = newestRecord();
        } catch (TopicAuthorizationException e) {
            return Verdict.skipped("this user may not read it");
        }
        if (record.isEmpty()) {
            return Verdict.ok("no records yet, " + topic.encoding() + " is expected");
        }
        RecordEncoding found = isJson(record.get()) ? RecordEncoding.OTLP_JSON : RecordEncoding.OTLP_PROTO;
        if (found != topic.encoding()) {
            return Verdict.warning("the newest record looks like " + found + ", and everything else goes to quarantine:"
                    + " set " + SignalOptions.of(topic.signal()).encoding().key() + "=" + found
                    + ", or the producer's encoding to " + topic.encoding());
        }
        Optional<Signal> signal = SignalGuess.of(record.get(), found);
        return signal.isPresent() && signal.get() != topic.signal()
                ? Verdict.warning("the newest record looks like " + signal.get() + ", and all but " + topic.signal()
                        + " goes to quarantine: name another topic with "
                        + SignalOptions.of(topic.signal()).topic().key())
                : Verdict.ok(
                        topic.encoding() + signal.map(known -> ", " + known).orElse(""));
    }

    private static boolean isJson(byte[] record) {
        byte[] head = Arrays.copyOf(record, Math.min(record.length, RecordingFormat.HEAD_BYTES));
        return RecordingFormat.of(head) == RecordingFormat.JSON;
    }

    /** Empty where there are none, or the newest isn't there any more. */
    private Optional<byte[]> newestRecord() {
        Optional<Map.Entry<TopicPartition, ListOffsetsResultInfo>> newest = newestRecords().entrySet().stream()
                .max(Comparator.comparingLong(entry -> entry.getValue().timestamp()));
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        TopicPartition partition = newest.get().getKey();
        Properties properties = new Properties();
        properties.putAll(server.properties());
        properties.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, "ollyscale");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, newest.get().getValue().offset());
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(PATIENCE)) {
                return Optional.ofNullable(record.value());
            }
            return Optional.empty();
        }
    }

    /** Of the partitions that have records. */
    private Map<TopicPartition, ListOffsetsResultInfo> newestRecords() {
        Map<TopicPartition, OffsetSpec> question = description.partitions().stream()
                .collect(Collectors.toMap(
                        partition -> new TopicPartition(topic.name(), partition.partition()),
                        partition -> OffsetSpec.maxTimestamp()));
        Map<TopicPartition, ListOffsetsResultInfo> newest =
                new HashMap<>(await(server.kafka().admin().listOffsets(question).all()));
        newest.values().removeIf(record -> record.timestamp() < 0);
        return newest;
    }

    private Callable<Verdict> ofTopic(Callable<Verdict> question) {
        return () -> description == null ? Verdict.skipped("there is no topic " + topic.name()) : question.call();
    }

    private Callable<Verdict> ofSettings(Function<Config, Verdict> question) {
        return ofTopic(() -> settings()
                .map(question)
                .orElseGet(() ->
                        Verdict.skipped("this user may not see it, and ingest doesn't need to (DescribeConfigs)")));
    }

    /** Empty where the user may not see them. */
    private Optional<Config> settings() {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
        try {
            return Optional.of(await(server.kafka()
                    .admin()
                    .describeConfigs(List.of(resource))
                    .values()
                    .get(resource)));
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
