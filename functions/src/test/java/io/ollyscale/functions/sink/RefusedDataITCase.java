package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.ollyscale.functions.flatten.Refusal;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.testing.TraceCounts;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that PostgreSQL refuses: only the spans that have them go to quarantine. */
@ExtendWith(Servers.class)
class RefusedDataITCase {

    /** An index whose entries end at 2,704 bytes refuses longer names with SQLSTATE 54000, if they don't compress. */
    private static final String REFUSE_LONG_NAMES = "CREATE INDEX ON otel.spans_fact (name)";

    private static final String LONG_NAME = randomText(5_000);

    static Stream<Arguments> refusals() {
        return Stream.of(
                argumentSet("54000, an index entry that is too long", REFUSE_LONG_NAMES, "54000"),
                argumentSet(
                        "22001, a text that is too long",
                        "DROP VIEW otel.spans; ALTER TABLE otel.spans_fact ALTER COLUMN name TYPE varchar(1000)",
                        "22001"),
                argumentSet(
                        "23502, a NULL that isn't allowed",
                        "ALTER TABLE otel.spans_fact ALTER COLUMN start_timestamp SET NOT NULL",
                        "23502"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void quarantinesTheOneSpanThatIsRefused(String refuse, String sqlState, Stack stack) throws Exception {
        stack.execute(refuse);
        // A span with events, a link and attributes in both tiers.
        int refused = 4_220;
        Consumer<Span.Builder> bad = span -> span.setName(LONG_NAME).clearStartTimeUnixNano();
        TracesData record = change(TraceRecords.numbered(0, 10_000), number -> number == refused, bad);
        Writer writer = stack.writer().open();

        writer.store(stack.batch(0, record));

        assertThat(stack.counts()).isEqualTo(TraceCounts.of(without(record, number -> number == refused)));
        assertThat(stack.numbers()).hasSize(9_999).doesNotHaveDuplicates().doesNotContain((long) refused);
        assertThat(stack.value("SELECT record_offset, part, reason FROM otel.quarantine"))
                .isEqualTo("0|1|refused-by-postgres");
        assertThat(stack.value("SELECT detail FROM otel.quarantine")).startsWith("SQLSTATE " + sqlState);
        assertThat(quarantined(stack)).containsExactly(without(record, number -> number != refused));
        assertThat(stack.nextOffset()).isEqualTo("1");
        assertThat(writer.metrics().unitsStored.getCount()).isEqualTo(9_999);
        assertThat(writer.metrics().quarantined.getCount()).isEqualTo(1);
    }

    @Test
    void quarantinesEachRefusedSpanByItself(Stack stack) throws Exception {
        stack.execute(REFUSE_LONG_NAMES);
        IntPredicate refused = number -> number % 199 == 0;
        TracesData record = withLongNames(TraceRecords.numbered(0, 1_000), refused);

        stack.writer().open().store(stack.batch(0, record));

        assertThat(stack.counts()).isEqualTo(TraceCounts.of(without(record, refused)));
        assertThat(stack.query("SELECT part FROM otel.quarantine ORDER BY part"))
                .containsExactly("1", "2", "3", "4", "5", "6");
        assertThat(quarantined(stack))
                .containsExactlyElementsOf(LongStream.iterate(0, number -> number < 1_000, number -> number + 199)
                        .mapToObj(number -> without(record, other -> other != number))
                        .toList());
    }

    @Test
    void storesWhatHalvesOfHalvesLeaveAscending(Stack stack) throws Exception {
        stack.execute(REFUSE_LONG_NAMES);
        TracesData record = withLongNames(TraceRecords.numbered(0, 100), number -> number == 50);

        stack.writer().open().store(stack.batch(0, record));

        assertThat(stack.query("SELECT a.value FROM otel.spans_fact AS s JOIN otel.span_attrs_int AS a"
                        + " ON a.parent_id = s.id AND a.key_id = otel.key_id('" + TraceRecords.NUMBER
                        + "', 'int') ORDER BY s.id"))
                .isEqualTo(LongStream.range(0, 100)
                        .filter(number -> number != 50)
                        .mapToObj(Long::toString)
                        .toList());
    }

    @Test
    void boundsTheSearchAndLosesNothing(Stack stack) throws Exception {
        stack.execute(REFUSE_LONG_NAMES);
        TracesData record = withLongNames(TraceRecords.numbered(0, 400), number -> number >= 10);

        stack.writer().maxRefusedParts(20).open().store(stack.batch(0, record));

        List<Long> stored = stack.numbers();
        assertThat(stored).startsWith(LongStream.range(0, 10).boxed().toArray(Long[]::new));
        List<TracesData> parts = quarantined(stack);
        // Those that were looked for, and one for each level of halving that was given up.
        assertThat(parts).hasSizeBetween(20, 20 + 9);
        List<Long> all = new ArrayList<>(stored);
        parts.forEach(part -> all.addAll(numbers(part)));
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, 400).boxed().toList());
    }

    @Test
    void storesTheOtherRecordsOfTheTransaction(Stack stack) throws Exception {
        stack.execute(REFUSE_LONG_NAMES);
        TracesData bad = withLongNames(TraceRecords.numbered(200, 100), number -> number == 250);
        Writer writer = stack.writer().open();

        writer.store(stack.batch(0, 100), stack.batch(1, 100), stack.batch(2, bad), stack.batch(3, 100));

        assertThat(stack.numbers())
                .isEqualTo(LongStream.range(0, 400)
                        .filter(number -> number != 250)
                        .boxed()
                        .toList());
        assertThat(stack.value("SELECT record_offset, part FROM otel.quarantine"))
                .isEqualTo("2|1");
        assertThat(stack.nextOffset()).isEqualTo("4");
    }

    @Test
    void isNotConfusedByReplayOfQuarantinedRecord(Stack stack) throws Exception {
        stack.execute(REFUSE_LONG_NAMES);
        TracesData record = withLongNames(TraceRecords.numbered(0, 100), number -> number == 50);
        stack.writer().open().store(stack.batch(0, record));

        stack.writer().open().store(stack.batch(0, record), stack.batch(1, 100));

        assertThat(stack.numbers()).hasSize(199).doesNotHaveDuplicates();
        assertThat(stack.query("SELECT record_offset, part FROM otel.quarantine"))
                .containsExactly("0|1");
    }

    @Test
    void storesRecordWhoseTimestampIsBeyondThoseOfPostgres(Stack stack) throws Exception {
        RowBatch refused = stack.batch(0, 1, TraceRecords.numbered(10, 10), Long.MAX_VALUE);
        RowBatch batch =
                new RowBatch(refused.record(), refused.rows(), new Refusal(RefusalReason.NEWER_OTLP, "kept as well"));

        stack.writer().open().store(stack.batch(0, 10), batch);

        stack.assertStoresFirst(20);
        assertThat(stack.value("SELECT record_timestamp FROM otel.quarantine")).isEqualTo("null");
        assertThat(stack.value("SELECT next_offset, record_timestamp FROM otel.ingest_ledger"))
                .isEqualTo("2|null");
    }

    private static TracesData withLongNames(TracesData record, IntPredicate which) {
        return change(record, which, span -> span.setName(LONG_NAME));
    }

    private static TracesData change(TracesData record, IntPredicate which, Consumer<Span.Builder> change) {
        TracesData.Builder changed = record.toBuilder();
        for (ResourceSpans.Builder resourceSpans : changed.getResourceSpansBuilderList()) {
            for (ScopeSpans.Builder scopeSpans : resourceSpans.getScopeSpansBuilderList()) {
                for (Span.Builder span : scopeSpans.getSpansBuilderList()) {
                    if (which.test(number(span.build()))) {
                        change.accept(span);
                    }
                }
            }
        }
        return changed.build();
    }

    /** Without the spans of these numbers, and without the envelopes that they leave empty. */
    private static TracesData without(TracesData record, IntPredicate which) {
        TracesData.Builder rest = TracesData.newBuilder();
        for (ResourceSpans resourceSpans : record.getResourceSpansList()) {
            ResourceSpans.Builder kept = resourceSpans.toBuilder().clearScopeSpans();
            for (ScopeSpans scopeSpans : resourceSpans.getScopeSpansList()) {
                List<Span> spans = scopeSpans.getSpansList().stream()
                        .filter(span -> !which.test(number(span)))
                        .toList();
                if (!spans.isEmpty()) {
                    kept.addScopeSpans(scopeSpans.toBuilder().clearSpans().addAllSpans(spans));
                }
            }
            if (kept.getScopeSpansCount() > 0) {
                rest.addResourceSpans(kept);
            }
        }
        return rest.build();
    }

    private static List<Long> numbers(TracesData record) {
        return record.getResourceSpansList().stream()
                .flatMap(resourceSpans -> resourceSpans.getScopeSpansList().stream())
                .flatMap(scopeSpans -> scopeSpans.getSpansList().stream())
                .map(span -> (long) number(span))
                .toList();
    }

    private static int number(Span span) {
        return (int) span.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(TraceRecords.NUMBER))
                .findFirst()
                .orElseThrow()
                .getValue()
                .getIntValue();
    }

    /** The messages in quarantine, in the order of their parts. */
    private static List<TracesData> quarantined(Stack stack) throws Exception {
        List<TracesData> messages = new ArrayList<>();
        for (String id : stack.query("SELECT id FROM otel.quarantine ORDER BY record_offset, part")) {
            messages.add(
                    TracesData.parseFrom(stack.bytes("SELECT payload FROM otel.quarantined_records WHERE id = " + id)));
        }
        return messages;
    }

    private static String randomText(int length) {
        return new Random(7)
                .ints(length, ' ', '~')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
