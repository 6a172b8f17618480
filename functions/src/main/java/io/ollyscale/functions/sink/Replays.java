package io.ollyscale.functions.sink;

import io.ollyscale.functions.quarantine.ReplayTicket;
import io.ollyscale.functions.source.RawRecord;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of a transaction that come out of quarantine. Each is stored by the transaction that deletes its row, so
 * once, however often it was published; one whose row is gone is passed over, because it is stored already, was deleted by
 * hand, or belongs to another store.
 *
 * <p>As with the ledger, the rows are read without a lock at first and deleted right before the end, which alone is what
 * correctness rests on: a writer that is stopped while it holds them would stop its successor.
 */
final class Replays {
    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

    private final List<TransactionPlan.Assigned> records = new ArrayList<>();
    private final Set<ReplayTicket> tickets = new HashSet<>();
    private TransactionPlan.Assigned firstSkipped;
    private int skipped;

    private Replays() {}

    /** Tells which records are to be stored, all that are no replays among them. */
    static Replays read(Connection connection, List<TransactionPlan.Assigned> records) throws SQLException {
        Map<TransactionPlan.Assigned, ReplayTicket> tickets = new IdentityHashMap<>();
        for (TransactionPlan.Assigned record : records) {
            ReplayTicket.of(record.batch().record().headers()).ifPresent(ticket -> tickets.put(record, ticket));
        }
        Replays replays = new Replays();
        if (tickets.isEmpty()) {
            replays.records.addAll(records);
            return replays;
        }
        Set<ReplayTicket> present = present(connection, tickets.values());
        for (TransactionPlan.Assigned record : records) {
            ReplayTicket ticket = tickets.get(record);
            if (ticket == null) {
                replays.records.add(record);
            } else if (present.contains(ticket) && replays.tickets.add(ticket)) {
                replays.records.add(record);
            } else {
                replays.skip(record);
            }
        }
        return replays;
    }

    /** What the transaction stores. */
    List<TransactionPlan.Assigned> records() {
        return records;
    }

    /** How many of those come out of quarantine. */
    int taken() {
        return tickets.size();
    }

    int skipped() {
        return skipped;
    }

    /**
     * Deletes the rows of the records that the transaction stores.
     *
     * @return whether all were still there; if not, the transaction must be rolled back
     */
    boolean take(Connection connection) throws SQLException {
        if (tickets.isEmpty()) {
            return true;
        }
        // Locked in one order for every writer, so that two of them wait for each other instead of deadlocking.
        String sql = """
                WITH taken AS MATERIALIZED (
                    SELECT q.id
                    FROM otel.quarantined_records AS q
                    JOIN unnest(?::bigint[], ?::uuid[]) AS t (id, token) ON t.id = q.id AND t.token = q.replay_token
                    WHERE q.reason <> 'newer-otlp'
                    ORDER BY q.id
                    FOR UPDATE OF q
                )
                DELETE FROM otel.quarantined_records AS q USING taken WHERE q.id = taken.id
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, ids(connection, tickets));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "uuid", tickets.stream().map(ReplayTicket::token).toArray()));
            return statement.executeUpdate() == tickets.size();
        }
    }

    /** To be called once the transaction is committed. */
    void reportSkipped() {
        if (skipped > 0) {
            RawRecord record = firstSkipped.batch().record();
            LOG.warn(
                    "{} records out of quarantine were passed over, because their rows are gone: they are stored already, or"
                            + " were deleted, or belong to another store. The first is offset {} of {}",
                    skipped,
                    record.offset(),
                    firstSkipped.cursor().key());
        }
    }

    private void skip(TransactionPlan.Assigned record) {
        firstSkipped = firstSkipped == null ? record : firstSkipped;
        skipped++;
    }

    /** Those whose rows are there and wait for it: a record of a newer OTLP is stored already. */
    private static Set<ReplayTicket> present(Connection connection, Collection<ReplayTicket> tickets)
            throws SQLException {
        String sql =
                "SELECT id, replay_token FROM otel.quarantined_records WHERE id = ANY (?) AND reason <> 'newer-otlp'";
        Set<ReplayTicket> present = new HashSet<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setArray(1, ids(connection, tickets));
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    present.add(new ReplayTicket(rows.getLong(1), rows.getObject(2, UUID.class)));
                }
            }
        }
        return present;
    }

    private static Array ids(Connection connection, Collection<ReplayTicket> tickets) throws SQLException {
        return connection.createArrayOf(
                "bigint", tickets.stream().map(ReplayTicket::id).toArray());
    }
}
