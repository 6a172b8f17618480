package io.ollyscale.functions.faults;

import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A ledger that isn't one: each attempt of a task remembers what it stored itself, and nobody checks it. Moves the real
 * ledger's rows all the same, unasked, so that a test can see how far the job is.
 */
final class ForgetfulLedger extends PositionLedger {
    private static final long serialVersionUID = 1;

    /**
     * Each attempt takes a leader epoch above all records' and all earlier attempts', so that nothing looks like a truncated
     * log or a database that was set back.
     */
    private static final AtomicInteger EPOCHS = new AtomicInteger(1_000_000);

    private transient Map<PartitionKey, LedgerRow> own;
    private transient int epoch;

    @Override
    public Map<PartitionKey, LedgerRow> read(Connection connection, Collection<PartitionKey> keys) {
        Map<PartitionKey, LedgerRow> rows = own();
        return keys.stream().collect(Collectors.toMap(key -> key, key -> rows.getOrDefault(key, nothingBefore(key))));
    }

    /** As if everything before the first record that came were stored, and nothing after it. */
    private LedgerRow nothingBefore(PartitionKey key) {
        return new LedgerRow(FaultPoint.latestBeginning(key.inKafka()), 0, epoch, 0, "");
    }

    @Override
    public void begin(Connection connection, PartitionKey key, long offset, long generation, String writerId) {
        throw new AssertionError("read has an answer for every partition");
    }

    @Override
    public boolean advance(Connection connection, List<Advance> advances, long generation, String writerId)
            throws SQLException {
        for (Advance advance : advances) {
            own().put(advance.key(), new LedgerRow(advance.next(), 0, epoch, generation, writerId));
            try (Statement statement = connection.createStatement()) {
                statement.execute("""
                        INSERT INTO otel.ingest_ledger AS l
                            (cluster_id, topic_id, topic, partition_id, next_offset, safe_offset, generation, writer_id)
                        VALUES ('%s', '%s', '%s', %d, %d, 0, %d, '%s')
                        ON CONFLICT (cluster_id, topic_id, partition_id)
                        DO UPDATE SET next_offset = GREATEST(l.next_offset, EXCLUDED.next_offset)
                        """.formatted(
                                advance.key().clusterId(),
                                advance.key().topicId(),
                                advance.key().topic(),
                                advance.key().partition(),
                                advance.next(),
                                generation,
                                writerId));
            }
        }
        return true;
    }

    @Override
    public void confirm(Connection connection, LedgerPosition position) {}

    private Map<PartitionKey, LedgerRow> own() {
        if (own == null) {
            own = new HashMap<>();
            epoch = EPOCHS.incrementAndGet();
        }
        return own;
    }
}
