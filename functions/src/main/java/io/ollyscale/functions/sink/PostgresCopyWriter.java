package io.ollyscale.functions.sink;

import io.ollyscale.functions.background.BackgroundWork;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.LedgerPosition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;

/**
 * Gathers records into transactions by size and age, and stores them on a thread of its own: one transaction under way
 * while the next one fills. Everything else happens in the task's thread. A checkpoint waits until both are stored.
 */
final class PostgresCopyWriter
        implements StatefulSinkWriter<RowBatch, LedgerPosition>, CommittingSinkWriter<RowBatch, LedgerPosition> {
    private final SinkSettings settings;
    private final BatchStore store;
    private final ProcessingTimeService clock;
    private final BackgroundWork transactions;

    private List<RowBatch> filling = new ArrayList<>();
    private long units;
    private long bytes;
    private long fillingSince;

    PostgresCopyWriter(SinkSettings settings, BatchStore store, MailboxExecutor mailbox, ProcessingTimeService clock) {
        this.settings = settings;
        this.store = store;
        this.clock = clock;
        transactions = new BackgroundWork("ollyscale-transactions", mailbox, this::beginIfDue);
    }

    @Override
    public void write(RowBatch batch, Context context) throws IOException, InterruptedException {
        if (filling.isEmpty()) {
            fillingSince = clock.getCurrentProcessingTime();
            clock.registerTimer(fillingSince + settings.maxAge().toMillis(), time -> beginIfDue());
        }
        filling.add(batch);
        units += batch.rows().units();
        bytes += batch.memory();
        if (isFull()) {
            transactions.await();
            begin();
        }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        transactions.await();
        if (!filling.isEmpty()) {
            begin();
            transactions.await();
        }
    }

    @Override
    public Collection<LedgerPosition> prepareCommit() {
        return store.seen();
    }

    @Override
    public List<LedgerPosition> snapshotState(long checkpointId) {
        return store.stored();
    }

    @Override
    public void close() {
        transactions.close(store::abort);
    }

    private boolean isFull() {
        return units >= settings.maxUnits() || bytes >= settings.maxBytes();
    }

    private boolean isDue() {
        return !filling.isEmpty()
                && (isFull()
                        || clock.getCurrentProcessingTime() - fillingSince
                                >= settings.maxAge().toMillis());
    }

    /** Begins the next transaction unless one is under way; then its end begins it. */
    private void beginIfDue() throws IOException, InterruptedException {
        if (transactions.isIdle() && isDue()) {
            begin();
        }
    }

    private void begin() {
        List<RowBatch> batches = filling;
        filling = new ArrayList<>();
        units = 0;
        bytes = 0;
        transactions.begin(() -> store.store(batches));
    }
}
