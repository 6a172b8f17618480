package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.quarantine.ReplayPublisher;
import io.ollyscale.functions.quarantine.ReplayTicket;
import io.ollyscale.functions.source.RawHeader;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Records out of quarantine on their way through the topic into the tables. What was refused are the spans of long names,
 * as long as an index can't hold them; the records have the numbers from 0 on.
 */
@ExtendWith(Servers.class)
class ReplayITCase {
    private static final byte[] KEY = {0, 'k', -1};
    private static final int SPANS = 10;

    private Stack stack;
    private TopicLog log;
    private Writer writer;

    @BeforeEach
    void open(Stack stack) throws Exception {
        this.stack = stack;
        log = new TopicLog(stack);
        writer = stack.writer().open();
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void storesWhatWasRefusedOnceTheObstacleIsGone() throws Exception {
        refuse(1);
        assertThat(stack.numbers()).hasSize(SPANS - 1);

        replay();
        writer.store(log.batches(1));

        stack.assertStoresFirst(SPANS);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).isEmpty();
        assertThat(writer.metrics().replaysStored.getCount()).isEqualTo(1);
        assertThat(writer.metrics().replaysSkipped.getCount()).isZero();
        assertThat(writer.metrics().conflicts.getCount()).isZero();
        assertThat(writer.metrics().unitsStored.getCount()).isEqualTo(SPANS);
    }

    @Test
    void storesOnceWhatIsPublishedTwice() throws Exception {
        refuse(1);
        replay();
        replay();
        replay();

        RowBatch[] copies = log.batches(3);
        writer.store(copies[0], copies[1]);
        writer.store(copies[2]);

        stack.assertStoresFirst(SPANS);
        assertThat(writer.metrics().replaysStored.getCount()).isEqualTo(1);
        assertThat(writer.metrics().replaysSkipped.getCount()).isEqualTo(2);
        assertLedgerIsPast(copies);
    }

