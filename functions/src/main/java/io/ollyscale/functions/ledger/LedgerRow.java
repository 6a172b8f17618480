package io.ollyscale.functions.ledger;

/**
 * A row of {@code ingest_ledger}, as far as a writer needs it.
 *
 * @param nextOffset every record below it is stored
 * @param safeOffset every record below it needs never be read again
 * @param leaderEpoch of the last record that was stored; -1 if unknown
 * @param generation of the job that wrote last
 * @param writerId of the subtask attempt that wrote last
 */
public record LedgerRow(long nextOffset, long safeOffset, int leaderEpoch, long generation, String writerId) {}
