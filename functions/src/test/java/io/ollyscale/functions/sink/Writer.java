package io.ollyscale.functions.sink;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.schema.otlp.OperationRollup;
import io.ollyscale.schema.otlp.RecordExcerpt;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** A store and the counters that it counts with. */
record Writer(Stack stack, SinkSettings settings, BatchStore store, SinkMetrics metrics) implements AutoCloseable {

    void store(RowBatch... batches) throws IOException, InterruptedException {
        store.store(List.of(batches));
    }

    Future<Void> storeInBackground(RowBatch... batches) {
        return stack.inBackground(() -> {
            store(batches);
            return null;
        });
    }

    @Override
    public void close() {
        store.abort();
    }

    static final class Builder {
        private final Stack stack;
        private PostgresConnection postgres;
        private PositionLedger ledger = new PositionLedger();
        private Collection<LedgerPosition> restored = List.of();
        private String id = "writer";
        private long generation = 1;
        private int maxRefusedParts = SinkSettings.DEFAULT_MAX_REFUSED_PARTS;
        private TransactionRows transactionRows;

        Builder(Stack stack) {
            this.stack = stack;
            transactionRows = stack.signal() == Signal.TRACES ? OperationRollup::of : TransactionRows.NONE;
            postgres = stack.postgres();
        }

        Builder postgres(PostgresConnection other) {
            postgres = other;
            return this;
        }

        Builder ledger(PositionLedger other) {
            ledger = other;
            return this;
        }

        Builder restored(Collection<LedgerPosition> positions) {
            restored = positions;
            return this;
        }

        Builder id(String writerId) {
            id = writerId;
            return this;
        }

        Builder generation(long number) {
            generation = number;
            return this;
        }

        Builder maxRefusedParts(int parts) {
            maxRefusedParts = parts;
            return this;
        }

        Builder transactionRows(TransactionRows rows) {
            transactionRows = rows;
            return this;
        }

        Writer open() throws SQLException {
            SinkSettings settings = new SinkSettings(
                    stack.signal().toString(),
                    postgres,
                    List.of(stack.topic()),
                    stack.kafka(),
                    generation,
                    SinkSettings.DEFAULT_MAX_UNITS,
                    SinkSettings.DEFAULT_MAX_BYTES,
                    SinkSettings.DEFAULT_MAX_AGE,
                    maxRefusedParts);
            SinkMetrics metrics = new SinkMetrics(new UnregisteredMetricsGroup());
            BatchStore store = new BatchStore(
                    settings,
                    ledger,
                    (record, parts) -> RecordExcerpt.of(stack.signal(), stack.encoding(), record, parts),
                    transactionRows,
                    metrics,
                    id,
                    restored);
            return stack.closeAfterTest(new Writer(stack, settings, store, metrics));
        }
    }
}
