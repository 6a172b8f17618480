package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger.Advance;
import io.ollyscale.functions.sink.TransactionPlan.Assigned;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.EncodedRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransactionPlanTest {
    private static final PartitionKey KEY = new PartitionKey("cluster", "life 1", "topic", 0);
    private static final long UNCHANGED = Long.MAX_VALUE;

    private final PartitionCursor cursor = cursor(KEY, 10, 3);

    @Test
    void storesWhatFollowsTheLedger() {
        TransactionPlan plan = plan(record(10, 3), record(11, 3));

        assertThat(offsets(plan)).containsExactly(10L, 11L);
        assertThat(plan.skipped()).isZero();
        assertThat(plan.jumps()).isEmpty();
        assertThat(plan.lastOffset(cursor)).isEqualTo(11);
        assertThat(plan.advances()).containsExactly(new Advance(KEY, 10, 3, 12, UNCHANGED, 3, 1011));
    }

    @Test
    void skipsWhatIsStored() {
        TransactionPlan plan = plan(record(8, 2), record(9, 3), record(10, 3));

        assertThat(offsets(plan)).containsExactly(10L);
        assertThat(plan.skipped()).isEqualTo(2);
        assertThat(plan.advances()).containsExactly(new Advance(KEY, 10, 3, 11, UNCHANGED, 3, 1010));
    }

    @Test
    void skipsWhatComesTwice() {
        TransactionPlan plan = plan(record(10, 3), record(11, 3), record(10, 3), record(11, 3), record(12, 3));

        assertThat(offsets(plan)).containsExactly(10L, 11L, 12L);
        assertThat(plan.skipped()).isEqualTo(2);
    }

    @Test
    void hasNothingToStoreWhereAllIsStored() {
        TransactionPlan plan = plan(record(8, 3), record(9, 3));

        assertThat(plan.toStore()).isEmpty();
        assertThat(plan.advances()).isEmpty();
        assertThat(plan.cursors()).containsExactly(cursor);
        assertThat(plan.lastOffset(cursor)).isEqualTo(9);
        plan.committed();
        assertThat(cursor.next()).isEqualTo(10);
    }

    @Test
    void notesJumps() {
        TransactionPlan plan = plan(record(15, 3), record(16, 3), record(20, 4));

        assertThat(offsets(plan)).containsExactly(15L, 16L, 20L);
        assertThat(plan.jumps())
                .containsExactly(new TransactionPlan.Jump(cursor, 10, 15), new TransactionPlan.Jump(cursor, 17, 20));
        assertThat(plan.lastOffset(cursor)).isEqualTo(20);
        assertThat(plan.advances()).containsExactly(new Advance(KEY, 10, 3, 21, UNCHANGED, 4, 1020));
    }

    @Test
    void storesWhatHigherLeaderEpochWroteAnew() {
        TransactionPlan plan = plan(record(6, 4), record(7, 4), record(8, 4));

        assertThat(offsets(plan)).containsExactly(6L, 7L, 8L);
        assertThat(plan.jumps()).isEmpty();
        assertThat(plan.skipped()).isZero();
        // A start without state must read again what was written anew.
        assertThat(plan.advances()).containsExactly(new Advance(KEY, 10, 3, 9, 6, 4, 1008));
    }

    @Test
    void storesWhatIsWrittenAnewWithinThePlan() {
        TransactionPlan plan = plan(record(10, 3), record(11, 3), record(11, 5), record(12, 5));

        assertThat(offsets(plan)).containsExactly(10L, 11L, 11L, 12L);
        assertThat(plan.advances()).containsExactly(new Advance(KEY, 10, 3, 13, 11, 5, 1012));
    }

    @Test
    void takesNoHigherEpochForTruncationWhereTheLedgersIsUnknown() {
        PartitionCursor unknown = cursor(KEY, 10, -1);
        TransactionPlan plan = new TransactionPlan(List.of(assigned(record(8, 4), unknown)));

        assertThat(plan.toStore()).isEmpty();
        assertThat(plan.skipped()).isEqualTo(1);
    }

    @Test
    void keepsTheEpochWhereRecordsHaveNone() {
        TransactionPlan plan = plan(record(10, -1));

        assertThat(plan.advances()).containsExactly(new Advance(KEY, 10, 3, 11, UNCHANGED, 3, 1010));
    }

    @Test
    void movesPartitionsAndLivesOfTopicApart() {
        PartitionCursor other = cursor(new PartitionKey("cluster", "life 1", "topic", 1), 100, 0);
        PartitionCursor anew = cursor(new PartitionKey("cluster", "life 2", "topic", 0), 0, -1);
        TransactionPlan plan = new TransactionPlan(List.of(
                assigned(record(10, 3), cursor),
                assigned(record(99, 0), other),
                assigned(record(0, 0), anew),
                assigned(record(100, 0), other),
                assigned(record(1, 0), anew)));

        assertThat(plan.skipped()).isEqualTo(1);
        assertThat(plan.cursors()).containsExactlyInAnyOrder(cursor, anew, other);
        assertThat(plan.advances())
                .containsExactlyInAnyOrder(
                        new Advance(KEY, 10, 3, 11, UNCHANGED, 3, 1010),
                        new Advance(other.key(), 100, 0, 101, UNCHANGED, 0, 1100),
                        new Advance(anew.key(), 0, -1, 2, UNCHANGED, 0, 1001));
    }

    @Test
    void movesCursorsOnlyWhenCommitted() {
        TransactionPlan plan = plan(record(10, 4));
        assertThat(cursor.next()).isEqualTo(10);
        assertThat(cursor.epoch()).isEqualTo(3);

        plan.committed();

        assertThat(cursor.next()).isEqualTo(11);
        assertThat(cursor.epoch()).isEqualTo(4);
    }

    private TransactionPlan plan(RowBatch... records) {
        List<Assigned> assigned = new ArrayList<>();
        for (RowBatch record : records) {
            assigned.add(assigned(record, cursor));
        }
        return new TransactionPlan(assigned);
    }

    private static List<Long> offsets(TransactionPlan plan) {
        return plan.toStore().stream()
                .map(assigned -> assigned.batch().record().offset())
                .toList();
    }

    private static Assigned assigned(RowBatch batch, PartitionCursor cursor) {
        return new Assigned(batch, cursor);
    }

    private static PartitionCursor cursor(PartitionKey key, long next, int epoch) {
        return new PartitionCursor(key, new LedgerRow(next, 0, epoch, 1, "writer"));
    }

    private static RowBatch record(long offset, int epoch) {
        RawRecord record = new RawRecord("topic", 0, offset, epoch, 1000 + offset, null, null, List.of());
        return new RowBatch(record, EncodedRecord.EMPTY, null);
    }
}
