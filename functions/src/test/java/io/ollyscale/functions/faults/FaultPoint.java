package io.ollyscale.functions.faults;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.source.RawRecord;
import java.io.Serializable;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.kafka.common.TopicPartition;

/** Hands batches on; throws at random points, and notes where each partition was begun. */
final class FaultPoint extends AbstractStreamOperator<RowBatch> implements OneInputStreamOperator<RowBatch, RowBatch> {
    private static final long serialVersionUID = 1;

    /** Runs in one process with the test, but is given to each attempt of the task as a copy. */
    private static final Map<String, Shared> SHARED = new ConcurrentHashMap<>();

    /** The first offset that the latest attempt had, by topic and partition. */
    private static final Map<TopicPartition, Long> LATEST_BEGINNINGS = new ConcurrentHashMap<>();

    private final Plan plan;
    private final Set<TopicPartition> begun = new HashSet<>();

    /** When to throw. */
    private record Plan(String id, double perRecord, double perCheckpoint) implements Serializable {}

    /** What all attempts of a run share. */
    private static final class Shared {
        final Random random;
        final AtomicInteger failuresLeft;
        final Map<Integer, Long> firstOffsets = new ConcurrentHashMap<>();

        Shared(long seed, int failures) {
            random = new Random(seed);
            failuresLeft = new AtomicInteger(failures);
        }
    }

    private FaultPoint(Plan plan) {
        this.plan = plan;
    }

    /** Never throws. */
    static FaultPoint quiet(String run) {
        return failing(run, 0, 0);
    }

    /** Throws so many times in all: before records, and before, in and after the making of checkpoints. */
    static FaultPoint failing(String run, long seed, int failures) {
        SHARED.put(run, new Shared(seed, failures));
        return new FaultPoint(new Plan(run, 0.02, 0.2));
    }

    static int failuresLeft(String run) {
        return SHARED.get(run).failuresLeft.get();
    }

    /** The first offset that came, by partition. */
    static Map<Integer, Long> firstOffsets(String run) {
        return Map.copyOf(SHARED.get(run).firstOffsets);
    }

    /** Where the latest attempt to read a partition began; 0 if there is none. */
    static long latestBeginning(TopicPartition partition) {
        return LATEST_BEGINNINGS.getOrDefault(partition, 0L);
    }

    @Override
    public void processElement(StreamRecord<RowBatch> element) {
        RawRecord record = element.getValue().record();
        SHARED.get(plan.id()).firstOffsets.putIfAbsent(record.partition(), record.offset());
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (begun.add(partition)) {
            LATEST_BEGINNINGS.put(partition, record.offset());
        }
        failAtRandom(plan.perRecord(), "before a record");
        output.collect(element);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        failAtRandom(plan.perCheckpoint(), "before the barrier");
    }

    @Override
    public void snapshotState(StateSnapshotContext context) {
        failAtRandom(plan.perCheckpoint(), "in the checkpoint");
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        failAtRandom(plan.perCheckpoint(), "after the checkpoint");
    }

    private void failAtRandom(double probability, String where) {
        Shared shared = SHARED.get(plan.id());
        synchronized (shared) {
            if (shared.failuresLeft.get() > 0 && shared.random.nextDouble() < probability) {
                shared.failuresLeft.decrementAndGet();
                throw new IllegalStateException("the test's failure " + where);
            }
        }
    }
}
