package io.ollyscale.functions.dimensions;

import io.ollyscale.functions.failure.PostgresFailure;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connector's writer with three things added: the memory of a batch, which the connector counts in rows, is bounded;
 * PostgreSQL's errors say what they mean for the job; and the end of a task doesn't wait for the server.
 */
final class DimensionWriter implements SinkWriter<Sighting> {

    /** A dimension is a kilobyte or two, and may be as large as a record. */
    private static final long MAX_BATCH_BYTES = 16 * 1024 * 1024;

    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(DimensionWriter.class);

    private final SinkWriter<Sighting> upserts;
    private final DimensionConnection connection;
    private long batchBytes;

    /** @param connection that the writer uses */
    DimensionWriter(SinkWriter<Sighting> upserts, DimensionConnection connection) {
        this.upserts = upserts;
        this.connection = connection;
    }

    @Override
    public void write(Sighting sighting, Context context) throws IOException, InterruptedException {
        try {
            upserts.write(sighting, context);
        } catch (IOException | RuntimeException e) {
            throw failure(e);
        }
        batchBytes += sighting.dimension().memory();
        if (batchBytes >= MAX_BATCH_BYTES) {
            flush(false);
        }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        batchBytes = 0;
        try {
            upserts.flush(endOfInput);
        } catch (IOException | RuntimeException e) {
            throw failure(e);
        }
    }

    /** What isn't flushed is written if that is quick: a job that ends in order has flushed, and another reads it again. */
    @Override
    public void close() {
        CompletableFuture<Void> abort = CompletableFuture.runAsync(
                connection::abort,
                CompletableFuture.delayedExecutor(PATIENCE_AT_CLOSE.toMillis(), TimeUnit.MILLISECONDS));
        try {
            upserts.close();
        } catch (Exception e) {
            LOG.debug("What was left of a batch wasn't written", e);
        } finally {
            abort.cancel(false);
            connection.abort();
        }
    }

    private static IOException failure(Exception e) {
        return ExceptionUtils.findThrowable(e, SQLException.class)
                .map(PostgresFailure::of)
                .orElseGet(() -> new IOException(e));
    }
}
