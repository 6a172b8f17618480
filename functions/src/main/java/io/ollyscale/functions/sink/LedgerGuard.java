package io.ollyscale.functions.sink;

import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.ledger.Generations;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;

/** Holds the ledger against what a writer knows, and stops the job where going on would lose or double data. */
final class LedgerGuard {
    private final PositionLedger ledger;
    private final long generation;

    LedgerGuard(PositionLedger ledger, long generation) {
        this.ledger = ledger;
        this.generation = generation;
    }

    /** Stops a job that a younger one has replaced. */
    void checkGeneration(Connection connection, PartitionKey key, LedgerRow row) throws SQLException {
        if (row.generation() > generation) {
            throw StopForGood.because("This job was replaced by " + Generations.describe(connection, row.generation())
                    + ", which has written " + key + " up to offset " + row.nextOffset()
                    + ". Only one job may store a topic; this one stops for good.");
        }
    }

    /** Stops a job whose checkpoint is ahead of the database. */
    void checkNotBehind(Connection connection, Collection<LedgerPosition> checkpoint) throws SQLException {
        Map<PartitionKey, LedgerRow> rows = ledger.read(
                connection, checkpoint.stream().map(LedgerPosition::key).toList());
        for (LedgerPosition position : checkpoint) {
            checkNotBehind(position, rows.get(position.key()));
        }
    }

    /** @param row null where there is none */
    void checkNotBehind(LedgerPosition known, LedgerRow row) {
        boolean behind =
                row == null || new LedgerPosition(known.key(), row.nextOffset(), row.leaderEpoch()).isBehind(known);
        if (behind) {
            throw StopForGood.because("PostgreSQL is behind what this job has stored: " + known.key() + " stands at "
                    + (row == null ? "nothing" : "offset " + row.nextOffset()) + " in ingest_ledger, the job at "
                    + known.nextOffset() + ". The database was set back, by a restore or a fail-over. Start the job"
                    + " without state: it resumes at the ledger's safe_offset and stores again what was lost.");
        }
    }
}
