package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.Generations;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.schema.testing.TraceRecords;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the ledger makes of replays, of other writers and of a database that was set back. */
@ExtendWith(Servers.class)
class BatchStoreITCase {
    private static final int SPANS = 25;

    // Replays

    @Test
    void skipsWhatIsStored(Stack stack) throws Exception {
        stack.writer().open().store(stack.batch(0, SPANS), stack.batch(1, SPANS));

        Writer restarted = stack.writer().open();
        restarted.store(stack.batch(0, SPANS), stack.batch(1, SPANS), stack.batch(2, SPANS));

        stack.assertStoresFirst(3 * SPANS);
        assertThat(restarted.metrics().recordsSkipped.getCount()).isEqualTo(2);
        assertThat(stack.nextOffset()).isEqualTo("3");
    }

    @Test
    void replayDuplicatesWithoutTheLedger(Stack stack) throws Exception {
        stack.writer().ledger(new ForgetfulLedger()).open().store(stack.batch(0, SPANS));
        stack.writer().ledger(new ForgetfulLedger()).open().store(stack.batch(0, SPANS));

        assertThat(stack.numbers())
                .isEqualTo(LongStream.range(0, SPANS)
                        .flatMap(number -> LongStream.of(number, number))
                        .boxed()
                        .toList());
    }

