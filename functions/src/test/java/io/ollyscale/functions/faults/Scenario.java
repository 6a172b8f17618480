package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ollyscale.functions.dimensions.DimensionRegistry;
import io.ollyscale.functions.dimensions.DimensionSink;
import io.ollyscale.functions.dimensions.Sighting;
import io.ollyscale.functions.flatten.Flatten;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.sink.PostgresCopySink;
import io.ollyscale.functions.sink.SinkSettings;
import io.ollyscale.functions.source.LedgerOffsets;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.source.RawRecordDeserializer;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.TracesEncoder;
import io.ollyscale.schema.otlp.TracesExcerpt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
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
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** A topic, a database, and jobs that store the one in the other. Ends the jobs when it is closed. */
final class Scenario implements AutoCloseable {
    private static final int PARTITIONS = 3;

    private final MiniCluster flink;
    private final String bootstrapServers;
    private final TestTopic topic;
    private final TestStore store;
    private final NumberedSpans spans;
    private final Path directory;
    private final List<RunningJob> jobs = new ArrayList<>();

    Scenario(MiniCluster flink, String bootstrapServers, TestTopic topic, TestStore store, NumberedSpans spans) {
        this.flink = flink;
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.store = store;
        this.spans = spans;
        try {
            directory = Files.createTempDirectory("ollyscale-faults-");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With a topic and a database of this name. */
    static Scenario on(Servers servers, String name) {
        return on(servers, servers.postgres(), name);
    }

    /** With a PostgreSQL of its own. */
    static Scenario on(Servers servers, LocalPostgres postgres, String name) {
        String bootstrapServers = servers.kafka().bootstrapServers();
        TestTopic topic = new TestTopic(bootstrapServers, name, PARTITIONS);
        topic.create();
        try {
            return new Scenario(
                    servers.flink(),
                    bootstrapServers,
                    topic,
                    TestStore.create(postgres, name),
                    new NumberedSpans(bootstrapServers, topic));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    TestTopic topic() {
        return topic;
    }

    TestStore store() {
        return store;
    }

    NumberedSpans spans() {
        return spans;
    }

    /** Deletes the topic and creates another one of the same name. */
    void createTopicAnew() throws Exception {
        topic.delete();
        topic.create();
        spans.forgetEnds();
    }

    /** Submits a job, with a generation of its own. */
    RunningJob start(JobPlan plan) throws Exception {
        long generation = store.takeGeneration(plan.name());
        String run = topic.name() + "-" + generation;
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration());
        env.setParallelism(plan.parallelism());
        SingleOutputStreamOperator<RowBatch> flattened = env.fromSource(
                        source(plan), WatermarkStrategy.noWatermarks(), "source")
                .uid("source")
                .transform(
                        "flatten",
                        TypeInformation.of(RowBatch.class),
                        new Flatten(
                                new TracesEncoder(store.register(plan.policy()), DecodingLimits.DEFAULT),
                                Flatten.NewerOtlp.KEEP_RECORD,
                                plan.dimensionInterval(),
                                1_000))
                .uid("flatten");
        flattened
                .transform("fault point", TypeInformation.of(RowBatch.class), new FaultPoint(run, plan))
                .uid("fault-point")
                .sinkTo(new PostgresCopySink(settings(generation), TracesExcerpt::of, plan.ledger()))
                .name("sink")
                .uid("sink");
        flattened
                .getSideOutput(Flatten.SIGHTINGS)
                .keyBy(Sighting::key, Types.LONG)
                .process(new DimensionRegistry(plan.dimensionInterval(), 1_000))
                .uid("dimension-registry")
                .sinkTo(new DimensionSink(store.connection(), 1_000))
                .uid("dimension-sink");
        JobGraph graph = env.getStreamGraph().getJobGraph();
        assertThat(graph.getNumberOfVertices())
                .as("a chain for facts and one for dimensions")
                .isEqualTo(2);
        if (plan.restoreFrom() != null) {
            graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(plan.restoreFrom()));
        }
        RunningJob job = new RunningJob(flink, graph.getJobID(), FaultPoint.control(run), directory);
        flink.submitJob(graph).get();
        jobs.add(job);
        return job;
    }

    /** Waits until the job has stored all that the topic has, in its present life. */
    void awaitStored(RunningJob job) throws Exception {
        String topicId = topic.id();
        Map<Integer, Long> ends = spans.ends();
        job.awaitWhileRunning("everything to be stored", () -> reaches(store.nextOffsets(topicId), ends));
    }

    /** Waits until a checkpoint covers all that is stored. */
    void awaitSafe(RunningJob job) throws Exception {
        awaitStored(job);
        job.checkpoint();
        String topicId = topic.id();
        Map<Integer, Long> ends = spans.ends();
        job.awaitWhileRunning("safe offsets at the end", () -> reaches(store.safeOffsets(topicId), ends));
    }

    /** Publishes records bit by bit, each when the job has stored those before. */
    void feed(RunningJob job, int records) throws Exception {
        int step = 2 * topic.partitions();
        for (int sent = 0; sent < records; sent += step) {
            spans.send(Math.min(step, records - sent));
            awaitStored(job);
        }
    }

    /** What is stored of what was sent. Dimensions follow the facts, so it waits until each fact has its own. */
    Findings findings() throws SQLException {
        await("dimensions")
                .atMost(Duration.ofSeconds(30))
                .until(() -> store.factsWithoutDimension().isEmpty());
        return Findings.of(spans, store);
    }

    void assertStoredOnce() throws SQLException {
        assertThat(findings()).isEqualTo(Findings.NONE);
    }

    @Override
    public void close() throws IOException {
        jobs.forEach(RunningJob::cancel);
        spans.close();
        topic.close();
        FileUtils.deleteDirectory(directory.toFile());
    }

    private static boolean reaches(Map<Integer, Long> offsets, Map<Integer, Long> ends) {
        // Not beyond it either: a log that lost its end is stored when the ledger has gone back with it.
        return ends.entrySet().stream().allMatch(end -> end.getValue().equals(offsets.get(end.getKey())));
    }

    /** What is shipped, but quicker: many checkpoints, which a cancelled job keeps, and restarts at once. */
    private Configuration configuration() {
        Configuration configuration = Servers.flinkConfiguration();
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
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

    private KafkaSource<RawRecord> source(JobPlan plan) {
        KafkaSourceBuilder<RawRecord> source = KafkaSource.<RawRecord>builder()
                .setTopics(topic.name())
                .setGroupId(topic.name())
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
    private SinkSettings settings(long generation) {
        return new SinkSettings(
                "traces",
                store.connection(),
                List.of(topic.name()),
                kafka(),
                generation,
                200,
                SinkSettings.DEFAULT_MAX_BYTES,
                Duration.ofMillis(50),
                SinkSettings.DEFAULT_MAX_REFUSED_PARTS);
    }
}
