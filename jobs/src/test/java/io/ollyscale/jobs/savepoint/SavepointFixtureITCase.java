package io.ollyscale.jobs.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.jobs.IngestJob;
import io.ollyscale.jobs.testing.IngestCluster;
import io.ollyscale.jobs.testing.IngestRun;
import io.ollyscale.jobs.testing.NumberRange;
import io.ollyscale.jobs.testing.TestServers;
import io.ollyscale.schema.otlp.Signal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.RestoredCheckpointStats;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That this release goes on from a savepoint of an earlier one, and that nothing by which state is found was renamed. */
class SavepointFixtureITCase {
    /** What {@link HeldStates} says of this release's job. A line may be added, and with a note for users one may go. */
    private static final Path HELD = Path.of("src", "test", "resources", "savepoints", "states.txt");

    private static final String REGISTRY = "dimension-registry";

    @TempDir
    private static Path directory;

    private static SavepointFixture fixture;
    private static TestServers servers;
    private static IngestCluster cluster;

    /** Of a job that began without state: what this release has by itself, and nothing that it carries along. */
    private static CheckpointMetadata withoutState;

    /** Stores what the log has before any test: the ledger then stands behind the fixture's savepoint. */
    @BeforeAll
    static void start() throws Exception {
        fixture = SavepointFixture.unpack(Files.createDirectory(directory.resolve("fixture")));
        servers = TestServers.start(fixture.kafkaLog());
        try {
            cluster = IngestCluster.start(servers.options(), Files.createDirectory(directory.resolve("flink")));
            IngestRun run = cluster.submit(1, SavepointRestoreSettings.none());
            run.awaitWhileRunning("the log to be stored", () -> servers.areStored(SavepointFixture.BEHIND.end()));
            withoutState = HeldStates.read(run.stopWithSavepoint());
        } catch (Throwable e) {
            stop();
            throw e;
        }
    }

    @AfterAll
    static void stop() {
        try {
            if (cluster != null) {
                cluster.close();
            }
        } finally {
            servers.close();
        }
    }

    @Test
    void everyUidAndStateIsHeld() throws Exception {
        assertThat(HeldStates.of(withoutState))
                .as("uids and states of this release; a name that is gone is state that users lose")
                .containsExactlyInAnyOrderElementsOf(Files.readAllLines(HELD));
    }

    @Test
    void everyUidAndStateOfTheFixtureIsStillThere() throws Exception {
        CheckpointMetadata savepoint = HeldStates.read(fixture.savepoint());

        assertThat(HeldStates.of(withoutState)).containsAll(HeldStates.of(savepoint));
        assertThat(uids(cluster.graph(1, IngestJob::define))).containsAllEntriesOf(uids(savepoint));
    }

    /**
     * With two subtasks, and with one again. The savepoint is older than what the database has, so the job reads again what is
     * stored already, and its dimensions tell from where on it read and what it remembered.
     */
    @Test
    void theJobGoesOnFromTheFixture() throws Exception {
        long fixtureId = HeldStates.read(fixture.savepoint()).getCheckpointId();
        servers.execute("TRUNCATE resources_dim, scopes_dim, service_dim, operation_dim, metrics_dim, metric_series_dim"
                + " CASCADE");
        NumberRange two = new NumberRange(500, 900);
        servers.publish(two);
        IngestRun parallel =
                cluster.submit(IngestCluster.MOST_PARALLEL, SavepointRestoreSettings.forPath(fixture.savepoint()));
        parallel.awaitWhileRunning("two subtasks to store", () -> servers.areStored(total(two)));
        RestoredCheckpointStats restored = parallel.restored();
        String rescaled = parallel.stopWithSavepoint();

        assertThat(restored.getCheckpointId()).isEqualTo(fixtureId);
        assertThat(Path.of(URI.create(restored.getExternalPath()))).isEqualTo(Path.of(URI.create(fixture.savepoint())));
        assertThat(HeldStates.read(rescaled).getCheckpointId()).isGreaterThan(fixtureId);
        assertStoredOnce(two);
        // Where the ledger's offsets begin nobody had seen these again.
        assertThat(services()).containsAll(servicesBehind());
        // By a clock of before the savepoint, dimensions were written in the future and are due again.
        if (Instant.now().isAfter(fixture.made())) {
            assertThat(services())
                    .as("services that are written again; the registry's state has the others")
                    .isEqualTo(servicesBehind());
            assertThat(servers.texts("SELECT s.name FROM operation_dim JOIN service_dim AS s USING (service_id)"))
                    .as("services whose operations are written again")
                    .containsExactly(SavepointFixture.serviceBehind(Signal.TRACES));
        }

        NumberRange one = two.next(400);
        servers.publish(one);
        IngestRun alone = cluster.submit(1, SavepointRestoreSettings.forPath(rescaled));
        alone.awaitWhileRunning("one subtask to store", () -> servers.areStored(total(two, one)));
        CheckpointMetadata last = HeldStates.read(alone.stopWithSavepoint());

        assertThat(last.getCheckpointId()).isGreaterThan(fixtureId + 1);
        // Flink's writers carry a state of their own along, which none has that began without state.
        assertThat(HeldStates.of(last))
                .filteredOn(SavepointFixtureITCase::isKeyed)
                .containsExactlyElementsOf(HeldStates.of(withoutState).stream()
                        .filter(SavepointFixtureITCase::isKeyed)
                        .toList());
        assertStoredOnce(two, one);
        assertThat(servers.texts("SELECT reason FROM quarantined_records")).isEmpty();
        assertThat(servers.texts("SELECT topic FROM ingest_gaps")).isEmpty();
    }

