package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.schema.otlp.Signal;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;

/**
 * How many subtasks a job has, and what they need.
 *
 * @param parallelism of the job, which its dimensions have
 * @param subtasks of each enabled signal
 */
public record JobSize(int parallelism, Map<Signal, Integer> subtasks) {

    /** Of a subtask that stores facts: transactions, and the ledger's safe_offset. */
    private static final int SESSIONS_OF_FACTS = 2;

    private static final int SESSIONS_OF_DIMENSIONS = 1;

    /** Set-up and maintenance, which each have one for a moment, and a person's. */
    private static final int FURTHER_SESSIONS = 3;

    public JobSize {
        subtasks = Map.copyOf(subtasks);
    }

    static JobSize of(Configuration options, int parallelism) {
        Map<Signal, Integer> subtasks = new EnumMap<>(Signal.class);
        for (Signal signal : SignalOptions.enabled(options)) {
            subtasks.put(
                    signal,
                    options.getOptional(SignalOptions.of(signal).parallelism()).orElse(parallelism));
        }
        return new JobSize(parallelism, subtasks);
    }

    /** How many subtasks store facts, of all signals together. */
    public int factSubtasks() {
        return subtasks.values().stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * How large transactions may be so that all of them, one in flight and one filling for each subtask, take no more than
     * a quarter of a heap which Kafka, Flink and what is being decoded need as well.
     *
     * @param heap in bytes
     */
    MemorySize transactionBytes(long heap) {
        long share = heap / 4 / (2L * Math.max(1, factSubtasks()));
        return new MemorySize(
                Math.min(share, IngestOptions.MAX_BYTES.defaultValue().getBytes()));
    }

    /** How many sessions of PostgreSQL are needed. */
    public int sessions() {
        return SESSIONS_OF_FACTS * factSubtasks() + SESSIONS_OF_DIMENSIONS * parallelism + FURTHER_SESSIONS;
    }
}
