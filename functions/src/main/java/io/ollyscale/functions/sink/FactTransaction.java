package io.ollyscale.functions.sink;

import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.flatten.Refusal;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.kafka.KafkaTopics;
import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.postgres.Sessions;
import io.ollyscale.functions.postgres.SqlErrorKind;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.copy.RowIds;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordPart;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.UnitRange;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transaction that stores records: ledger read, COPY of every table, rows made of all of them, quarantine, gaps, and as its last statements the
 * end of the rows that records replay and the ledger's compare-and-set. Not thread-safe.
 */
final class FactTransaction {
    private static final Logger LOG = LoggerFactory.getLogger(FactTransaction.class);

    /** How the rows are written. */
    enum Way {
        /** One COPY for each table; PostgreSQL takes all of it or nothing. */
        TOGETHER,
        /** A single record's rows in halves of halves, so that only what PostgreSQL refuses goes to quarantine. */
        BY_HALVES
    }

    private record RefusedPart(UnitRange units, SQLException error) {}

    private final SinkSettings settings;
    private final PositionLedger ledger;
    private final LedgerGuard guard;
    private final KafkaTopics topics;
    private final Excerpt excerpt;
    private final TransactionRows transactionRows;
    private final SinkMetrics metrics;
    private final String writerId;
    private final Quarantine quarantine;
    private final RowIdBlocks blocks = new RowIdBlocks();

    FactTransaction(
            SinkSettings settings,
            PositionLedger ledger,
            LedgerGuard guard,
            KafkaTopics topics,
            Excerpt excerpt,
            TransactionRows transactionRows,
            SinkMetrics metrics,
            String writerId) {
        this.settings = settings;
        this.ledger = ledger;
        this.guard = guard;
        this.topics = topics;
        this.excerpt = excerpt;
        this.transactionRows = transactionRows;
        this.metrics = metrics;
        this.writerId = writerId;
        quarantine = new Quarantine(settings.signal());
    }

    /**
     * Runs the plan and moves its cursors. Where everything is stored already, makes sure that it is the same.
     *
     * @param connection in autocommit mode, and left so
     * @throws LedgerConflictException if another writer has moved the ledger; nothing is stored
     * @throws SQLException if PostgreSQL refuses; nothing is stored
     * @throws UnknownOutcomeException if it may be stored or not
     */
    void run(Connection connection, TransactionPlan plan, Way way)
            throws SQLException, LedgerConflictException, IOException {
        // Asked now, after the records were read, and looked at before COMMIT.
        CompletableFuture<Map<String, String>> topicIds = topics.topicIds(plan.cursors().stream()
                .map(cursor -> cursor.key().topic())
                .distinct()
                .toList());
        if (plan.toStore().isEmpty()) {
            checkTopics(plan, KafkaTopics.await(topicIds));
            return;
        }
        List<TransactionPlan.Jump> gaps = gaps(plan.jumps());
        connection.setAutoCommit(false);
        try {
            readLedger(connection, plan);
            Replays replays = Replays.read(connection, plan.toStore());
            List<TransactionPlan.Assigned> records = replays.records();
            List<RowBatch> batches =
                    records.stream().map(TransactionPlan.Assigned::batch).toList();
            long seconds = reserveIds(connection, batches);
            batches.forEach(batch -> stamp(batch.rows(), seconds));
            CopyTarget target = new CopyTarget(connection);
            List<RecordPart> stored = new ArrayList<>();
            int refused = 0;
            if (way == Way.TOGETHER) {
                target.copy(batches.stream().map(RowBatch::rows).toList());
                batches.forEach(batch -> stored.add(all(batch.rows())));
            } else {
                for (TransactionPlan.Assigned record : records) {
                    refused += copyByHalves(connection, record, stored);
                }
            }
            for (Iterator<EncodedRecord> made = transactionRows.of(stored); made.hasNext(); ) {
                EncodedRecord rows = made.next();
                stamp(rows, seconds);
                target.copy(List.of(rows));
            }
            int quarantined = quarantineRecords(connection, records);
            for (TransactionPlan.Jump gap : gaps) {
                ledger.gap(connection, gap.cursor().key(), gap.from(), gap.to(), "deleted-before-read");
            }
            checkTopics(plan, KafkaTopics.await(topicIds));
            if (!replays.take(connection)) {
                throw new LedgerConflictException("another writer has stored a replayed record meanwhile");
            }
            if (!ledger.advance(connection, plan.advances(), settings.generation(), writerId)) {
                throw new LedgerConflictException("another writer has moved the ledger meanwhile");
            }
            commit(connection);
            plan.committed();
            replays.reportSkipped();
            metrics.transactions.inc();
            metrics.replaysStored.inc(replays.taken());
            metrics.replaysSkipped.inc(replays.skipped());
            metrics.unitsStored.inc(units(batches) - refused);
            metrics.quarantined.inc(quarantined + refused);
            metrics.gaps.inc(gaps.size());
        } finally {
            endTransaction(connection);
        }
    }

