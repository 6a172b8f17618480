package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ollyscale.functions.dimensions.DimensionRegistry;
import io.ollyscale.functions.dimensions.DimensionSink;
import io.ollyscale.functions.dimensions.Sighting;
import io.ollyscale.functions.flatten.Flatten;
import io.ollyscale.functions.flatten.FlattenFactory;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.sink.PostgresCopySink;
import io.ollyscale.functions.sink.SinkSettings;
import io.ollyscale.functions.sink.TransactionRows;
import io.ollyscale.functions.source.LedgerOffsets;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.source.RawRecordDeserializer;
import io.ollyscale.functions.testing.Findings;
import io.ollyscale.functions.testing.TestTopic;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.OperationRollup;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RecordExcerpt;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;

/**
 * A topic for each signal, a database, and jobs of three chains that store the ones in the other. What is done to a scenario is
 * done to each signal. Ends the jobs when it is closed.
 */
final class Scenario implements AutoCloseable {
    /** Of a service, that get a row. */
    static final int MAX_OPERATIONS = 1_000;

    private static final int PARTITIONS = 3;

    /** Longer than a job lives: one that is held at an offset begins transactions by the number of units alone. */
    private static final Duration UNTIL_THE_END = Duration.ofHours(1);

    private final String name;
    private final MiniCluster flink;
    private final String bootstrapServers;
    private final Map<Signal, TestTopic> topics = new EnumMap<>(Signal.class);
    private final Map<Signal, NumberedUnits> units = new EnumMap<>(Signal.class);
    private final TestStore store;
    private final Path directory;
    private final List<RunningJob> jobs = new ArrayList<>();

    /**
     * @param name of the database; topics are called by it and their signal
     * @param create a topic
     * @param acks that Kafka gives for a record
     */
    Scenario(
            Servers servers,
            LocalPostgres postgres,
            String name,
            String bootstrapServers,
            int partitions,
            Consumer<TestTopic> create,
            String acks) {
        this.name = name;
        this.flink = servers.flink();
        this.bootstrapServers = bootstrapServers;
        for (Signal signal : Signal.values()) {
            TestTopic topic = new TestTopic(bootstrapServers, name + "_" + signal, partitions);
            create.accept(topic);
            topics.put(signal, topic);
            units.put(signal, new NumberedUnits(signal, encoding(signal), bootstrapServers, topic, acks));
        }
        try {
            store = TestStore.create(postgres, name);
            directory = Files.createTempDirectory("ollyscale-faults-");
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With topics and a database of this name. */
    static Scenario on(Servers servers, String name) {
        return on(servers, servers.postgres(), name);
    }

    /** With a PostgreSQL of its own. */
    static Scenario on(Servers servers, LocalPostgres postgres, String name) {
        return new Scenario(
                servers, postgres, name, servers.kafka().bootstrapServers(), PARTITIONS, TestTopic::create, "all");
    }

    /** One topic is of JSON: a chain of either encoding. */
    private static RecordEncoding encoding(Signal signal) {
        return signal == Signal.LOGS ? RecordEncoding.OTLP_JSON : RecordEncoding.OTLP_PROTO;
    }

    String name() {
        return name;
    }

    TestTopic topic(Signal signal) {
        return topics.get(signal);
    }

    Collection<TestTopic> topics() {
        return topics.values();
    }

    TestStore store() {
        return store;
    }

    /** Publishes so many records of each signal, to all partitions in turn. */
    void send(int records) {
        units.values().forEach(signal -> signal.send(records));
    }

    /** Publishes so many records of each signal to one partition. */
    void sendTo(int partition, int records) {
        units.values().forEach(signal -> signal.sendTo(partition, records));
    }

    /** Publishes a record that isn't among those that must be stored. */
    void sendOther(Signal signal, byte[] record) {
        units.get(signal).sendOther(record);
    }

    /** Records that Kafka lost before the job could read them, in each signal. */
    void expectLost(Predicate<NumberedUnits.Sent> lost) {
        units.values().forEach(signal -> signal.expectLost(lost));
    }

    void expectLost(Signal signal, Predicate<NumberedUnits.Sent> lost) {
        units.get(signal).expectLost(lost);
    }

    /** The logs were deleted or truncated, as of {@link NumberedUnits#forgetEnds}. */
    void forgetEnds() {
        units.values().forEach(NumberedUnits::forgetEnds);
    }

    /** Deletes each topic and creates another one of the same name. */
    void createTopicsAnew() throws Exception {
        for (Signal signal : Signal.values()) {
            createTopicAnew(signal);
        }
    }

    void createTopicAnew(Signal signal) throws Exception {
        topics.get(signal).delete();
        topics.get(signal).create();
        units.get(signal).forgetEnds();
    }

    /** Deletes the records of a partition below an offset, as retention does, in each topic. */
    void deleteRecords(int partition, long below) throws Exception {
        for (TestTopic topic : topics.values()) {
            topic.deleteRecords(partition, below);
        }
    }

    /** The ids of the topics' present lives. */
    List<String> topicIds() throws Exception {
        List<String> ids = new ArrayList<>();
        for (TestTopic topic : topics.values()) {
            ids.add(topic.id());
        }
        return ids;
    }

    /** The same offsets in each topic. */
    Map<TopicPartition, Long> inEachTopic(Map<Integer, Long> offsets) {
        Map<TopicPartition, Long> all = new HashMap<>();
        topics.values()
                .forEach(topic -> offsets.forEach(
                        (partition, offset) -> all.put(new TopicPartition(topic.name(), partition), offset)));
        return all;
    }

    /** Submits a job, with a generation of its own. */
    RunningJob start(JobPlan plan) throws Exception {
        long generation = store.takeGeneration(plan.name());
        String run = name + "-" + generation;
        FaultPoint.Control faultPoint = FaultPoint.newControl(run, plan);
        AttributePolicy policy = store.register(plan.policy());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration(plan));
        env.setParallelism(plan.parallelism());
        List<DataStream<Sighting>> sightings = new ArrayList<>();
        for (Signal signal : Signal.values()) {
            sightings.add(facts(env, signal, plan, policy, run, generation));
        }
        sightings
                .get(0)
                .union(sightings.get(1), sightings.get(2))
                .keyBy(Sighting::key, Types.LONG)
                .process(new DimensionRegistry(plan.dimensionInterval(), MAX_OPERATIONS))
                .uid("dimension-registry")
                .sinkTo(new DimensionSink(store.connection(), 1_000))
                .uid("dimension-sink");
        JobGraph graph = env.getStreamGraph().getJobGraph();
        assertThat(graph.getNumberOfVertices())
                .as("a chain for each signal's facts and one for dimensions")
                .isEqualTo(4);
        if (plan.restoreFrom() != null) {
            graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(plan.restoreFrom()));
        }
        RunningJob job = new RunningJob(flink, graph.getJobID(), faultPoint, directory);
        flink.submitJob(graph).get();
        jobs.add(job);
        return job;
    }

