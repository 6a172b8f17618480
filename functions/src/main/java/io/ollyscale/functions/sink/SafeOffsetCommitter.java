package io.ollyscale.functions.sink;

import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.postgres.Sessions;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import org.apache.flink.api.connector.sink2.Committer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Raises the ledger's {@code safe_offset} when a checkpoint is complete. Idempotent: it never lowers it. */
final class SafeOffsetCommitter implements Committer<LedgerPosition> {
    private static final Logger LOG = LoggerFactory.getLogger(SafeOffsetCommitter.class);

    private final PostgresConnection postgres;
    private final PositionLedger ledger;
    private Connection connection;

    SafeOffsetCommitter(PostgresConnection postgres, PositionLedger ledger) {
        this.postgres = postgres;
        this.ledger = ledger;
    }

    @Override
    public void commit(Collection<CommitRequest<LedgerPosition>> requests) throws IOException {
        for (CommitRequest<LedgerPosition> request : requests) {
            try {
                if (connection == null || connection.isClosed()) {
                    connection = postgres.open("safe offset");
                }
                ledger.confirm(connection, request.getCommittable());
            } catch (SQLException e) {
                // The facts are stored; the next checkpoint raises it further.
                LOG.warn(
                        "Could not raise safe_offset of {}",
                        request.getCommittable().key(),
                        e);
                close();
            }
        }
    }

    @Override
    public void close() {
        Sessions.close(connection);
        connection = null;
    }
}