    private static long units(List<RowBatch> batches) {
        return batches.stream().mapToLong(batch -> batch.rows().units()).sum();
    }

    /** The jumps over records that Kafka doesn't have any more, cut to what is missing. */
    private List<TransactionPlan.Jump> gaps(List<TransactionPlan.Jump> jumps) {
        List<TransactionPlan.Jump> current =
                jumps.stream().filter(jump -> !jump.cursor().isSuperseded()).toList();
        if (current.isEmpty()) {
            return List.of();
        }
        Map<TopicPartition, Long> starts = topics.logStarts(
                current.stream().map(jump -> jump.cursor().key().inKafka()).collect(Collectors.toSet()));
        List<TransactionPlan.Jump> gaps = new ArrayList<>();
        for (TransactionPlan.Jump jump : current) {
            long end = Math.min(starts.getOrDefault(jump.cursor().key().inKafka(), 0L), jump.to());
            if (end > jump.from()) {
                gaps.add(new TransactionPlan.Jump(jump.cursor(), jump.from(), end));
            }
        }
        return gaps;
    }

    private void readLedger(Connection connection, TransactionPlan plan) throws SQLException, LedgerConflictException {
        Map<PartitionKey, LedgerRow> rows = ledger.read(
                connection, plan.cursors().stream().map(PartitionCursor::key).toList());
        for (PartitionCursor cursor : plan.cursors()) {
            LedgerRow row = rows.get(cursor.key());
            guard.checkNotBehind(cursor.stored(), row);
            guard.checkGeneration(connection, cursor.key(), row);
            if (row.nextOffset() != cursor.next() || row.leaderEpoch() != cursor.epoch()) {
                throw new LedgerConflictException(cursor.key() + " stands at offset " + row.nextOffset() + ", not "
                        + cursor.next() + ": writer " + row.writerId() + " has written");
            }
        }
    }

