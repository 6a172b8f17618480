package io.ollyscale.functions.sink;

import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;

/** Where a writer stands in one partition of one life of a topic. Not thread-safe. */
final class PartitionCursor {
    private final PartitionKey key;
    private long next;
    private int epoch;
    private long seenUpTo;
    private int seenEpoch;
    private boolean superseded;

    PartitionCursor(PartitionKey key, LedgerRow row) {
        this.key = key;
        reset(row);
    }

    PartitionKey key() {
        return key;
    }

    /** The ledger's {@code next_offset}, as this writer read it or wrote it last. */
    long next() {
        return next;
    }

    /** The ledger's leader epoch. */
    int epoch() {
        return epoch;
    }

    /** What the ledger says, after another writer moved it. */
    void reset(LedgerRow row) {
        next = row.nextOffset();
        epoch = row.leaderEpoch();
    }

    /** The transaction that moved the ledger is committed. */
    void moved(long newNext, int newEpoch) {
        next = newNext;
        epoch = newEpoch;
    }

    /** Whether a record follows those before it; a consumer that was reset goes back. */
    boolean goesBack(long offset) {
        return offset < seenUpTo;
    }

    void see(long offset, int leaderEpoch) {
        seenUpTo = offset + 1;
        seenEpoch = leaderEpoch;
    }

    /** The topic was created anew, and the records of its new life come already. */
    void supersede() {
        superseded = true;
    }

    boolean isSuperseded() {
        return superseded;
    }

    /** For the writer's state: what the ledger must have, at least, after a restore. */
    LedgerPosition stored() {
        return new LedgerPosition(key, next, epoch);
    }

    /** For the committer: how far everything that was handed in is stored. */
    LedgerPosition seen() {
        return new LedgerPosition(key, seenUpTo, seenEpoch);
    }
}