    /** A signal's chain; returns what it reports of dimensions. */
    private DataStream<Sighting> facts(
            StreamExecutionEnvironment env,
            Signal signal,
            JobPlan plan,
            AttributePolicy policy,
            String run,
            long generation) {
        SingleOutputStreamOperator<RowBatch> flattened = env.fromSource(
                        source(signal, plan), WatermarkStrategy.noWatermarks(), signal + "-source")
                .uid(signal + "-source")
                .transform(
                        signal + "-flatten",
                        TypeInformation.of(RowBatch.class),
                        new FlattenFactory(
                                new RecordEncoder(signal, encoding(signal), policy, DecodingLimits.DEFAULT),
                                Flatten.NewerOtlp.KEEP_RECORD,
                                plan.dimensionInterval(),
                                1_000))
                .uid(signal + "-flatten");
        flattened
                .transform(signal + "-fault-point", TypeInformation.of(RowBatch.class), new FaultPoint(run, signal))
                .uid(signal + "-fault-point")
                .sinkTo(new PostgresCopySink(
                        settings(signal, plan, generation),
                        (record, parts) -> RecordExcerpt.of(signal, encoding(signal), record, parts),
                        signal == Signal.TRACES ? OperationRollup::of : TransactionRows.NONE,
                        plan.ledger()))
                .name(signal + "-sink")
                .uid(signal + "-sink");
        return flattened.getSideOutput(Flatten.SIGHTINGS);
    }

    /** Waits until the job has stored all that the topics have, in their present lives. */
    void awaitStored(RunningJob job) throws Exception {
        List<String> topicIds = topicIds();
        Map<TopicPartition, Long> ends = ends();
        job.awaitWhileRunning("everything to be stored", () -> reaches(store.nextOffsets(topicIds), ends));
    }

    /** Waits until a checkpoint covers all that is stored. */
    void awaitSafe(RunningJob job) throws Exception {
        awaitStored(job);
        job.checkpoint();
        List<String> topicIds = topicIds();
        Map<TopicPartition, Long> ends = ends();
        job.awaitWhileRunning("safe offsets at the end", () -> reaches(store.safeOffsets(topicIds), ends));
    }