    /** That the others would notice. */
    @Test
    void storesTwiceWhatIsPublishedTwiceWithoutTheHeader() throws Exception {
        refuse(1);
        replay();
        replay();

        writer.store(Arrays.stream(log.batches(2))
                .map(batch -> withHeaders(batch, List.of()))
                .toArray(RowBatch[]::new));

        assertThat(stack.numbers()).hasSize(SPANS + 1);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).hasSize(1);
    }

    @Test
    void passesOverRecordWhoseRowWasDeleted() throws Exception {
        refuse(1);
        replay();
        stack.execute("SELECT otel.delete_quarantined(ARRAY(SELECT id FROM otel.quarantine))");

        RowBatch[] replayed = log.batches(1);
        writer.store(replayed);

        assertThat(stack.numbers()).hasSize(SPANS - 1);
        assertThat(writer.metrics().replaysSkipped.getCount()).isEqualTo(1);
        assertThat(writer.metrics().unitsStored.getCount()).isEqualTo(SPANS - 1);
        assertLedgerIsPast(replayed);
    }

    @Test
    void storesTheOtherRecordsOfTheTransaction() throws Exception {
        refuse(2);
        replay();
        stack.execute("DELETE FROM otel.quarantined_records WHERE id = (SELECT min(id) FROM otel.quarantine)");
        publish(TraceRecords.numbered(2 * SPANS, SPANS));

        writer.store(log.batches(3));

        List<Long> numbers = stack.numbers();
        assertThat(numbers).hasSize(3 * SPANS - 1).doesNotHaveDuplicates().doesNotContain(0L);
    }

    @Test
    void storesNothingOfTransactionThatIsBrokenOff() throws Exception {
        refuse(1);
        replay();
        RowBatch[] replayed = log.batches(1);

        Connection gate = stack.closeGateOfCommit();
        Future<Void> storing = writer.storeInBackground(replayed);
        stack.execute("SELECT pg_terminate_backend(" + stack.awaitBlocked() + ")");
        assertThatThrownBy(() -> storing.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(UnknownOutcomeException.class);
        gate.close();
        assertThat(stack.numbers()).hasSize(SPANS - 1);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).hasSize(1);

        Writer restarted = stack.writer().open();
        restarted.store(replayed);
        stack.writer().open().store(replayed);

        stack.assertStoresFirst(SPANS);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).isEmpty();
        assertThat(restarted.metrics().replaysStored.getCount()).isEqualTo(1);
    }

    @Test
    void losesTheRowAgainstWriterThatCommitsFirst() throws Exception {
        refuse(1);
        replay();
        RowBatch replayed = log.batches(1)[0];
        log.publish(2, KEY, replayed.record().value(), header(replayed));
        RowBatch copy = log.batches(1)[0];
        Writer other = stack.writer().id("other").open();

        Future<Void> first;
        Future<Void> second;
        try (Connection gate = stack.closeGateOfCommit()) {
            // The first has deleted the row and waits in COMMIT; the second has seen it.
            first = writer.storeInBackground(replayed);
            stack.awaitBlocked(1);
            second = other.storeInBackground(copy);
            stack.awaitBlocked(2);
            gate.rollback();
        }
        first.get(30, TimeUnit.SECONDS);
        second.get(30, TimeUnit.SECONDS);

        stack.assertStoresFirst(SPANS);
        assertThat(other.metrics().conflicts.getCount()).isEqualTo(1);
        assertThat(other.metrics().replaysSkipped.getCount()).isEqualTo(1);
        assertLedgerIsPast(replayed, copy);
    }

    @Test
    void writersThatHoldTheSameRecordsInAnotherOrderDoNotDeadlock() throws Exception {
        int records = 200;
        refuse(records);
        replay();
        RowBatch[] replayed = log.batches(records);
        List<RowBatch> reversed = new ArrayList<>(List.of(replayed));
        Collections.reverse(reversed);
        for (RowBatch batch : reversed) {
            log.publish(2, KEY, batch.record().value(), header(batch));
        }
        RowBatch[] copies = log.batches(records);
        Writer other = stack.writer().id("other").open();

        Future<Void> copying = other.storeInBackground(copies);
        writer.store(replayed);
        copying.get(60, TimeUnit.SECONDS);

        stack.assertStoresFirst(records * SPANS);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).isEmpty();
        assertThat(writer.metrics().retries.getCount() + other.metrics().retries.getCount())
                .isZero();
        assertThat(writer.metrics().replaysStored.getCount()
                        + other.metrics().replaysStored.getCount())
                .isEqualTo(records);
    }

    @Test
    void quarantinesAnewOnceWhatIsRefusedAgain() throws Exception {
        refuse(1);
        stack.execute("CREATE INDEX refusing ON otel.spans_fact (name)");
        String before = stack.value("SELECT id FROM otel.quarantine");
        replay();
        replay();

        writer.store(log.batches(2));

        assertThat(stack.numbers()).hasSize(SPANS - 1);
        assertThat(stack.value("SELECT id > " + before + ", part, reason, replayed_at FROM otel.quarantine"))
                .isEqualTo("t|1|refused-by-postgres|null");

        // And out of there again.
        stack.execute("DROP INDEX otel.refusing");
        replay();
        RowBatch[] replayed = log.batches(1);
        assertThat(replayed[0].record().headers()).extracting(RawHeader::key).containsExactly("h", ReplayTicket.HEADER);
        writer.store(replayed);

        stack.assertStoresFirst(SPANS);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).isEmpty();
    }

    @Test
    void passesOverReplayOfAnotherStore() throws Exception {
        refuse(1);
        replay();
        stack.execute("UPDATE otel.quarantined_records SET replay_token = gen_random_uuid()");

        RowBatch[] replayed = log.batches(1);
        writer.store(replayed);

        assertThat(stack.numbers()).hasSize(SPANS - 1);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).hasSize(1);
        assertThat(writer.metrics().replaysSkipped.getCount()).isEqualTo(1);
        assertLedgerIsPast(replayed);
    }

    @Test
    void passesOverReplayOfRecordThatIsStoredAlready() throws Exception {
        refuse(1);
        replay();
        stack.execute("UPDATE otel.quarantined_records SET reason = 'newer-otlp'");

        writer.store(log.batches(1));

        assertThat(stack.numbers()).hasSize(SPANS - 1);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1:no-token", "x:0f8fad5b-d9cb-469f-a165-70867728950e"})
    void storesRecordWithSomebodyElsesHeader(String value) throws Exception {
        RawHeader header = new RawHeader(ReplayTicket.HEADER, value.getBytes(StandardCharsets.US_ASCII));
        log.publish(0, KEY, TraceRecords.numbered(0, SPANS).toByteArray(), header);

        writer.store(log.batches(1));

        stack.assertStoresFirst(SPANS);
        assertThat(writer.metrics().replaysStored.getCount()).isZero();
    }

    @Test
    void leavesTheRowOfRecordBelowTheLedgerAlone() throws Exception {
        refuse(1);
        replay();
        RowBatch replayed = log.batches(1)[0];
        RowBatch stored = withHeaders(replayed, List.of());
        writer.store(stored);

        Writer restarted = stack.writer().open();
        restarted.store(replayed);

        stack.assertStoresFirst(SPANS);
        assertThat(restarted.metrics().recordsSkipped.getCount()).isEqualTo(1);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).hasSize(1);
    }

    /** Stores records of which PostgreSQL refuses one span each, and takes away the reason why. */
    private void refuse(int records) throws Exception {
        stack.execute("CREATE INDEX obstacle ON otel.spans_fact (name)");
        int stored = stack.numbers().size();
        for (int i = 0; i < records; i++) {
            TracesData.Builder record = TraceRecords.numbered(stored + i * SPANS, SPANS).toBuilder();
            record.getResourceSpansBuilder(0)
                    .getScopeSpansBuilder(0)
                    .getSpansBuilder(0)
                    .setName(OtlpValues.LONG_TEXT);
            publish(record.build());
        }
        for (RowBatch batch : log.batches(records)) {
            writer.store(batch);
        }
        assertThat(stack.query("SELECT * FROM otel.quarantine")).hasSize(records);
        stack.execute("DROP INDEX otel.obstacle");
    }

    private void publish(TracesData record) throws Exception {
        log.publish(0, KEY, record.toByteArray(), new RawHeader("h", new byte[] {1}));
    }

    /** Publishes everything in quarantine. */
    private void replay() throws Exception {
        List<Long> ids = stack.query("SELECT id FROM otel.quarantine ORDER BY id").stream()
                .map(Long::valueOf)
                .toList();
        try (Connection connection = stack.connect();
                ReplayPublisher publisher = new ReplayPublisher(connection, stack.kafka())) {
            assertThat(publisher.publish(ids, null))
                    .returns((long) ids.size(), ReplayPublisher.Outcome::published)
                    .returns(List.of(), ReplayPublisher.Outcome::refused);
        }
    }

    private static RowBatch withHeaders(RowBatch batch, List<RawHeader> headers) {
        RawRecord r = batch.record();
        return new RowBatch(
                new RawRecord(
                        r.topic(),
                        r.partition(),
                        r.offset(),
                        r.leaderEpoch(),
                        r.timestamp(),
                        r.key(),
                        r.value(),
                        headers),
                batch.rows(),
                batch.refusal());
    }

    private static RawHeader header(RowBatch batch) {
        List<RawHeader> headers = batch.record().headers();
        RawHeader last = headers.get(headers.size() - 1);
        assertThat(last.key()).isEqualTo(ReplayTicket.HEADER);
        return last;
    }

    private void assertLedgerIsPast(RowBatch... batches) throws Exception {
        for (RowBatch batch : batches) {
            assertThat(stack.value("SELECT next_offset > " + batch.record().offset()
                            + " FROM otel.ingest_ledger WHERE partition_id = "
                            + batch.record().partition()))
                    .isEqualTo("t");
        }
    }
}
