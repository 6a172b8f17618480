package io.ollyscale.functions.dimensions;

import io.ollyscale.functions.background.BackgroundWork;
import io.ollyscale.functions.failure.PostgresFailure;
import io.ollyscale.schema.otlp.Dimension;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers sightings into batches by number, memory and age, and has the connector write them on a thread of its own. A
 * checkpoint waits until all are written. Of a dimension that a batch has twice the later sighting counts.
 */
final class DimensionWriter implements SinkWriter<Sighting> {
    private static final Logger LOG = LoggerFactory.getLogger(DimensionWriter.class);

    /** A batch is one transaction, whose locks others may wait for. */
    private static final int MAX_BATCH = 200;

    /** A dimension is a kilobyte or two, and may be as large as a record. */
    private static final long MAX_BATCH_BYTES = 16 * 1024 * 1024;

    private static final Duration MAX_AGE = Duration.ofSeconds(1);

    /** The order in which all writers lock rows: otherwise two of them, of two jobs, could wait for each other. */
    private static final Comparator<Dimension> LOCK_ORDER =
            Comparator.comparing(Dimension::kind).thenComparing(Dimension::id).thenComparing(Dimension::hash);

    private final SinkWriter<Sighting> connector;
    private final DimensionConnection connection;
    private final ProcessingTimeService clock;
    private final BackgroundWork upserts;

    private Map<Dimension, Sighting> filling = new TreeMap<>(LOCK_ORDER);
    private long bytes;
    private long fillingSince;

    /**
     * @param connector writes when it is told to, and not by itself
     * @param connection that the connector uses
     */
    DimensionWriter(
            SinkWriter<Sighting> connector,
            DimensionConnection connection,
            MailboxExecutor mailbox,
            ProcessingTimeService clock) {
        this.connector = connector;
        this.connection = connection;
        this.clock = clock;
        upserts = new BackgroundWork("ollyscale-dimensions", mailbox, this::beginIfDue);
    }

    @Override
    public void write(Sighting sighting, Context context) throws IOException, InterruptedException {
        if (filling.isEmpty()) {
            fillingSince = clock.getCurrentProcessingTime();
            clock.registerTimer(fillingSince + MAX_AGE.toMillis(), time -> beginIfDue());
        }
        filling.put(sighting.dimension(), sighting);
        bytes += sighting.dimension().memory();
        if (isFull()) {
            upserts.await();
            begin();
        }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        upserts.await();
        if (!filling.isEmpty()) {
            begin();
            upserts.await();
        }
    }

    /** Breaks off what is under way: a job that ends in order has flushed, and another reads it again. */
    @Override
    public void close() {
        if (!upserts.close(connection::abort)) {
            return;
        }
        try {
            connector.close();
        } catch (Exception e) {
            LOG.debug("What was left of a batch wasn't written", e);
        }
    }

    private boolean isFull() {
        return filling.size() >= MAX_BATCH || bytes >= MAX_BATCH_BYTES;
    }

    private boolean isDue() {
        return !filling.isEmpty()
                && (isFull() || clock.getCurrentProcessingTime() - fillingSince >= MAX_AGE.toMillis());
    }

    /** Begins the next batch unless one is under way; then its end begins it. */
    private void beginIfDue() throws IOException, InterruptedException {
        if (upserts.isIdle() && isDue()) {
            begin();
        }
    }

    private void begin() {
        Map<Dimension, Sighting> batch = filling;
        filling = new TreeMap<>(LOCK_ORDER);
        bytes = 0;
        upserts.begin(() -> upsert(batch.values()));
    }

    private void upsert(Collection<Sighting> batch) throws IOException, InterruptedException {
        try {
            for (Sighting sighting : batch) {
                // It has no use for the context, which is the task's alone.
                connector.write(sighting, null);
            }
            connector.flush(false);
        } catch (IOException | RuntimeException e) {
            throw ExceptionUtils.findThrowable(e, SQLException.class)
                    .map(PostgresFailure::of)
                    .orElseGet(() -> new IOException(e));
        }
    }
}
