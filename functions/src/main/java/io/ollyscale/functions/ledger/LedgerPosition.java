package io.ollyscale.functions.ledger;

/**
 * How far a writer has come in a partition; state of the sink and what its committer is given.
 *
 * @param nextOffset in the writer's state, the ledger's; for the committer, the offset behind the last record that the
 *     checkpoint covers
 * @param leaderEpoch of the record before it; -1 if unknown
 */
public record LedgerPosition(PartitionKey key, long nextOffset, int leaderEpoch) {

    /**
     * Whether another position of the partition is a later one. A ledger's epoch never falls, but its offset does where a
     * truncated log was written anew.
     */
    public boolean isBehind(LedgerPosition other) {
        return leaderEpoch < other.leaderEpoch || (leaderEpoch == other.leaderEpoch && nextOffset < other.nextOffset);
    }
}
