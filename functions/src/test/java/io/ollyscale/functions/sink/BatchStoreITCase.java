package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.Generations;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.testing.StoredUnits;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.TraceRecords;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the ledger makes of replays, of other writers and of a database that was set back. It knows nothing of signals, so most
 * tests are of one.
 */
@ExtendWith(Servers.class)
class BatchStoreITCase {
    private static final int UNITS = 25;

    // Replays

    @ParameterizedTest
    @EnumSource
    void skipsWhatIsStored(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        stack.writer().open().store(stack.batch(0, UNITS), stack.batch(1, UNITS));

        Writer restarted = stack.writer().open();
        restarted.store(stack.batch(0, UNITS), stack.batch(1, UNITS), stack.batch(2, UNITS));

        stack.assertStoresFirst(3 * UNITS);
        assertThat(restarted.metrics().recordsSkipped.getCount()).isEqualTo(2);
        assertThat(stack.nextOffset()).isEqualTo("3");
    }

    @ParameterizedTest
    @EnumSource
    void replayDuplicatesWithoutTheLedger(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        stack.writer().ledger(new ForgetfulLedger()).open().store(stack.batch(0, UNITS));
        stack.writer().ledger(new ForgetfulLedger()).open().store(stack.batch(0, UNITS));

        assertThat(stack.numbers())
                .isEqualTo(LongStream.range(0, UNITS)
                        .flatMap(number -> LongStream.of(number, number))
                        .boxed()
                        .toList());
    }

