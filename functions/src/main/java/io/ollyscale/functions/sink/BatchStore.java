package io.ollyscale.functions.sink;

import io.ollyscale.functions.failure.PostgresFailure;
import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.kafka.KafkaTopics;
import io.ollyscale.functions.kafka.LogProbe;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.postgres.Sessions;
import io.ollyscale.functions.postgres.SqlErrorKind;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores records exactly once: decides what is new, writes it in one transaction with the ledger, and deals with whatever
 * PostgreSQL answers. One thread at a time; {@link #abort} from any.
 */
final class BatchStore {
    private static final Logger LOG = LoggerFactory.getLogger(BatchStore.class);
    private static final int MAX_ATTEMPTS = 5;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);

    private final SinkSettings settings;
    private final PositionLedger ledger;
    private final SinkMetrics metrics;
    private final LedgerGuard guard;
    private final KafkaTopics topics;
    private final PartitionCursors cursors;
    private final FactTransaction transaction;

    private volatile Connection connection;
    private volatile boolean aborted;

    /**
     * Connects to Kafka and PostgreSQL.
     *
     * @param restored what the checkpoint says was stored
     */
    BatchStore(
            SinkSettings settings,
            PositionLedger ledger,
            Excerpt excerpt,
            TransactionRows transactionRows,
            SinkMetrics metrics,
            String writerId,
            Collection<LedgerPosition> restored)
            throws SQLException {
        this.settings = settings;
        this.ledger = ledger;
        this.metrics = metrics;
        guard = new LedgerGuard(ledger, settings.generation());
        topics = new KafkaTopics(settings.kafka());
        try {
            connection = settings.postgres().open("sink");
            guard.checkNotBehind(connection, restored);
            cursors = new PartitionCursors(
                    topics,
                    new LogProbe(settings.kafka()),
                    ledger,
                    guard,
                    settings.topics(),
                    restored,
                    settings.generation(),
                    writerId);
            transaction =
                    new FactTransaction(settings, ledger, guard, topics, excerpt, transactionRows, metrics, writerId);
        } catch (SQLException | RuntimeException e) {
            abort();
            throw e;
        }
    }

    /** Stores what isn't stored yet of these records. To be called once for each record, in the order of partitions. */
    void store(List<RowBatch> batches) throws IOException, InterruptedException {
        List<TransactionPlan.Assigned> assigned;
        try {
            assigned = cursors.assign(connected(), batches);
        } catch (SQLException e) {
            throw PostgresFailure.of(e);
        }
        try {
            store(assigned, FactTransaction.Way.TOGETHER);
        } catch (RefusedDataException refused) {
            LOG.info(
                    "PostgreSQL refused a value; storing {} records one by one: {}",
                    batches.size(),
                    refused.getMessage());
            storeOneByOne(assigned);
        }
    }

    /** The ledger's positions as this writer knows them. */
    List<LedgerPosition> stored() {
        return cursors.stored();
    }

    /** How far everything that was handed in is stored. */
    List<LedgerPosition> seen() {
        return cursors.seen();
    }

    /** Breaks off whatever is under way, without waiting for the server. */
    void abort() {
        aborted = true;
        disconnect();
        topics.close();
    }

    private void disconnect() {
        Sessions.abort(connection);
    }

    private void storeOneByOne(List<TransactionPlan.Assigned> records) throws IOException, InterruptedException {
        for (TransactionPlan.Assigned record : records) {
            try {
                store(List.of(record), FactTransaction.Way.TOGETHER);
            } catch (RefusedDataException refused) {
                try {
                    store(List.of(record), FactTransaction.Way.BY_HALVES);
                } catch (RefusedDataException again) {
                    throw StopForGood.because(
                            "PostgreSQL refuses even to quarantine offset "
                                    + record.batch().record().offset() + " of "
                                    + record.cursor().key(),
                            again.getCause());
                }
            }
        }
    }

    private void store(List<TransactionPlan.Assigned> records, FactTransaction.Way way)
            throws IOException, InterruptedException, RefusedDataException {
        int attempt = 0;
        while (true) {
            try {
                TransactionPlan plan = new TransactionPlan(records);
                transaction.run(connected(), plan, way);
                metrics.recordsSkipped.inc(plan.skipped());
                return;
            } catch (LedgerConflictException e) {
                metrics.conflicts.inc();
                LOG.warn("{}; reading the ledger again", e.getMessage());
                if (++attempt == MAX_ATTEMPTS) {
                    throw new IOException("other writers keep moving the ledger", e);
                }
                readAgain(records);
            } catch (SQLException e) {
                if (SqlErrorKind.of(e) == SqlErrorKind.DATA) {
                    throw new RefusedDataException(e);
                }
                if (SqlErrorKind.of(e) == SqlErrorKind.OURS || ++attempt == MAX_ATTEMPTS || aborted) {
                    throw PostgresFailure.of(e);
                }
                if (SqlErrorKind.isConnectionLost(e)) {
                    disconnect();
                }
                backOff(attempt, "PostgreSQL: " + e.getMessage() + " (SQLSTATE " + e.getSQLState() + ")");
            } catch (InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                if (++attempt == MAX_ATTEMPTS || aborted) {
                    throw new IOException("Kafka: " + e.getMessage(), e);
                }
                backOff(attempt, "Kafka: " + e.getMessage());
            }
        }
    }

    private void backOff(int attempt, String what) throws InterruptedException {
        metrics.retries.inc();
        LOG.warn("{}; trying again", what);
        Thread.sleep(FIRST_BACKOFF.toMillis() << attempt);
    }

    private void readAgain(List<TransactionPlan.Assigned> records) throws IOException {
        try {
            List<PartitionCursor> affected = records.stream()
                    .map(TransactionPlan.Assigned::cursor)
                    .distinct()
                    .toList();
            Map<PartitionKey, LedgerRow> rows = ledger.read(
                    connected(), affected.stream().map(PartitionCursor::key).toList());
            for (PartitionCursor cursor : affected) {
                LedgerRow row = rows.get(cursor.key());
                guard.checkNotBehind(cursor.stored(), row);
                guard.checkGeneration(connected(), cursor.key(), row);
                if (row.nextOffset() != cursor.next()) {
                    LOG.warn(
                            "{} was moved from offset {} to {} by writer {}",
                            cursor.key(),
                            cursor.next(),
                            row.nextOffset(),
                            row.writerId());
                }
                cursor.reset(row);
            }
        } catch (SQLException e) {
            throw PostgresFailure.of(e);
        }
    }

    private Connection connected() throws SQLException {
        if (aborted) {
            throw new SQLException("the writer is closed", "57P01");
        }
        Connection open = connection;
        if (open == null || open.isClosed()) {
            open = settings.postgres().open("sink");
            connection = open;
            if (aborted) {
                // While it was opened; nobody else will close it.
                disconnect();
            }
        }
        return open;
    }
}
