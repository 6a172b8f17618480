package io.ollyscale.functions.dimensions;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.otlp.Dimension;
import io.ollyscale.schema.otlp.DimensionKind;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.state.rocksdb.RocksDBKeyedStateBackend;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The registry by a simulated clock. */
class DimensionRegistryTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int MAX_OPERATIONS = 100;
    private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    private KeyedOneInputStreamOperatorTestHarness<Long, Sighting, Sighting> harness;
    private int taken;

    @BeforeEach
    void open() throws Exception {
        open(null);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void writesAResourceSeenAMillionTimesOnceADayAndPolicyVersion() throws Exception {
        Sighting underFirst = sighting(DimensionKind.RESOURCE, 1, 1);
        Sighting underSecond = sighting(DimensionKind.RESOURCE, 1, 2);
        int sightings = 1_000_000;
        for (int i = 0; i < sightings; i++) {
            // Two days; the policy changes at half past one of them.
            setTime(START + 2 * DAY.toMillis() * i / sightings);
            process(i < sightings * 3 / 4 ? underFirst : underSecond);
        }

        assertThat(written()).containsExactly(underFirst, underFirst, underSecond);
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    @Test
    void forgetsWhatIsNotSeenAnyMore() throws Exception {
        for (int id = 0; id < 10_000; id++) {
            process(sighting(DimensionKind.RESOURCE, id, 1));
        }
        assertThat(harness.numKeyedStateEntries()).isEqualTo(10_000);

        setTime(START + 3 * DAY.toMillis() + 1);
        for (int i = 0; i < 2_000; i++) {
            process(sighting(DimensionKind.SCOPE, 77_777, 1));
        }
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    /** As it ships: RocksDB drops what has expired when it compacts its files. */
    @Test
    void forgetsWhatIsNotSeenAnyMoreInRocksDb() throws Exception {
        harness.close();
        open(new EmbeddedRocksDBStateBackend(), null);
        for (int id = 0; id < 2_000; id++) {
            process(sighting(DimensionKind.RESOURCE, id, 1));
        }
        setTime(START + DAY.toMillis());
        process(sighting(DimensionKind.RESOURCE, 0, 1));
        RocksDBKeyedStateBackend<Long> backend = (RocksDBKeyedStateBackend<Long>)
                ((AbstractStreamOperator<?>) harness.getOperator()).<Long>getKeyedStateBackend();
        assertThat(backend.numKeyValueStateEntries()).isEqualTo(2_000);

        setTime(START + 3 * DAY.toMillis() + 1);
        backend.compactState(new MapStateDescriptor<>("written", Types.STRING, TypeInformation.of(LastWrite.class)));
        assertThat(backend.numKeyValueStateEntries()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"RESOURCE", "SCOPE", "SERIES"})
    void writesUnderANewerPolicyAtOnceAndUnderAnOlderOneNot(DimensionKind kind) throws Exception {
        process(sighting(kind, 1, 5), sighting(kind, 1, 6));
        process(sighting(kind, 1, 5), sighting(kind, 1, 6));

        assertThat(written()).extracting(Sighting::policyVersion).containsExactly(5L, 6L);
    }

    /** A row that was deleted behind the job's back. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OPERATION")
    void writesAgainWhenADayIsOver(DimensionKind kind) throws Exception {
        Sighting sighting = sighting(kind, 1, 0);
        process(sighting);
        setTime(START + DAY.toMillis() - 1);
        process(sighting);
        assertThat(written()).hasSize(1);

        setTime(START + DAY.toMillis());
        process(sighting);
        assertThat(written()).hasSize(1);
    }

    @Test
    void remembersAcrossARestore() throws Exception {
        process(sighting(DimensionKind.RESOURCE, 1, 1), operation(5, 1));
        OperatorSubtaskState state = harness.snapshot(1, START);
        process(sighting(DimensionKind.RESOURCE, 2, 1));
        harness.close();

        open(state);
        process(sighting(DimensionKind.RESOURCE, 1, 1), operation(5, 1), sighting(DimensionKind.RESOURCE, 2, 1));
        assertThat(written()).extracting(Sighting::key).containsExactly(2L);
    }

    @Test
    void writesEverythingAgainWithoutState() throws Exception {
        process(sighting(DimensionKind.RESOURCE, 1, 1), operation(5, 1));
        written();
        harness.close();

        open(null);
        process(sighting(DimensionKind.RESOURCE, 1, 1), operation(5, 1));
        assertThat(written()).hasSize(2);
    }

    @Test
    void writesAgainWhatWasWrittenInTheFuture() throws Exception {
        setTime(START + 1_000 * DAY.toMillis());
        process(sighting(DimensionKind.RESOURCE, 1, 1));
        setTime(START);
        process(sighting(DimensionKind.RESOURCE, 1, 1), sighting(DimensionKind.RESOURCE, 1, 1));

        assertThat(written()).hasSize(2);
    }

    @Test
    void keepsTwoDimensionsApartWhoseHashesBeginAlike() throws Exception {
        Sighting one = sighting(DimensionKind.RESOURCE, 1, 1, "aa");
        Sighting other = sighting(DimensionKind.RESOURCE, 1, 1, "ab");
        for (int i = 0; i < 10; i++) {
            process(one, other);
        }

        assertThat(written()).containsExactly(one, other);
    }

    @Test
    void admitsOperationsUpToTheLimitOfEachService() throws Exception {
        for (int name = 0; name < 1_000_000; name++) {
            process(operation(1, name));
        }
        process(operation(2, 0));

        assertThat(written())
                .hasSize(MAX_OPERATIONS + 1)
                .extracting(sighting -> sighting.dimension().serviceId())
                .containsOnlyOnce(2L);
        assertThat(operationsInState()).isEqualTo(MAX_OPERATIONS + 1);
    }

    /** A metric or a series whose id happens to be a service's shares its key, and no more. */
    @Test
    void countsNoMetricsAndSeriesAmongOperations() throws Exception {
        for (int i = 0; i < 2 * MAX_OPERATIONS; i++) {
            process(
                    sighting(DimensionKind.METRIC, 1, 0, "metric " + i),
                    sighting(DimensionKind.SERIES, 1, 1, "series " + i));
        }
        for (int name = 0; name < 2 * MAX_OPERATIONS; name++) {
            process(operation(1, name));
        }
        process(sighting(DimensionKind.SERIES, 1, 1, "one more"));

        assertThat(written())
                .extracting(sighting -> sighting.dimension().kind())
                .hasSize(5 * MAX_OPERATIONS + 1)
                .endsWith(DimensionKind.SERIES);
        assertThat(operationsInState()).isEqualTo(MAX_OPERATIONS);
    }

    @Test
    void anOperationThatIsSeenKeepsItsPlace() throws Exception {
        List<Sighting> admitted = IntStream.range(0, MAX_OPERATIONS)
                .mapToObj(name -> operation(1, name))
                .toList();
        for (long hour = 0; hour < 24 * 7; hour++) {
            setTime(START + Duration.ofHours(hour).toMillis());
            for (Sighting sighting : admitted) {
                process(sighting);
            }
            process(operation(1, 1_000 + (int) hour));
        }

        Set<String> names = new HashSet<>();
        List<Sighting> written = written();
        written.forEach(sighting -> names.add(sighting.dimension().hash()));
        assertThat(names).hasSize(MAX_OPERATIONS);
        assertThat(written).hasSize(7 * MAX_OPERATIONS);
    }

    /** By a clock that comes a second early, so that a write is never due after one day, but after two. */
    @Test
    void anOperationThatIsSeenOnceADayKeepsItsPlace() throws Exception {
        for (int name = 0; name < MAX_OPERATIONS; name++) {
            process(operation(1, name));
        }
        written();
        int writes = 0;
        for (int day = 1; day <= 30; day++) {
            setTime(START + day * (DAY.toMillis() - 1_000));
            process(operation(1, 0), operation(1, 1_000 + day));
            writes += (int) written().stream()
                    .filter(sighting -> sighting.dimension().hash().equals("operation 1 0"))
                    .count();
        }
        assertThat(writes).isEqualTo(15);
    }

    @Test
    void aPlaceThatIsNotUsedAnyMoreIsGivenToAnother() throws Exception {
        for (int name = 0; name < MAX_OPERATIONS; name++) {
            process(operation(1, name));
        }
        setTime(START + DAY.toMillis());
        process(operation(1, 0), operation(1, 1_000));
        assertThat(written()).hasSize(MAX_OPERATIONS + 1);

        setTime(START + 3 * DAY.toMillis() + 1);
        for (int name = 1_000; name < 1_000 + 2 * MAX_OPERATIONS; name++) {
            process(operation(1, name));
        }
        process(operation(1, 0));
        // Operation 0 was renewed after a day, so it keeps its place and is due again.
        assertThat(written()).hasSize(MAX_OPERATIONS - 1 + 1);
    }

    @Test
    void placesTakenInTheFutureAreGivenBackWhenTheClockIsMended() throws Exception {
        setTime(START + 1_000 * DAY.toMillis());
        for (int name = 0; name < MAX_OPERATIONS; name++) {
            process(operation(1, name));
        }
        written();

        setTime(START);
        process(operation(1, 1_000));
        assertThat(written()).hasSize(1);
    }

    private void open(OperatorSubtaskState state) throws Exception {
        open(new HashMapStateBackend(), state);
    }

    private void open(StateBackend backend, OperatorSubtaskState state) throws Exception {
        taken = 0;
        harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new DimensionRegistry(DAY, MAX_OPERATIONS)), Sighting::key, Types.LONG);
        harness.setStateBackend(backend);
        harness.setup();
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        setTime(START);
    }

    private int operationsInState() throws Exception {
        KeyedStateBackend<Long> backend = ((AbstractStreamOperator<?>) harness.getOperator()).getKeyedStateBackend();
        AtomicInteger count = new AtomicInteger();
        backend.applyToAllKeys(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new MapStateDescriptor<>("operations", Types.STRING, TypeInformation.of(LastWrite.class)),
                (key, state) -> {
                    for (String ignored : state.keys()) {
                        count.incrementAndGet();
                    }
                });
        return count.get();
    }

    private void setTime(long millis) throws Exception {
        harness.setProcessingTime(millis);
        harness.setStateTtlProcessingTime(millis);
    }

    private void process(Sighting... sightings) throws Exception {
        for (Sighting sighting : sightings) {
            harness.processElement(new StreamRecord<>(sighting));
        }
    }

    /** What was written since the last call. */
    private List<Sighting> written() {
        List<Sighting> all = harness.extractOutputValues();
        List<Sighting> fresh = List.copyOf(all.subList(taken, all.size()));
        taken = all.size();
        return fresh;
    }

    private static Sighting operation(long serviceId, int name) {
        String hash = "operation " + serviceId + " " + name;
        return new Sighting(
                serviceId,
                0,
                START,
                new Dimension(DimensionKind.OPERATION, hash.hashCode(), serviceId, hash, "{}", null, null));
    }

    private static Sighting sighting(DimensionKind kind, long id, long policyVersion) {
        return sighting(kind, id, policyVersion, kind + " " + id);
    }

    private static Sighting sighting(DimensionKind kind, long id, long policyVersion, String hash) {
        return new Sighting(id, policyVersion, START, new Dimension(kind, id, 0, hash, "{}", null, null));
    }
}
