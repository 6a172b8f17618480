package io.ollyscale.functions.sink;

import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.kafka.KafkaTopics;
import io.ollyscale.functions.kafka.LogProbe;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.source.RawRecord;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which life of a topic each record is of and where the ledger stands there, and notices what would otherwise be
 * skipped in silence: a topic created anew, a truncated log. Not thread-safe.
 */
final class PartitionCursors {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionCursors.class);

    private final KafkaTopics topics;
    private final LogProbe probe;
    private final PositionLedger ledger;
    private final LedgerGuard guard;
    private final long generation;
    private final String writerId;
    private final String clusterId;
    private final Map<String, String> topicIds = new HashMap<>();
    private final Map<PartitionKey, LedgerPosition> untouched = new HashMap<>();
    private final Map<TopicPartition, PartitionCursor> current = new HashMap<>();
    private final List<PartitionCursor> superseded = new ArrayList<>();

    /**
     * Asks for the topics' ids: records that are read later are of these lives of the topics, or of younger ones.
     *
     * @param restored the positions of the checkpoint, kept until a partition's first record comes
     */
    PartitionCursors(
            KafkaTopics topics,
            LogProbe probe,
            PositionLedger ledger,
            LedgerGuard guard,
            Collection<String> topicNames,
            Collection<LedgerPosition> restored,
            long generation,
            String writerId) {
        this.topics = topics;
        this.probe = probe;
        this.ledger = ledger;
        this.guard = guard;
        this.generation = generation;
        this.writerId = writerId;
        clusterId = topics.clusterId();
        topicIds.putAll(KafkaTopics.await(topics.topicIds(topicNames)));
        for (LedgerPosition position : restored) {
            // Of a life that is over nothing will be read any more.
            if (position.key().topicId().equals(topicIds.get(position.key().topic()))) {
                untouched.merge(position.key(), position, (a, b) -> a.isBehind(b) ? b : a);
            }
        }
    }

    /** Assigns records to their places in the ledger; to be called once for each record, in order. */
    List<TransactionPlan.Assigned> assign(Connection connection, List<RowBatch> batches)
            throws SQLException, IOException {
        List<TransactionPlan.Assigned> assigned = new ArrayList<>(batches.size());
        Map<String, String> currentIds = new HashMap<>();
        for (RowBatch batch : batches) {
            RawRecord record = batch.record();
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            PartitionCursor cursor = current.get(partition);
            if (cursor == null) {
                String topicId = currentIds.computeIfAbsent(record.topic(), topics::topicId);
                checkSameAsAtOpen(record.topic(), topicId);
                cursor = open(connection, partition, record, topicId);
            } else if (cursor.goesBack(record.offset())) {
                cursor = afterGoingBack(connection, partition, cursor, record);
            }
            cursor.see(record.offset(), record.leaderEpoch());
            assigned.add(new TransactionPlan.Assigned(batch, cursor));
        }
        return assigned;
    }

    /** The ledger's positions as this writer knows them. */
    List<LedgerPosition> stored() {
        List<LedgerPosition> stored = new ArrayList<>(untouched.values());
        all().forEach(cursor -> stored.add(cursor.stored()));
        return stored;
    }

    /** How far everything that was assigned is stored, once nothing is under way. */
    List<LedgerPosition> seen() {
        List<LedgerPosition> seen = all().stream().map(PartitionCursor::seen).toList();
        superseded.clear();
        return seen;
    }

    private List<PartitionCursor> all() {
        List<PartitionCursor> all = new ArrayList<>(superseded);
        all.addAll(current.values());
        return all;
    }

    private PartitionCursor afterGoingBack(
            Connection connection, TopicPartition partition, PartitionCursor cursor, RawRecord record)
            throws SQLException {
        String id = topics.topicId(record.topic());
        if (id.equals(cursor.key().topicId())) {
            LOG.warn("{} is read again from offset {} on", partition, record.offset());
            return cursor;
        }
        LOG.warn(
                "Topic {} was created anew: its id was {} and is {}; partition {} begins at offset {}",
                record.topic(),
                cursor.key().topicId(),
                id,
                record.partition(),
                record.offset());
        cursor.supersede();
        superseded.add(cursor);
        return open(connection, partition, record, id);
    }

    /**
     * A partition's first record may be of either life of a topic that was created anew since this writer was opened. After
     * a restart it can only be of the new one.
     */
    private void checkSameAsAtOpen(String topic, String topicId) throws IOException {
        String atOpen = topicIds.putIfAbsent(topic, topicId);
        if (atOpen != null && !atOpen.equals(topicId)) {
            throw new IOException("Topic " + topic + " was created anew: its id was " + atOpen + " and is " + topicId
                    + "; reading begins again");
        }
    }

    private PartitionCursor open(Connection connection, TopicPartition partition, RawRecord record, String topicId)
            throws SQLException {
        PartitionKey key = new PartitionKey(clusterId, topicId, record.topic(), record.partition());
        LedgerRow row = ledger.read(connection, List.of(key)).get(key);
        if (row == null) {
            checkReadFromStart(partition, record);
            ledger.begin(connection, key, record.offset(), generation, writerId);
            row = ledger.read(connection, List.of(key)).get(key);
        } else {
            checkNothingPassedOver(partition, row, record);
            checkNotTruncatedBefore(connection, key, partition, row, record);
        }
        guard.checkGeneration(connection, key, row);
        PartitionCursor cursor = new PartitionCursor(key, row);
        current.put(partition, cursor);
        untouched.remove(key);
        return cursor;
    }

    /** A job restored from state goes on at its old offset, also where that is in the middle of a topic's new life. */
    private void checkReadFromStart(TopicPartition partition, RawRecord record) {
        OptionalLong unread = firstUnread(partition, 0, record);
        if (unread.isPresent()) {
            throw StopForGood.because("The records of " + partition + " from offset " + unread.getAsLong() + " to "
                    + record.offset() + " were passed over: the topic was created anew while the job's state still"
                    + " points into the old one. Start the job without state: it begins at the ledger's safe_offset"
                    + " and stores every record once.");
        }
    }

    /** A job restored from state goes on at its old offset, also where the database was set back behind that. */
    private void checkNothingPassedOver(TopicPartition partition, LedgerRow row, RawRecord record) {
        OptionalLong unread = firstUnread(partition, row.nextOffset(), record);
        if (unread.isPresent()) {
            throw StopForGood.because("PostgreSQL is behind what this job has stored: " + partition
                    + " stands at offset " + row.nextOffset() + " in ingest_ledger, reading began at " + record.offset()
                    + ", and the records from offset " + unread.getAsLong() + " on are not stored. The database was"
                    + " set back, by a restore or a fail-over, or the job's state is of another one. Start the job"
                    + " without state: it resumes at the ledger's safe_offset and stores again what was lost.");
        }
    }

    /** The first record that Kafka still has between an offset and the first record that came. */
    private OptionalLong firstUnread(TopicPartition partition, long stored, RawRecord record) {
        if (record.offset() <= stored) {
            return OptionalLong.empty();
        }
        long from = Math.max(stored, topics.logStarts(List.of(partition)).getOrDefault(partition, 0L));
        return from < record.offset() ? probe.firstRecord(partition, from, record.offset()) : OptionalLong.empty();
    }

    /** A consumer that begins at an offset can't tell whether the log below it is still the one that was stored. */
    private void checkNotTruncatedBefore(
            Connection connection, PartitionKey key, TopicPartition partition, LedgerRow row, RawRecord record)
            throws SQLException {
        if (row.leaderEpoch() < 0 || record.leaderEpoch() <= row.leaderEpoch()) {
            return;
        }
        OptionalLong divergence = probe.divergence(partition, row.nextOffset(), row.leaderEpoch());
        if (divergence.isEmpty() || divergence.getAsLong() >= row.nextOffset()) {
            return;
        }
        OptionalLong unread = firstUnread(partition, divergence.getAsLong(), record);
        if (unread.isPresent()) {
            ledger.retreat(connection, key, divergence.getAsLong());
            throw StopForGood.because("The log of " + partition + " was truncated at offset "
                    + divergence.getAsLong() + " and written anew, and reading began behind that, at "
                    + record.offset() + ". Start the job without state: it begins at the ledger's safe_offset, which"
                    + " is set back, and stores what was written anew.");
        }
    }
}
