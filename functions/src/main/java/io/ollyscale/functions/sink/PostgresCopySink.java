package io.ollyscale.functions.sink;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.LedgerPositionSerializer;
import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.maintenance.PartitionMaintenance;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Stores row batches in PostgreSQL exactly once, without two-phase commit.
 *
 * <pre>
 *  RowBatch ─► writer ─► transaction on a thread of its own            ─► committer, when the checkpoint is complete
 *              fills      read ledger · COPY each table · rollups ·         raises safe_offset
 *              the next   quarantine · gaps · compare-and-set of the
 *                         ledger · COMMIT
 * </pre>
 *
 * <p>The ledger's row of a partition moves from the offset that the writer expects to the next one in the transaction
 * that stores the records, so a replay finds what is stored and skips it, and of two writers only one can commit. The
 * order of a partition's records must be kept from the source to here: same parallelism, no shuffle.
 */
public final class PostgresCopySink
        implements Sink<RowBatch>, SupportsWriterState<RowBatch, LedgerPosition>, SupportsCommitter<LedgerPosition> {
    private static final long serialVersionUID = 1;

    private final SinkSettings settings;
    private final Excerpt excerpt;
    private final TransactionRows transactionRows;
    private final PositionLedger ledger;

    public PostgresCopySink(SinkSettings settings, Excerpt excerpt, TransactionRows transactionRows) {
        this(settings, excerpt, transactionRows, new PositionLedger());
    }

    /** With another ledger, so that a test can show what becomes of the data without its checks. */
    @VisibleForTesting
    public PostgresCopySink(
            SinkSettings settings, Excerpt excerpt, TransactionRows transactionRows, PositionLedger ledger) {
        this.settings = settings;
        this.excerpt = excerpt;
        this.transactionRows = transactionRows;
        this.ledger = ledger;
    }

    @Override
    public PostgresCopyWriter createWriter(WriterInitContext context) throws IOException {
        return restoreWriter(context, List.of());
    }

    @Override
    public PostgresCopyWriter restoreWriter(WriterInitContext context, Collection<LedgerPosition> recoveredState)
            throws IOException {
        String writerId = context.getTaskInfo().getIndexOfThisSubtask() + "-"
                + context.getTaskInfo().getAttemptNumber() + "-" + UUID.randomUUID();
        try {
            PartitionMaintenance.ensureForNow(settings.postgres());
            BatchStore store = new BatchStore(
                    settings,
                    ledger,
                    excerpt,
                    transactionRows,
                    new SinkMetrics(context.metricGroup()),
                    writerId,
                    recoveredState);
            return new PostgresCopyWriter(
                    settings, store, context.getMailboxExecutor(), context.getProcessingTimeService());
        } catch (SQLException e) {
            throw new IOException("cannot open the sink at " + settings.postgres() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public SimpleVersionedSerializer<LedgerPosition> getWriterStateSerializer() {
        return new LedgerPositionSerializer();
    }

    @Override
    public Committer<LedgerPosition> createCommitter(CommitterInitContext context) {
        return new SafeOffsetCommitter(settings.postgres(), ledger);
    }

    @Override
    public SimpleVersionedSerializer<LedgerPosition> getCommittableSerializer() {
        return new LedgerPositionSerializer();
    }
}
