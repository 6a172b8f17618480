package io.ollyscale.functions.faults;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.source.RawRecord;
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

/** Hands batches on; throws at random points, holds the task where it is told to, and notes where each partition began. */
final class FaultPoint extends AbstractStreamOperator<RowBatch> implements OneInputStreamOperator<RowBatch, RowBatch> {
    private static final long serialVersionUID = 1;

    private static final double FAILURES_PER_RECORD = 0.02;
    private static final double FAILURES_PER_CHECKPOINT = 0.2;

    /** By run: an attempt of a task has a copy of the operator, but is in the test's process. */
    private static final Map<String, Control> CONTROLS = new ConcurrentHashMap<>();

    /** The first offset that the latest attempt had, by topic and partition. */
    private static final Map<TopicPartition, Long> LATEST_BEGINNINGS = new ConcurrentHashMap<>();

    private final String run;
    private final Set<TopicPartition> begun = new HashSet<>();

    /** @param run unique name of a submission */
    FaultPoint(String run, JobPlan plan) {
        this.run = run;
        CONTROLS.put(run, new Control(plan));
    }

    /** What the test and all attempts of a run share. */
    static final class Control {
        private final Map<Integer, Long> firstOffsets = new ConcurrentHashMap<>();
        private final CountDownLatch held = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final Random random;
        private final long holdAt;
        private int failuresLeft;

        private Control(JobPlan plan) {
            random = new Random(plan.seed());
            holdAt = plan.holdAt();
            failuresLeft = plan.failures();
        }

        synchronized int failuresLeft() {
            return failuresLeft;
        }

        /** The first offset that came, by partition. */
        Map<Integer, Long> firstOffsets() {
            return Map.copyOf(firstOffsets);
        }

        boolean isHeld() {
            return held.getCount() == 0;
        }

        void release() {
            released.countDown();
        }

        private synchronized void failAtRandom(double probability, String where) {
            if (failuresLeft > 0 && random.nextDouble() < probability) {
                failuresLeft--;
                throw new IllegalStateException("the test's failure " + where);
            }
        }

        private void holdAt(long offset) throws InterruptedException {
            if (offset >= holdAt) {
                held.countDown();
                released.await();
            }
        }
    }

    static Control control(String run) {
        return CONTROLS.get(run);
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
            control(run).firstOffsets.putIfAbsent(record.partition(), record.offset());
        }
        control(run).failAtRandom(FAILURES_PER_RECORD, "before a record");
        control(run).holdAt(record.offset());
        output.collect(element);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        control(run).failAtRandom(FAILURES_PER_CHECKPOINT, "before the barrier");
    }

    @Override
    public void snapshotState(StateSnapshotContext context) {
        control(run).failAtRandom(FAILURES_PER_CHECKPOINT, "in the checkpoint");
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        control(run).failAtRandom(FAILURES_PER_CHECKPOINT, "after the checkpoint");
    }
}
