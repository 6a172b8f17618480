package io.ollyscale.functions.sink;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The sink's counters. */
final class SinkMetrics {
    /** Records that were read again and are stored already. */
    final Counter recordsSkipped;

    /** Records out of quarantine whose rows went. */
    final Counter replaysStored;

    /** Records out of quarantine whose rows were gone. */
    final Counter replaysSkipped;

    final Counter unitsStored;
    final Counter quarantined;
    final Counter gaps;
    final Counter transactions;
    final Counter retries;
    final Counter conflicts;

    SinkMetrics(MetricGroup group) {
        recordsSkipped = group.counter("recordsSkipped");
        replaysStored = group.counter("replaysStored");
        replaysSkipped = group.counter("replaysSkipped");
        unitsStored = group.counter("unitsStored");
        quarantined = group.counter("quarantined");
        gaps = group.counter("gaps");
        transactions = group.counter("transactions");
        retries = group.counter("retries");
        conflicts = group.counter("ledgerConflicts");
    }
}