    @Test
    void skipsWhatTheSameWriterReadsAgain(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, SPANS), stack.batch(1, SPANS));
        writer.store(stack.batch(0, SPANS));
        writer.store(stack.batch(1, SPANS), stack.batch(2, SPANS));

        stack.assertStoresFirst(3 * SPANS);
    }

    @Test
    void takesJumpOverRecordsThatKafkaStillHasForNoGap(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, SPANS));
        writer.store(stack.batch(5, TraceRecords.numbered(SPANS, SPANS)));

        stack.assertStoresFirst(2 * SPANS);
        assertThat(stack.nextOffset()).isEqualTo("6");
        assertThat(stack.query("SELECT * FROM otel.ingest_gaps")).isEmpty();
    }

    @Test
    void knowsWhereEachPartitionStands(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, 0), stack.batch(1, 0), ofPartition(stack, 2, 0, 0));
        writer.store(stack.batch(0, 0));

        PartitionKey first = key(stack, 0);
        PartitionKey third = key(stack, 2);
        assertThat(writer.store().stored())
                .containsExactlyInAnyOrder(new LedgerPosition(first, 2, 0), new LedgerPosition(third, 1, 0));
        // The next checkpoint covers only what was handed in: of the first partition, what was read again.
        assertThat(writer.store().seen())
                .containsExactlyInAnyOrder(new LedgerPosition(first, 1, 0), new LedgerPosition(third, 1, 0));
    }

    // Other writers

    @Test
    void dropsWhatAnotherWriterHasStoredMeanwhile(Stack stack) throws Exception {
        Writer one = stack.writer().id("one").open();
        Writer other = stack.writer().id("other").open();
        one.store(stack.batch(0, SPANS));
        other.store(stack.batch(0, SPANS), stack.batch(1, SPANS));

        one.store(stack.batch(1, SPANS), stack.batch(2, SPANS));

        stack.assertStoresFirst(3 * SPANS);
        assertThat(one.metrics().conflicts.getCount()).isEqualTo(1);
        assertThat(stack.value("SELECT writer_id FROM otel.ingest_ledger")).isEqualTo("one");
    }

    @Test
    void losesTheCompareAndSetAgainstWriterThatCommitsFirst(Stack stack) throws Exception {
        Writer one = stack.writer().id("one").open();
        Writer other = stack.writer().id("other").open();
        one.store(stack.batch(0, SPANS));
        other.store(stack.batch(0, SPANS));

        Future<Void> first;
        Future<Void> second;
        try (Connection gate = stack.closeGateOfCommit()) {
            // The first has moved the ledger and waits in COMMIT; the second has read the old position.
            first = one.storeInBackground(stack.batch(1, SPANS));
            stack.awaitBlocked(1);
            second = other.storeInBackground(stack.batch(1, SPANS), stack.batch(2, SPANS));
            stack.awaitBlocked(2);
            gate.rollback();
        }
        first.get(30, TimeUnit.SECONDS);
        second.get(30, TimeUnit.SECONDS);

        stack.assertStoresFirst(3 * SPANS);
        assertThat(one.metrics().conflicts.getCount()).isZero();
        assertThat(other.metrics().conflicts.getCount()).isEqualTo(1);
    }

    @Test
    void stopsForGoodWhereYoungerJobHasWritten(Stack stack) throws Exception {
        long older = generation(stack, "nightly");
        long younger = generation(stack, "upgrade \"7\"");
        Writer replaced = stack.writer().generation(older).open();
        replaced.store(stack.batch(0, SPANS));
        stack.writer().generation(younger).open().store(stack.batch(0, SPANS), stack.batch(1, SPANS));

        assertStops(
                () -> replaced.store(stack.batch(1, SPANS), stack.batch(2, SPANS)),
                "This job was replaced by job \"upgrade \"7\"\" (generation " + younger,
                "offset 2");
        // So does a restart of the older one.
        assertStops(
                () -> stack.writer().generation(older).open().store(stack.batch(2, SPANS)),
                "This job was replaced by job \"upgrade \"7\"\" (generation " + younger);

        stack.assertStoresFirst(2 * SPANS);
        assertThat(stack.value("SELECT next_offset, generation FROM otel.ingest_ledger"))
                .isEqualTo("2|" + younger);
    }

    @Test
    void losesTheCompareAndSetAgainstYoungerJobThatHasStoredNothingNew(Stack stack) throws Exception {
        long older = generation(stack, "older");
        long younger = generation(stack, "younger");
        Writer replaced = stack.writer().generation(older).open();
        replaced.store(stack.batch(0, SPANS));

        Future<Void> storing;
        try (Connection locked = stack.lock("LOCK TABLE otel.spans_fact IN SHARE MODE")) {
            storing = replaced.storeInBackground(stack.batch(1, SPANS));
            stack.awaitBlocked();
            stack.execute("UPDATE otel.ingest_ledger SET generation = " + younger);
            locked.rollback();
        }

        assertThatThrownBy(() -> storing.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(SuppressRestartsException.class)
                .hasRootCauseInstanceOf(StopForGood.class);
        stack.assertStoresFirst(SPANS);
    }

    @Test
    void takesOverFromOlderJob(Stack stack) throws Exception {
        stack.writer().generation(1).open().store(stack.batch(0, SPANS));
        stack.writer().generation(2).open().store(stack.batch(0, SPANS), stack.batch(1, SPANS));

        stack.assertStoresFirst(2 * SPANS);
    }

    // A database that was set back

    @Test
    void stopsForGoodWhereTheLedgerIsBehindTheCheckpoint(Stack stack) throws Exception {
        stack.writer().open().store(stack.batch(0, SPANS));
        PartitionKey key = key(stack, 0);

        assertStops(
                () -> stack.writer()
                        .restored(List.of(new LedgerPosition(key, 5, 0)))
                        .open(),
                "PostgreSQL is behind",
                "stands at offset 1",
                "the job at 5",
                "without state",
                "safe_offset");
    }

    @Test
    void stopsForGoodWhereTheLedgerLacksPartitionOfTheCheckpoint(Stack stack) throws Exception {
        PartitionKey key = new PartitionKey("cluster", "id", stack.topic(), 0);

        assertStops(
                () -> stack.writer()
                        .restored(List.of(new LedgerPosition(key, 5, 0)))
                        .open(),
                "PostgreSQL is behind",
                "stands at nothing");
    }

    @Test
    void startsFromCheckpointThatTheLedgerIsAheadOf(Stack stack) throws Exception {
        stack.writer().open().store(stack.batch(0, SPANS), stack.batch(1, SPANS));

        stack.writer()
                .restored(List.of(new LedgerPosition(key(stack, 0), 1, 0)))
                .open()
                .store(stack.batch(1, SPANS), stack.batch(2, SPANS));

        stack.assertStoresFirst(3 * SPANS);
    }

    @Test
    void stopsForGoodWhereTheDatabaseIsSetBackUnderTheRunningJob(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, SPANS), stack.batch(1, SPANS));
        stack.execute("UPDATE otel.ingest_ledger SET next_offset = 1");

        assertStops(() -> writer.store(stack.batch(2, SPANS)), "PostgreSQL is behind", "the job at 2");

        stack.assertStoresFirst(2 * SPANS);
    }

    @Test
    void stopsForGoodWhereTheRunningJobsRowOfTheLedgerIsGone(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, SPANS));
        stack.execute("DELETE FROM otel.ingest_ledger");

        assertStops(() -> writer.store(stack.batch(1, SPANS)), "PostgreSQL is behind", "stands at nothing");

        stack.assertStoresFirst(SPANS);
    }

    // Row ids

    @Test
    void idsTellWhenTheirTransactionBeganAndAscendWithinRecord(Stack stack) throws Exception {
        String before = stack.value("SELECT date_trunc('second', clock_timestamp())");
        stack.writer().open().store(stack.batch(0, 200));
        String after = stack.value("SELECT clock_timestamp()");

        assertThat(stack.value("SELECT bool_and(otel.arrival_of(id) BETWEEN '" + before + "' AND '" + after
                        + "'), count(DISTINCT otel.arrival_of(id)) FROM otel.spans_fact"))
                .isEqualTo("t|1");
        assertThat(stack.query("SELECT a.value FROM otel.spans_fact AS s JOIN otel.span_attrs_int AS a"
                        + " ON a.parent_id = s.id AND a.key_id = otel.key_id('" + TraceRecords.NUMBER
                        + "', 'int') ORDER BY s.id"))
                .isEqualTo(LongStream.range(0, 200).mapToObj(Long::toString).toList());
        // Its events in their order, then its links, then the next span.
        assertThat(stack.value("SELECT bool_and(s.id < e.first AND e.first < e.second AND e.second < l.id"
                        + " AND l.id < coalesce(s.next, l.id + 1))"
                        + " FROM (SELECT id, lead(id) OVER (ORDER BY id) AS next FROM otel.spans_fact) AS s"
                        + " JOIN (SELECT parent_id, min(id) FILTER (WHERE name = 'exception') AS first,"
                        + "   max(id) FILTER (WHERE name = 'retry') AS second"
                        + "   FROM otel.span_events GROUP BY parent_id) AS e ON e.parent_id = s.id"
                        + " JOIN otel.span_links AS l ON l.parent_id = s.id"))
                .isEqualTo("t");
    }

    @Test
    void idsOfSeveralWritersAreUnique(Stack stack) throws Exception {
        // Near its end, so that it starts over in between.
        stack.execute("SELECT setval('otel.fact_id_blocks', 65533)");
        List<Future<Void>> writing = new ArrayList<>();
        for (int partition = 0; partition < Stack.PARTITIONS; partition++) {
            int of = partition;
            writing.add(stack.inBackground(() -> {
                Writer writer = stack.writer().id("writer " + of).open();
                for (int offset = 0; offset < 10; offset++) {
                    writer.store(ofPartition(stack, of, offset, 50));
                }
                return null;
            }));
        }
        for (Future<Void> writer : writing) {
            writer.get(60, TimeUnit.SECONDS);
        }

        stack.assertStoresFirst(Stack.PARTITIONS * 10 * 50);
        assertThat(stack.value("SELECT count(*) = count(DISTINCT id) FROM (SELECT id FROM otel.spans_fact"
                        + " UNION ALL SELECT id FROM otel.span_events UNION ALL SELECT id FROM otel.span_links) AS i"))
                .isEqualTo("t");
        assertThat(stack.value("SELECT min(next_offset), max(next_offset), count(*) FROM otel.ingest_ledger"))
                .isEqualTo("10|10|4");
    }

    private static RowBatch ofPartition(Stack stack, int partition, int offset, int spans) throws Exception {
        int first = (partition * 10 + offset) * spans;
        return stack.batch(partition, offset, TraceRecords.numbered(first, spans), Stack.RECORD_MILLIS);
    }

    private static PartitionKey key(Stack stack, int partition) throws Exception {
        String[] ids = stack.query("SELECT cluster_id, topic_id FROM otel.ingest_ledger")
                .get(0)
                .split("\\|");
        return new PartitionKey(ids[0], ids[1], stack.topic(), partition);
    }

    private static long generation(Stack stack, String job) throws Exception {
        try (Connection connection = stack.connect()) {
            return Generations.take(connection, job, "somewhere", "1.0");
        }
    }

    private static void assertStops(ThrowingCallable storing, String... message) {
        assertThatThrownBy(storing)
                .isInstanceOf(SuppressRestartsException.class)
                .cause()
                .isInstanceOf(StopForGood.class)
                .hasMessageContainingAll(message);
    }
}
