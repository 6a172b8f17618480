package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer.CommitRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Servers.class)
class SafeOffsetITCase {

    @Test
    void risesWithCheckpointsAndNeverFalls(Stack stack) throws Exception {
        PartitionKey key = store(stack, 4);
        SafeOffsetCommitter committer = new SafeOffsetCommitter(stack.postgres(), new PositionLedger());

        committer.commit(positions(key, 2));
        assertThat(safeOffset(stack)).isEqualTo("2");
        committer.commit(positions(key, 1));
        assertThat(safeOffset(stack)).isEqualTo("2");
        committer.commit(positions(key, 4));
        assertThat(safeOffset(stack)).isEqualTo("4");
        committer.close();
    }

    @Test
    void staysBelowWhatIsStored(Stack stack) throws Exception {
        PartitionKey key = store(stack, 4);
        SafeOffsetCommitter committer = new SafeOffsetCommitter(stack.postgres(), new PositionLedger());

        committer.commit(positions(key, 5));

        assertThat(safeOffset(stack)).isEqualTo("0");
        committer.close();
    }

    @Test
    void outlivesItsConnection(Stack stack) throws Exception {
        PartitionKey key = store(stack, 4);
        SafeOffsetCommitter committer = new SafeOffsetCommitter(stack.postgres(), new PositionLedger());
        committer.commit(positions(key, 1));
        stack.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = 'ollyscale safe offset' AND datname = current_database()");

        // Logged, and left to the next checkpoint.
        committer.commit(positions(key, 2));
        committer.commit(positions(key, 3));

        assertThat(safeOffset(stack)).isEqualTo("3");
        committer.close();
    }

    private static PartitionKey store(Stack stack, int records) throws Exception {
        Writer writer = stack.writer().open();
        for (int offset = 0; offset < records; offset++) {
            writer.store(stack.batch(offset, 1));
        }
        return writer.store().stored().get(0).key();
    }

    private static String safeOffset(Stack stack) throws Exception {
        return stack.value("SELECT safe_offset FROM otel.ingest_ledger");
    }

    private static Collection<CommitRequest<LedgerPosition>> positions(PartitionKey key, long offset) {
        return List.of(new Request(new LedgerPosition(key, offset, 0)));
    }

    /** A request that is only to be answered by committing. */
    private record Request(LedgerPosition getCommittable) implements CommitRequest<LedgerPosition> {

        @Override
        public LedgerPosition getCommittable() {
            return getCommittable;
        }

        @Override
        public int getNumberOfRetries() {
            return 0;
        }

        @Override
        public void signalFailedWithKnownReason(Throwable reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void signalFailedWithUnknownReason(Throwable reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void retryLater() {
            throw new AssertionError();
        }

        @Override
        public void updateAndRetryLater(LedgerPosition committable) {
            throw new AssertionError();
        }

        @Override
        public void signalAlreadyCommitted() {
            throw new AssertionError();
        }
    }
}
