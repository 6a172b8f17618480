package io.ollyscale.functions.faults;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.Signal;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Stands before a signal's sink and hands batches on; throws at random points, holds the task where it is told to, and notes
 * where each partition began.
 */
final class FaultPoint extends AbstractStreamOperator<RowBatch> implements OneInputStreamOperator<RowBatch, RowBatch> {
    private static final long serialVersionUID = 1;

    private static final double FAILURES_PER_RECORD = 0.02;
    private static final double FAILURES_PER_CHECKPOINT = 0.2;

    /** By run: an attempt of a task has a copy of the operator, but is in the test's process. */
    private static final Map<String, Control> CONTROLS = new ConcurrentHashMap<>();

    /** The first offset that the latest attempt had, by topic and partition. */
    private static final Map<TopicPartition, Long> LATEST_BEGINNINGS = new ConcurrentHashMap<>();

    private final String run;
    private final Signal signal;
    private final Set<TopicPartition> begun = new HashSet<>();

    /** @param run unique name of a submission, which has a {@link Control} */
    FaultPoint(String run, Signal signal) {
        this.run = run;
        this.signal = signal;
    }

    /** What the test and all attempts of a run share, of all signals. */
    static final class Control {
        private final Map<TopicPartition, Long> firstOffsets = new ConcurrentHashMap<>();
        private final Set<Signal> held = ConcurrentHashMap.newKeySet();
        private final CountDownLatch released = new CountDownLatch(1);
        private final Random random;
        private final long holdAt;
        private final Map<Signal, Integer> failuresLeft = new EnumMap<>(Signal.class);

        private Control(JobPlan plan) {
            random = new Random(plan.seed());
            holdAt = plan.holdAt();
            for (Signal signal : Signal.values()) {
                failuresLeft.put(signal, plan.failures());
            }
        }

        synchronized int failuresLeft() {
            return failuresLeft.values().stream().mapToInt(Integer::intValue).sum();
        }

        /** The first offset that came, by partition. */
        Map<TopicPartition, Long> firstOffsets() {
            return Map.copyOf(firstOffsets);
        }

        /** Whether each signal's chain stands. */
        boolean isHeld() {
            return held.size() == Signal.values().length;
        }

        void release() {
            released.countDown();
        }

        private synchronized void failAtRandom(Signal signal, double probability, String where) {
            int left = failuresLeft.get(signal);
            if (left > 0 && random.nextDouble() < probability) {
                failuresLeft.put(signal, left - 1);
                throw new IllegalStateException("the test's failure " + where + " of " + signal);
            }
        }

        private void holdAt(Signal signal, long offset) throws InterruptedException {
            if (offset >= holdAt) {
                held.add(signal);
                released.await();
            }
        }
    }

    /** To be called before the run begins. */
    static Control newControl(String run, JobPlan plan) {
        Control control = new Control(plan);
        CONTROLS.put(run, control);
        return control;
    }

    private void failAtRandom(double probability, String where) {
        CONTROLS.get(run).failAtRandom(signal, probability, where);
    }

    /** Where the latest attempt to read a partition began; 0 if there is none. */
    static long latestBeginning(TopicPartition partition) {
        return LATEST_BEGINNINGS.getOrDefault(partition, 0L);
    }

    @Override
    public void processElement(StreamRecord<RowBatch> element) throws InterruptedException {
        RawRecord record = element.getValue().record();
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (begun.add(partition)) {
            LATEST_BEGINNINGS.put(partition, record.offset());
            CONTROLS.get(run).firstOffsets.putIfAbsent(partition, record.offset());
        }
        failAtRandom(FAILURES_PER_RECORD, "before a record");
        CONTROLS.get(run).holdAt(signal, record.offset());
        output.collect(element);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        failAtRandom(FAILURES_PER_CHECKPOINT, "before the barrier");
    }

    @Override
    public void snapshotState(StateSnapshotContext context) {
        failAtRandom(FAILURES_PER_CHECKPOINT, "in the checkpoint");
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        failAtRandom(FAILURES_PER_CHECKPOINT, "after the checkpoint");
    }
}
