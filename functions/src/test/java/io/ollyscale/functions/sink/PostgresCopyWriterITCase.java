package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.Signal;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.tasks.StreamTaskActionExecutor;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.apache.flink.streaming.runtime.tasks.mailbox.MailboxExecutorImpl;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When records of whichever signal become a transaction. The test's thread is the task's, and time is what the test says. */
@ExtendWith(Servers.class)
class PostgresCopyWriterITCase {
    private static final int UNITS = 25;
    private static final long MUCH = Long.MAX_VALUE;
    private static final Duration AGE = Duration.ofSeconds(1);

    private final TestProcessingTimeService clock = new TestProcessingTimeService();
    private final MailboxExecutorImpl mailbox =
            new MailboxExecutorImpl(new TaskMailboxImpl(Thread.currentThread()), 0, StreamTaskActionExecutor.IMMEDIATE);

    @ParameterizedTest
    @EnumSource
    void beginsTransactionWhenUnitsAreEnough(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        Task task = task(stack, 4 * UNITS, MUCH);

        task.write(0, 1, 2, 3, 4);

        // The fifth record waits for more.
        await().until(() -> "4".equals(stack.nextOffset()));
        task.finish();
        stack.assertStoresFirst(5 * UNITS);
        assertThat(task.transactions()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void beginsTransactionWhenBytesAreEnough(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        Task task = task(stack, Integer.MAX_VALUE, 2 * stack.batch(0, UNITS).memory() - 500);

        task.write(0, 1, 2);

        await().until(() -> "2".equals(stack.nextOffset()));
        task.finish();
        stack.assertStoresFirst(3 * UNITS);
        assertThat(task.transactions()).isEqualTo(2);
    }

    @Test
    void countsBytesOfRecordsWithoutRows(Stack stack) throws Exception {
        Task task = task(stack, Integer.MAX_VALUE, 1_000);
        RowBatch rows = stack.batch(0, UNITS);

        task.writer.write(new RowBatch(rows.record(), EncodedRecord.EMPTY, null), null);

        await().until(() -> "1".equals(stack.nextOffset()));
        task.writer.close();
    }

    @Test
    void beginsTransactionWhenItsFirstRecordIsOldEnough(Stack stack) throws Exception {
        Task task = task(stack, Integer.MAX_VALUE, MUCH);

        task.write(0);
        clock.advance(AGE.toMillis() - 1);
        task.write(1);
        clock.advance(1);

        await().until(() -> "2".equals(stack.nextOffset()));
        // Both were in one: the age of the second one began nothing. It is counted after its COMMIT.
        await().until(task::transactions, count -> count == 1);
        task.write(2);
        clock.advance(AGE.toMillis() - 1);
        assertThat(task.transactions()).isEqualTo(1);
        clock.advance(1);
        await().until(() -> "3".equals(stack.nextOffset()));
        task.writer.close();
    }

    @Test
    void beginsDueTransactionAsSoonAsTheOneUnderWayEnds(Stack stack) throws Exception {
        Task task = task(stack, 2 * UNITS, MUCH);
        try (Connection locked = stack.lock("LOCK TABLE " + stack.table() + " IN SHARE MODE")) {
            task.write(0, 1);
            stack.awaitBlocked();
            // While that one is stuck, a record fills the next one and grows old.
            task.write(2);
            clock.advance(AGE.toMillis());
            assertThat(mailbox.tryYield()).isFalse();
            locked.rollback();
        }
        await().pollInSameThread().until(() -> {
            mailbox.tryYield();
            return "3".equals(stack.nextOffset());
        });
        task.writer.close();
        stack.assertStoresFirst(3 * UNITS);
    }

    @ParameterizedTest
    @EnumSource
    void checkpointWaitsForEverythingThatWasWritten(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        Task task = task(stack, 2 * UNITS, MUCH);
        Future<Void> unlocked;
        try (Connection locked = stack.lock("LOCK TABLE " + stack.table() + " IN SHARE MODE")) {
            task.write(0, 1, 2);
            unlocked = stack.inBackground(() -> {
                stack.awaitBlocked();
                locked.rollback();
                return null;
            });
            task.writer.flush(false);
            unlocked.get(30, TimeUnit.SECONDS);
        }

        stack.assertStoresFirst(3 * UNITS);
        assertThat(task.writer.snapshotState(1))
                .extracting(LedgerPosition::nextOffset)
                .containsExactly(3L);
        assertThat(task.writer.prepareCommit())
                .extracting(LedgerPosition::nextOffset)
                .containsExactly(3L);
        task.writer.close();
    }

    @Test
    void checkpointWithoutRecordsHasNoPositions(Stack stack) throws Exception {
        Task task = task(stack, UNITS, MUCH);

        task.writer.flush(false);

        assertThat(task.writer.snapshotState(1)).isEmpty();
        assertThat(task.writer.prepareCommit()).isEmpty();
        task.writer.close();
    }

    @Test
    void failsTheTaskAsSoonAsTransactionFails(Stack stack) throws Exception {
        Task task = task(stack, UNITS, MUCH);
        stack.execute("ALTER TABLE otel.spans_fact RENAME COLUMN kind TO sort");

        task.write(0);

        assertThatThrownBy(mailbox::yield).isInstanceOf(SuppressRestartsException.class);
        assertThatThrownBy(() -> task.writer.flush(false)).isInstanceOf(SuppressRestartsException.class);
        task.writer.close();
        assertThat(stack.nextOffset()).isEqualTo("0");
    }

    @Test
    void closeAbortsTransactionUnderWay(Stack stack) throws Exception {
        Task task = task(stack, UNITS, MUCH);
        try (Connection locked = stack.lock("LOCK TABLE " + stack.table() + " IN SHARE MODE")) {
            task.write(0);
            stack.awaitBlocked();

            task.writer.close();

            locked.rollback();
        }
        // The server notices when it has the lock and asks for rows.
        await().until(() -> stack.query("SELECT FROM pg_stat_activity WHERE application_name = 'ollyscale sink'"
                        + " AND datname = current_database()")
                .isEmpty());
        stack.assertNothingStored();
    }

    private Task task(Stack stack, int maxUnits, long maxBytes) throws Exception {
        Writer opened = stack.writer().open();
        SinkSettings defaults = opened.settings();
        SinkSettings settings = new SinkSettings(
                defaults.signal(),
                defaults.postgres(),
                defaults.topics(),
                defaults.kafka(),
                defaults.generation(),
                maxUnits,
                maxBytes,
                AGE,
                defaults.maxRefusedParts());
        return new Task(stack, opened, new PostgresCopyWriter(settings, opened.store(), mailbox, clock));
    }

    private record Task(Stack stack, Writer opened, PostgresCopyWriter writer) {

        void write(int... offsets) throws Exception {
            for (int offset : offsets) {
                writer.write(stack.batch(offset, UNITS), null);
            }
        }

        void finish() throws Exception {
            writer.flush(true);
            writer.close();
        }

        long transactions() {
            return opened.metrics().transactions.getCount();
        }
    }
}
