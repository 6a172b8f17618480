package io.ollyscale.functions.sink;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.source.RawRecord;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one transaction stores, and how it moves the ledger: made from the ledger's positions and records in the order of
 * their partitions. What is stored already is left out. Cursors are only moved by {@link #committed}.
 */
final class TransactionPlan {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionPlan.class);

    /** A record with the place in the ledger that it belongs to. */
    record Assigned(RowBatch batch, PartitionCursor cursor) {}

    /** Offsets that a partition passed over: transaction markers, compacted records, or deleted ones. */
    record Jump(PartitionCursor cursor, long from, long to) {}

    /** How far a partition has come within the plan. */
    private static final class Progress {
        private long next;
        private int epoch;
        private long timestamp = -1;
        private long safeAtMost = Long.MAX_VALUE;

        Progress(PartitionCursor cursor) {
            next = cursor.next();
            epoch = cursor.epoch();
        }
    }

    private final List<Assigned> toStore = new ArrayList<>();
    private final List<Jump> jumps = new ArrayList<>();
    private final Map<PartitionCursor, Progress> progress = new IdentityHashMap<>();
    private final Map<PartitionCursor, Long> lastOffsets = new IdentityHashMap<>();
    private int skipped;

    TransactionPlan(List<Assigned> records) {
        records.forEach(this::add);
    }

    List<Assigned> toStore() {
        return toStore;
    }

    List<Jump> jumps() {
        return jumps;
    }

    /** Records that are stored already. */
    int skipped() {
        return skipped;
    }

    /** The partitions that it has records of, those included that it doesn't move. */
    List<PartitionCursor> cursors() {
        return List.copyOf(lastOffsets.keySet());
    }

    /** The offset of the last record of a partition, stored or skipped. */
    long lastOffset(PartitionCursor cursor) {
        return lastOffsets.get(cursor);
    }

    List<PositionLedger.Advance> advances() {
        List<PositionLedger.Advance> advances = new ArrayList<>();
        progress.forEach((cursor, to) -> advances.add(new PositionLedger.Advance(
                cursor.key(), cursor.next(), cursor.epoch(), to.next, to.safeAtMost, to.epoch, to.timestamp)));
        return advances;
    }

    /** Moves the cursors, after COMMIT. */
    void committed() {
        progress.forEach((cursor, to) -> cursor.moved(to.next, to.epoch));
    }

    private void add(Assigned assigned) {
        PartitionCursor cursor = assigned.cursor();
        RawRecord record = assigned.batch().record();
        lastOffsets.put(cursor, record.offset());
        Progress known = progress.get(cursor);
        long next = known == null ? cursor.next() : known.next;
        int epoch = known == null ? cursor.epoch() : known.epoch;
        boolean rewritten = record.offset() < next && epoch >= 0 && record.leaderEpoch() > epoch;
        if (record.offset() < next && !rewritten) {
            skipped++;
            return;
        }
        Progress to = progress.computeIfAbsent(cursor, Progress::new);
        if (rewritten) {
            LOG.warn(
                    "The log of {} was truncated and written anew: offset {} is of leader epoch {}, what is stored up to {} of {}",
                    cursor.key(),
                    record.offset(),
                    record.leaderEpoch(),
                    next,
                    epoch);
            to.safeAtMost = Math.min(to.safeAtMost, record.offset());
        } else if (record.offset() > next) {
            jumps.add(new Jump(cursor, next, record.offset()));
        }
        to.next = record.offset() + 1;
        to.epoch = Math.max(epoch, record.leaderEpoch());
        to.timestamp = record.timestamp();
        toStore.add(assigned);
    }
}
