package io.ollyscale.functions.sink;

import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger;
import java.sql.Connection;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps the positions in its memory instead of the database: what becomes of the data without the ledger's checks. */
final class ForgetfulLedger extends PositionLedger {
    private final HashMap<PartitionKey, LedgerRow> rows = new HashMap<>();

    @Override
    public Map<PartitionKey, LedgerRow> read(Connection connection, Collection<PartitionKey> keys) {
        Map<PartitionKey, LedgerRow> known = new TreeMap<>(rows);
        known.keySet().retainAll(keys);
        return known;
    }

    @Override
    public void begin(Connection connection, PartitionKey key, long offset, long generation, String writerId) {
        rows.put(key, new LedgerRow(offset, offset, -1, generation, writerId));
    }

    @Override
    public boolean advance(Connection connection, List<Advance> advances, long generation, String writerId) {
        for (Advance advance : advances) {
            rows.put(
                    advance.key(),
                    new LedgerRow(advance.next(), advance.expected(), advance.leaderEpoch(), generation, writerId));
        }
        return true;
    }
}