    /**
     * Makes sure that there are ids for all rows, those included that are made of them.
     *
     * @return this transaction's second, since 2020
     */
    private long reserveIds(Connection connection, List<RowBatch> batches) throws SQLException {
        long numbers = units(batches);
        for (RowBatch batch : batches) {
            numbers += batch.rows().rowIds();
        }
        long seconds = 0;
        do {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT otel.id_at(now()) >> 32, ARRAY(SELECT nextval('otel.fact_id_blocks')::integer FROM generate_series(1, ?))")) {
                statement.setInt(1, blocks.missing(numbers));
                try (ResultSet result = statement.executeQuery()) {
                    result.next();
                    seconds = result.getLong(1);
                    for (Integer block : (Integer[]) result.getArray(2).getArray()) {
                        blocks.add(block);
                    }
                }
            }
        } while (blocks.missing(numbers) > 0);
        return seconds;
    }

    /** Gives every row its id. */
    private void stamp(EncodedRecord rows, long seconds) {
        RowIds ids = blocks.take(seconds, rows.rowIds());
        rows.chunks().forEach(chunk -> chunk.stamp(ids));
    }

    private static RecordPart all(EncodedRecord rows) {
        return new RecordPart(rows, new UnitRange(0, rows.units()));
    }

    /** @param stored gets what isn't refused */
    private int copyByHalves(Connection connection, TransactionPlan.Assigned record, List<RecordPart> stored)
            throws SQLException {
        EncodedRecord rows = record.batch().rows();
        List<RefusedPart> refused = new ArrayList<>();
        if (rows.units() > 0) {
            copyOrHalve(connection, all(rows), stored, refused);
        }
        if (refused.isEmpty()) {
            return 0;
        }
        Iterator<byte[]> messages = excerpt.of(
                        record.batch().record().value(),
                        refused.stream().map(RefusedPart::units).toList())
                .iterator();
        int units = 0;
        for (int i = 0; i < refused.size(); i++) {
            RefusedPart part = refused.get(i);
            quarantineRefused(connection, record, i + 1, messages.next(), part.error());
            units += part.units().size();
        }
        return units;
    }

    private void copyOrHalve(Connection connection, RecordPart part, List<RecordPart> stored, List<RefusedPart> refused)
            throws SQLException {
        UnitRange units = part.units();
        Savepoint before = connection.setSavepoint();
        try {
            new CopyTarget(connection).copy(part);
            connection.releaseSavepoint(before);
            stored.add(part);
        } catch (SQLException e) {
            if (SqlErrorKind.of(e) != SqlErrorKind.DATA) {
                throw e;
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
            if (units.size() == 1 || refused.size() >= settings.maxRefusedParts()) {
                refused.add(new RefusedPart(units, e));
                return;
            }
            int middle = units.from() + units.size() / 2;
            EncodedRecord rows = part.record();
            copyOrHalve(connection, new RecordPart(rows, new UnitRange(units.from(), middle)), stored, refused);
            copyOrHalve(connection, new RecordPart(rows, new UnitRange(middle, units.to())), stored, refused);
        }
    }

    private void quarantineRefused(
            Connection connection, TransactionPlan.Assigned record, int part, byte[] payload, SQLException error)
            throws SQLException {
        quarantine.add(
                connection,
                record.cursor().key(),
                record.batch().record(),
                part,
                payload,
                RefusalReason.REFUSED_BY_POSTGRES,
                "SQLSTATE " + error.getSQLState() + ": " + error.getMessage());
    }

    /** The records that the decoder refused, or that it wants to be kept. */
    private int quarantineRecords(Connection connection, List<TransactionPlan.Assigned> records) throws SQLException {
        int count = 0;
        for (TransactionPlan.Assigned assigned : records) {
            Refusal refusal = assigned.batch().refusal();
            if (refusal != null) {
                RawRecord record = assigned.batch().record();
                quarantine.add(
                        connection,
                        assigned.cursor().key(),
                        record,
                        0,
                        record.value(),
                        refusal.reason(),
                        refusal.detail());
                count++;
            }
        }
        return count;
    }

    /**
     * Makes sure that the records are of the life of the topic that they are stored under, or skipped under. Where a topic
     * has another id by now, they are of the old one only if the new one's log can't have had the last of them: reading
     * goes back where a log ends.
     */
    private void checkTopics(TransactionPlan plan, Map<String, String> topicIds) {
        for (PartitionCursor cursor : plan.cursors()) {
            PartitionKey key = cursor.key();
            String id = topicIds.get(key.topic());
            if (id == null || id.equals(key.topicId()) || cursor.isSuperseded()) {
                continue;
            }
            TopicPartition partition = key.inKafka();
            long end = topics.logEnds(List.of(partition)).getOrDefault(partition, 0L);
            if (end > plan.lastOffset(cursor)) {
                throw StopForGood.because("Topic " + key.topic() + " was created anew while it was read: whether the"
                        + " last records of " + key + ", up to offset " + plan.lastOffset(cursor)
                        + ", are of the old or"
                        + " the new one can't be told, so they are not stored. Start the job without state: it reads"
                        + " the new topic from its beginning.");
            }
        }
    }

    private static void commit(Connection connection) throws SQLException, UnknownOutcomeException {
        try {
            connection.commit();
        } catch (SQLException e) {
            if (SqlErrorKind.isConnectionLost(e)) {
                throw new UnknownOutcomeException(e);
            }
            throw e;
        }
    }

    /** Rolls back what wasn't committed; a connection that can't is closed, and the next transaction opens another. */
    private static void endTransaction(Connection connection) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            LOG.debug("The connection can't be used any more", e);
            Sessions.abort(connection);
        }
    }
}