    /** Publishes records of each signal bit by bit, each when the job has stored those before. */
    void feed(RunningJob job, int records) throws Exception {
        int step = 2 * topics.get(Signal.TRACES).partitions();
        for (int sent = 0; sent < records; sent += step) {
            send(Math.min(step, records - sent));
            awaitStored(job);
        }
    }

    /** What is stored of what was sent, by signal. Dimensions follow the facts, so it waits until each fact has its own. */
    Map<Signal, Findings> findings() throws SQLException {
        await("dimensions")
                .atMost(Duration.ofSeconds(30))
                .until(() -> store.factsWithoutDimension().isEmpty());
        Map<Signal, Findings> findings = new EnumMap<>(Signal.class);
        for (Signal signal : Signal.values()) {
            NumberedUnits sent = units.get(signal);
            try (Connection session = store.connect()) {
                findings.put(
                        signal,
                        Findings.of(
                                new Findings.Sent(
                                        signal,
                                        encoding(signal),
                                        topic(signal).name(),
                                        sent.numbers(),
                                        sent.records(),
                                        Findings::instance),
                                session));
            }
        }
        return findings;
    }

    /** Each span, log record and data point. */
    void assertStoredOnce() throws SQLException {
        assertFindings(Findings.NONE);
    }

    /** The same in each signal. Rollups count what is stored, also if that isn't what was sent. */
    void assertFindings(Findings expected) throws SQLException {
        assertThat(findings())
                .hasSameSizeAs(Signal.values())
                .allSatisfy((signal, findings) -> assertThat(findings).isEqualTo(expected));
        assertThat(store.query("SELECT a FROM otel.audit_rollups() AS a LIMIT 20"))
                .as("audit of rollups")
                .isEmpty();
    }

    @Override
    public void close() throws IOException {
        jobs.forEach(RunningJob::cancel);
        units.values().forEach(NumberedUnits::close);
        topics.values().forEach(TestTopic::close);
        FileUtils.deleteDirectory(directory.toFile());
    }

    private Map<TopicPartition, Long> ends() {
        Map<TopicPartition, Long> ends = new HashMap<>();
        units.values().forEach(signal -> ends.putAll(signal.ends()));
        return ends;
    }

    private static boolean reaches(Map<TopicPartition, Long> offsets, Map<TopicPartition, Long> ends) {
        // Not beyond it either: a log that lost its end is stored when the ledger has gone back with it.
        return ends.entrySet().stream().allMatch(end -> end.getValue().equals(offsets.get(end.getKey())));
    }

    /** What is shipped, but quicker: many checkpoints, which a cancelled job keeps, and restarts at once. */
    private Configuration configuration(JobPlan plan) {
        Configuration configuration = Servers.flinkConfiguration();
        configuration.set(
                CheckpointingOptions.CHECKPOINTING_INTERVAL, plan.isHeld() ? UNTIL_THE_END : Duration.ofMillis(100));
        configuration.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ZERO);
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                directory.resolve("checkpoints").toUri().toString());
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofMillis(20));
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofMillis(200));
        return configuration;
    }

    private Properties kafka() {
        Properties kafka = new Properties();
        kafka.setProperty(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return kafka;
    }

    private KafkaSource<RawRecord> source(Signal signal, JobPlan plan) {
        KafkaSourceBuilder<RawRecord> source = KafkaSource.<RawRecord>builder()
                .setTopics(topic(signal).name())
                .setGroupId(name)
                .setStartingOffsets(new LedgerOffsets(store.connection(), kafka()))
                .setProperties(kafka())
                .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                .setProperty(ConsumerConfig.METADATA_MAX_AGE_CONFIG, "500")
                // They are for lag monitors alone, and a consumer's end waits 30 s for a coordinator that is stopped.
                .setProperty(KafkaSourceOptions.COMMIT_OFFSETS_ON_CHECKPOINT.key(), "false")
                .setProperty(
                        KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(),
                        Long.toString(plan.discovery().toMillis()))
                .setDeserializer(new RawRecordDeserializer());
        if (plan.isHeld()) {
            source.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1")
                    .setProperty(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "1");
        }
        return source.build();
    }

    /** Small transactions, so that there are many. */
    private SinkSettings settings(Signal signal, JobPlan plan, long generation) {
        return new SinkSettings(
                signal.toString(),
                store.connection(),
                List.of(topic(signal).name()),
                kafka(),
                generation,
                200,
                SinkSettings.DEFAULT_MAX_BYTES,
                plan.isHeld() ? UNTIL_THE_END : Duration.ofMillis(50),
                SinkSettings.DEFAULT_MAX_REFUSED_PARTS);
    }
}