    @Test
    void skipsWhatTheSameWriterReadsAgain(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, UNITS), stack.batch(1, UNITS));
        writer.store(stack.batch(0, UNITS));
        writer.store(stack.batch(1, UNITS), stack.batch(2, UNITS));

        stack.assertStoresFirst(3 * UNITS);
    }

    @Test
    void takesJumpOverRecordsThatKafkaStillHasForNoGap(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, UNITS));
        writer.store(stack.batch(5, TraceRecords.numbered(UNITS, UNITS)));

        stack.assertStoresFirst(2 * UNITS);
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

    @ParameterizedTest
    @EnumSource
    void dropsWhatAnotherWriterHasStoredMeanwhile(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        Writer one = stack.writer().id("one").open();
        Writer other = stack.writer().id("other").open();
        one.store(stack.batch(0, UNITS));
        other.store(stack.batch(0, UNITS), stack.batch(1, UNITS));

        one.store(stack.batch(1, UNITS), stack.batch(2, UNITS));

        stack.assertStoresFirst(3 * UNITS);
        assertThat(one.metrics().conflicts.getCount()).isEqualTo(1);
        assertThat(stack.value("SELECT writer_id FROM otel.ingest_ledger")).isEqualTo("one");
    }

    @Test
    void losesTheCompareAndSetAgainstWriterThatCommitsFirst(Stack stack) throws Exception {
        Writer one = stack.writer().id("one").open();
        Writer other = stack.writer().id("other").open();
        one.store(stack.batch(0, UNITS));
        other.store(stack.batch(0, UNITS));

        Future<Void> first;
        Future<Void> second;
        try (Connection gate = stack.closeGateOfCommit()) {
            // The first has moved the ledger and waits in COMMIT; the second has read the old position.
            first = one.storeInBackground(stack.batch(1, UNITS));
            stack.awaitBlocked(1);
            second = other.storeInBackground(stack.batch(1, UNITS), stack.batch(2, UNITS));
            stack.awaitBlocked(2);
            gate.rollback();
        }
        first.get(30, TimeUnit.SECONDS);
        second.get(30, TimeUnit.SECONDS);

        stack.assertStoresFirst(3 * UNITS);
        assertThat(one.metrics().conflicts.getCount()).isZero();
        assertThat(other.metrics().conflicts.getCount()).isEqualTo(1);
    }

    @Test
    void stopsForGoodWhereYoungerJobHasWritten(Stack stack) throws Exception {
        long older = generation(stack, "nightly");
        long younger = generation(stack, "upgrade \"7\"");
        Writer replaced = stack.writer().generation(older).open();
        replaced.store(stack.batch(0, UNITS));
        stack.writer().generation(younger).open().store(stack.batch(0, UNITS), stack.batch(1, UNITS));

        assertStops(
                () -> replaced.store(stack.batch(1, UNITS), stack.batch(2, UNITS)),
                "This job was replaced by job \"upgrade \"7\"\" (generation " + younger,
                "offset 2");
        // So does a restart of the older one.
        assertStops(
                () -> stack.writer().generation(older).open().store(stack.batch(2, UNITS)),
                "This job was replaced by job \"upgrade \"7\"\" (generation " + younger);

        stack.assertStoresFirst(2 * UNITS);
        assertThat(stack.value("SELECT next_offset, generation FROM otel.ingest_ledger"))
                .isEqualTo("2|" + younger);
    }

    @Test
    void losesTheCompareAndSetAgainstYoungerJobThatHasStoredNothingNew(Stack stack) throws Exception {
        long older = generation(stack, "older");
        long younger = generation(stack, "younger");
        Writer replaced = stack.writer().generation(older).open();
        replaced.store(stack.batch(0, UNITS));

        Future<Void> storing;
        try (Connection locked = stack.lock("LOCK TABLE otel.spans_fact IN SHARE MODE")) {
            storing = replaced.storeInBackground(stack.batch(1, UNITS));
            stack.awaitBlocked();
            stack.execute("UPDATE otel.ingest_ledger SET generation = " + younger);
            locked.rollback();
        }

        assertThatThrownBy(() -> storing.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(SuppressRestartsException.class)
                .hasRootCauseInstanceOf(StopForGood.class);
        stack.assertStoresFirst(UNITS);
    }

    @Test
    void takesOverFromOlderJob(Stack stack) throws Exception {
        stack.writer().generation(1).open().store(stack.batch(0, UNITS));
        stack.writer().generation(2).open().store(stack.batch(0, UNITS), stack.batch(1, UNITS));

        stack.assertStoresFirst(2 * UNITS);
    }

    // A database that was set back

    @Test
    void stopsForGoodWhereTheLedgerIsBehindTheCheckpoint(Stack stack) throws Exception {
        stack.writer().open().store(stack.batch(0, UNITS));
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
        stack.writer().open().store(stack.batch(0, UNITS), stack.batch(1, UNITS));

        stack.writer()
                .restored(List.of(new LedgerPosition(key(stack, 0), 1, 0)))
                .open()
                .store(stack.batch(1, UNITS), stack.batch(2, UNITS));

        stack.assertStoresFirst(3 * UNITS);
    }

    @Test
    void stopsForGoodWhereTheDatabaseIsSetBackUnderTheRunningJob(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, UNITS), stack.batch(1, UNITS));
        stack.execute("UPDATE otel.ingest_ledger SET next_offset = 1");

        assertStops(() -> writer.store(stack.batch(2, UNITS)), "PostgreSQL is behind", "the job at 2");

        stack.assertStoresFirst(2 * UNITS);
    }

    @Test
    void stopsForGoodWhereTheRunningJobsRowOfTheLedgerIsGone(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, UNITS));
        stack.execute("DELETE FROM otel.ingest_ledger");

        assertStops(() -> writer.store(stack.batch(1, UNITS)), "PostgreSQL is behind", "stands at nothing");

        stack.assertStoresFirst(UNITS);
    }

    // Row ids

    @ParameterizedTest
    @EnumSource
    void idsTellWhenTheirTransactionBeganAndAscendWithinRecord(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        String before = stack.value("SELECT date_trunc('second', clock_timestamp())");
        stack.writer().open().store(stack.batch(0, 200));
        String after = stack.value("SELECT clock_timestamp()");

        assertThat(stack.value("SELECT bool_and(otel.arrival_of(id) BETWEEN '" + before + "' AND '" + after
                        + "'), count(DISTINCT otel.arrival_of(id)) FROM (" + StoredUnits.query(signal) + ") AS u"))
                .isEqualTo("t|1");
        assertThat(stack.numbersById())
                .isEqualTo(LongStream.range(0, 200).boxed().toList());
    }

    /** Its events in their order, then its links, then the next span. */
    @Test
    void idsOfWhatASpanHasFollowItsOwn(Stack stack) throws Exception {
        stack.writer().open().store(stack.batch(0, 200));

        assertThat(stack.value("SELECT bool_and(s.id < e.first AND e.first < e.second AND e.second < l.id"
                        + " AND l.id < coalesce(s.next, l.id + 1))"
                        + " FROM (SELECT id, lead(id) OVER (ORDER BY id) AS next FROM otel.spans_fact) AS s"
                        + " JOIN (SELECT parent_id, min(id) FILTER (WHERE name = 'exception') AS first,"
                        + "   max(id) FILTER (WHERE name = 'retry') AS second"
                        + "   FROM otel.span_events GROUP BY parent_id) AS e ON e.parent_id = s.id"
                        + " JOIN otel.span_links AS l ON l.parent_id = s.id"))
                .isEqualTo("t");
    }

    /** The first exemplar of a sum has a time and the second one none. */
    @Test
    void idsOfAPointsExemplarsFollowItsOwn(Stack servers) throws Exception {
        Stack stack = servers.of(Signal.METRICS);
        stack.writer().open().store(stack.batch(0, 200));

        assertThat(
                        stack.value(
                                "SELECT count(*), bool_and(p.id < first.id AND first.id < second.id AND second.id < p.next)"
                                        + " FROM (SELECT id, lead(id) OVER (ORDER BY id) AS next FROM otel.number_data_points) AS p"
                                        + " JOIN otel.exemplars AS first ON first.parent_id = p.id AND first.timestamp IS NOT NULL"
                                        + " JOIN otel.exemplars AS second ON second.parent_id = p.id AND second.timestamp IS NULL"))
                .isEqualTo("10|t");
    }

    /** Writers of different signals take them from the same numbers. */
    @Test
    void idsOfSeveralWritersAreUnique(Stack stack) throws Exception {
        // Near its end, so that it starts over in between.
        stack.execute("SELECT setval('otel.fact_id_blocks', 65533)");
        List<Future<Void>> writing = new ArrayList<>();
        for (int partition = 0; partition < Stack.PARTITIONS; partition++) {
            int of = partition;
            Stack ofSignal = stack.of(Signal.values()[partition % Signal.values().length]);
            writing.add(stack.inBackground(() -> {
                Writer writer = ofSignal.writer().id("writer " + of).open();
                for (int offset = 0; offset < 10; offset++) {
                    writer.store(ofPartition(ofSignal, of, offset, 50));
                }
                return null;
            }));
        }
        for (Future<Void> writer : writing) {
            writer.get(60, TimeUnit.SECONDS);
        }

        String all = Stream.of(Table.values())
                .map(Table::tableName)
                .filter(table -> !table.contains("_attrs_") && !table.equals("summary_quantiles"))
                .map(table -> "SELECT id FROM otel." + table)
                .collect(Collectors.joining(" UNION ALL "));
        assertThat(stack.value("SELECT count(*) = count(DISTINCT id), count(*) > 2000 FROM (" + all + ") AS i"))
                .isEqualTo("t|t");
        assertThat(stack.value("SELECT count(*) FROM otel.spans_fact")).isEqualTo("1000");
        assertThat(stack.of(Signal.LOGS).numbers()).hasSize(500);
        assertThat(stack.of(Signal.METRICS).numbers()).hasSize(500);
        assertThat(stack.value("SELECT min(next_offset), max(next_offset), count(*) FROM otel.ingest_ledger"))
                .isEqualTo("10|10|4");
    }

    private static RowBatch ofPartition(Stack stack, int partition, int offset, int units) throws Exception {
        int first = (partition * 10 + offset) * units;
        return stack.batch(
                partition, offset, NumberedRecords.numbered(stack.signal(), first, units), Stack.RECORD_MILLIS);
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
