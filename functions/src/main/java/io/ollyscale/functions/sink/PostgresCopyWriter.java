package io.ollyscale.functions.sink;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.LedgerPosition;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers records into transactions by size and age, and stores them on a thread of its own: one transaction under way
 * while the next one fills. Everything else happens in the task's thread. A checkpoint waits until both are stored.
 */
final class PostgresCopyWriter
        implements StatefulSinkWriter<RowBatch, LedgerPosition>, CommittingSinkWriter<RowBatch, LedgerPosition> {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresCopyWriter.class);
    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(10);

    private final SinkSettings settings;
    private final BatchStore store;
    private final MailboxExecutor mailbox;
    private final ProcessingTimeService clock;
    private final ExecutorService executor;

    private List<RowBatch> filling = new ArrayList<>();
    private long units;
    private long bytes;
    private long fillingSince;
    private CompletableFuture<Void> underWay;

    PostgresCopyWriter(SinkSettings settings, BatchStore store, MailboxExecutor mailbox, ProcessingTimeService clock) {
        this.settings = settings;
        this.store = store;
        this.mailbox = mailbox;
        this.clock = clock;
        executor = Executors.newSingleThreadExecutor(runnable -> {
            Thread thread = new Thread(runnable, "ollyscale-transactions");
            thread.setDaemon(true);
            return thread;
        });
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
            awaitUnderWay();
            begin();
        }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        awaitUnderWay();
        if (!filling.isEmpty()) {
            begin();
            awaitUnderWay();
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
        executor.shutdown();
        store.abort();
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(PATIENCE_AT_CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("A transaction didn't end within {} after its connection was closed", PATIENCE_AT_CLOSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
        if (underWay != null && underWay.isDone()) {
            awaitUnderWay();
        }
        if (underWay == null && isDue()) {
            begin();
        }
    }

    private void begin() {
        List<RowBatch> batches = filling;
        filling = new ArrayList<>();
        units = 0;
        bytes = 0;
        CompletableFuture<Void> end = new CompletableFuture<>();
        underWay = end;
        executor.execute(() -> {
            try {
                store.store(batches);
                end.complete(null);
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
            notifyTask();
        });
    }

    /** Lets the task notice a failure at once, and begin what has become due meanwhile. */
    private void notifyTask() {
        try {
            mailbox.execute(this::beginIfDue, "transaction ended");
        } catch (RejectedExecutionException e) {
            LOG.debug("The task is closing", e);
        }
    }

    private void awaitUnderWay() throws IOException, InterruptedException {
        if (underWay == null) {
            return;
        }
        try {
            underWay.get();
            underWay = null;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw cause instanceof IOException io ? io : new IOException(cause);
        }
    }
}