    /** So a renamed uid fails the tests above. */
    @Test
    void aRenamedUidStopsTheJob() throws Exception {
        IngestRun renamed = cluster.submit(1, SavepointRestoreSettings.forPath(fixture.savepoint()), (env, options) -> {
            IngestJob.define(env, options);
            env.getTransformations().stream()
                    .filter(operator -> REGISTRY.equals(operator.getUid()))
                    .forEach(operator -> operator.setUid("renamed"));
        });

        assertThat(renamed.awaitFailure()).contains("Cannot map checkpoint/savepoint state for operator");
    }

    /** So a renamed state fails the tests above; Flink would say nothing. */
    @Test
    void aRenamedStateShows() throws Exception {
        IngestRun renamed = cluster.submit(
                1,
                SavepointRestoreSettings.none(),
                (env, options) -> counted(env)
                        .process(new Remembering())
                        .uid(REGISTRY)
                        .sinkTo(new DiscardingSink<>())
                        .uid("dimension-sink"));
        SortedSet<String> states = HeldStates.of(HeldStates.read(renamed.stopWithSavepoint()));

        assertThat(states)
                .contains(REGISTRY + ": key_value value renamed")
                .noneMatch(state -> state.endsWith(" admitted-operations"));
    }

    private static KeyedStream<Long, Long> counted(StreamExecutionEnvironment env) {
        DataGeneratorSource<Long> numbers = new DataGeneratorSource<>(
                number -> number, Long.MAX_VALUE, RateLimiterStrategy.perSecond(1), Types.LONG);
        return env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
                .uid("numbers")
                .keyBy(number -> number, Types.LONG);
    }

    /** Has a state of another name than the registry's. */
    private static final class Remembering extends KeyedProcessFunction<Long, Long, Long> {
        private transient ValueState<Long> last;

        @Override
        public void open(OpenContext context) {
            last = getRuntimeContext().getState(new ValueStateDescriptor<>("renamed", Types.LONG));
        }

        @Override
        public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
            last.update(number);
        }
    }

    private static void assertStoredOnce(NumberRange... published) throws Exception {
        List<Integer> numbers = Stream.concat(
                        Stream.of(SavepointFixture.STORED, SavepointFixture.BEHIND), Stream.of(published))
                .flatMap(range -> range.each().stream())
                .toList();
        for (Signal signal : Signal.values()) {
            assertThat(servers.stored(signal)).as(signal.toString()).isEqualTo(numbers);
        }
    }

    /** How many units of a signal are to be stored, with those of the fixture. */
    private static int total(NumberRange... published) {
        return SavepointFixture.BEHIND.end()
                + Stream.of(published)
                        .mapToInt(range -> range.end() - range.first())
                        .sum();
    }

    private static boolean isKeyed(String state) {
        return state.contains(": key_value ");
    }

    private static Set<String> services() throws Exception {
        return servers.texts("SELECT service_name FROM resources_dim");
    }

    private static Set<String> servicesBehind() {
        return Stream.of(Signal.values()).map(SavepointFixture::serviceBehind).collect(Collectors.toSet());
    }

    private static Map<OperatorID, String> uids(CheckpointMetadata savepoint) {
        Map<OperatorID, String> uids = new HashMap<>();
        for (OperatorState operator : savepoint.getOperatorStates()) {
            uids.put(operator.getOperatorID(), operator.getOperatorUid().orElseThrow());
        }
        return uids;
    }

    private static Map<OperatorID, String> uids(JobGraph graph) {
        Map<OperatorID, String> uids = new HashMap<>();
        for (JobVertex vertex : graph.getVertices()) {
            for (OperatorIDPair operator : vertex.getOperatorIDs()) {
                uids.put(operator.getGeneratedOperatorID(), operator.getUserDefinedOperatorUid());
            }
        }
        return uids;
    }
}
