package io.ollyscale.functions.sink;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.google.protobuf.Message;
import io.ollyscale.functions.flatten.Refusal;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.testing.Units;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.OtlpValues;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that PostgreSQL refuses: only the spans, log records and data points that have them go to quarantine. */
@ExtendWith(Servers.class)
class RefusedDataITCase {

    /** Every unit has them, and only those that are to be refused have these. */
    private static final int REFUSED_FLAGS = 77;

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal(
                        "traces, 54000: an index entry that is too long",
                        "54000",
                        "CREATE INDEX ON otel.spans_fact (name)",
                        4_220,
                        (Span span) ->
                                span.toBuilder().setName(OtlpValues.LONG_TEXT).build()),
                refusal(
                        "traces, 22001: a text that is too long",
                        "22001",
                        "DROP VIEW otel.spans CASCADE; DROP SCHEMA otel_seed CASCADE; ALTER TABLE otel.spans_fact ALTER COLUMN name TYPE varchar(1000)",
                        4_220,
                        (Span span) ->
                                span.toBuilder().setName(OtlpValues.LONG_TEXT).build()),
                refusal(
                        "traces, 23502: a NULL that isn't allowed",
                        "23502",
                        "ALTER TABLE otel.spans_fact ALTER COLUMN start_timestamp SET NOT NULL",
                        4_220,
                        (Span span) -> span.toBuilder().clearStartTimeUnixNano().build()),
                refusal(
                        "logs, 54000: a body that is too long for an index",
                        "54000",
                        "CREATE INDEX ON otel.logs_fact (body_str)",
                        4_220,
                        (LogRecord log) -> log.toBuilder()
                                .setBody(OtlpValues.value(OtlpValues.LONG_TEXT))
                                .build()),
                refusal(
                        "logs, 54000: an event's name that is too long for an index",
                        "54000",
                        "CREATE INDEX ON otel.logs_fact (event_name)",
                        4_220,
                        (LogRecord log) -> log.toBuilder()
                                .setEventName(OtlpValues.LONG_TEXT)
                                .build()),
                refusal(
                        "logs, 23502: a NULL that isn't allowed",
                        "23502",
                        "ALTER TABLE otel.logs_fact ALTER COLUMN observed_timestamp SET NOT NULL",
                        4_220,
                        (LogRecord log) ->
                                log.toBuilder().clearObservedTimeUnixNano().build()),
                refusal(
                        "a gauge, 22003: an index on an expression that overflows",
                        "22003",
                        "CREATE INDEX ON otel.number_data_points ((flags + 1))",
                        4_200,
                        (NumberDataPoint point) ->
                                point.toBuilder().setFlags(Integer.MAX_VALUE).build()),
                refusal(
                        "a histogram's exemplar, 54000: an attribute that is too long for an index",
                        "54000",
                        "CREATE INDEX ON otel.exemplars (attributes_other)",
                        4_212,
                        (HistogramDataPoint point) -> {
                            HistogramDataPoint.Builder changed = point.toBuilder();
                            changed.getExemplarsBuilder(0)
                                    .addFilteredAttributes(attribute("test.long", OtlpValues.LONG_TEXT));
                            return changed.build();
                        }),
                refusal(
                        "an exponential histogram, 22012: a division by zero",
                        "22012",
                        "CREATE INDEX ON otel.exp_histogram_data_points ((1 / (positive_offset - 1000)))",
                        4_215,
                        (ExponentialHistogramDataPoint point) -> {
                            ExponentialHistogramDataPoint.Builder changed = point.toBuilder();
                            changed.getPositiveBuilder().setOffset(1000);
                            return changed.build();
                        }),
                refusal(
                        "a summary's quantile, 22012: a division by zero",
                        "22012",
                        "CREATE INDEX ON otel.summary_quantiles ((1 / (value + 1)))",
                        4_223,
                        (SummaryDataPoint point) -> {
                            SummaryDataPoint.Builder changed = point.toBuilder();
                            changed.getQuantileValuesBuilder(2).setValue(-1);
                            return changed.build();
                        }));
    }

    private static <U extends Message> Arguments refusal(
            String name, String sqlState, String refuse, int number, UnaryOperator<U> change) {
        return argumentSet(name, sqlState, refuse, number, change);
    }

    /** Of a unit with children and attributes in both tiers. */
    @ParameterizedTest
    @MethodSource("refusals")
    void quarantinesTheOneUnitThatIsRefused(
            String sqlState, String refuse, int refused, UnaryOperator<Message> change, Stack stack) throws Exception {
        stack.execute(refuse);
        Stack of = stack.of(signalOf(refuse));
        Message record =
                Units.changed(NumberedRecords.numbered(of.signal(), 4_000, 300), number -> number == refused, change);
        Writer writer = of.writer().open();

        writer.store(of.batch(0, record));

        of.assertStoresRowsOf(Units.without(record, number -> number == refused));
        assertThat(of.numbers()).hasSize(299).doesNotHaveDuplicates().doesNotContain((long) refused);
        assertThat(of.value("SELECT signal, record_offset, part, reason FROM otel.quarantine"))
                .isEqualTo(of.signal() + "|0|1|refused-by-postgres");
        assertThat(of.value("SELECT detail FROM otel.quarantine")).startsWith("SQLSTATE " + sqlState);
        assertThat(quarantined(of)).containsExactly(Units.without(record, number -> number != refused));
        assertThat(of.nextOffset()).isEqualTo("1");
        assertThat(writer.metrics().unitsStored.getCount()).isEqualTo(299);
        assertThat(writer.metrics().quarantined.getCount()).isEqualTo(1);
    }

    private static Signal signalOf(String sql) {
        return sql.contains("spans_fact") ? Signal.TRACES : sql.contains("logs_fact") ? Signal.LOGS : Signal.METRICS;
    }

    /** From a topic of JSON, as JSON. */
    @ParameterizedTest
    @EnumSource
    void quarantinesEachRefusedUnitByItself(Signal signal, Stack stack) throws Exception {
        Stack of = refusing(stack.of(signal, RecordEncoding.OTLP_JSON));
        IntPredicate refused = number -> number % 199 == 0;
        Message record = refused(NumberedRecords.numbered(signal, 0, 1_000), refused);

        of.writer().open().store(of.batch(0, record));

        of.assertStoresRowsOf(Units.without(record, refused));
        assertThat(of.query("SELECT part FROM otel.quarantine ORDER BY part"))
                .containsExactly("1", "2", "3", "4", "5", "6");
        assertThat(quarantined(of))
                .containsExactlyElementsOf(LongStream.iterate(0, number -> number < 1_000, number -> number + 199)
                        .mapToObj(number -> Units.without(record, other -> other != number))
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void storesWhatHalvesOfHalvesLeaveAscending(Signal signal, Stack stack) throws Exception {
        Stack of = refusing(stack.of(signal));
        Message record = refused(NumberedRecords.numbered(signal, 0, 100), number -> number == 50);

        of.writer().open().store(of.batch(0, record));

        assertThat(of.numbersById())
                .isEqualTo(LongStream.range(0, 100)
                        .filter(number -> number != 50)
                        .boxed()
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void boundsTheSearchAndLosesNothing(Signal signal, Stack stack) throws Exception {
        Stack of = refusing(stack.of(signal));
        Message record = refused(NumberedRecords.numbered(signal, 0, 400), number -> number >= 10);

        of.writer().maxRefusedParts(20).open().store(of.batch(0, record));

        List<Long> stored = of.numbers();
        assertThat(stored).startsWith(LongStream.range(0, 10).boxed().toArray(Long[]::new));
        List<Message> parts = quarantined(of);
        // Those that were looked for, and one for each level of halving that was given up.
        assertThat(parts).hasSizeBetween(20, 20 + 9);
        List<Long> all = new ArrayList<>(stored);
        parts.forEach(part -> all.addAll(Units.numbers(part)));
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, 400).boxed().toList());
    }

    @ParameterizedTest
    @EnumSource
    void storesTheOtherRecordsOfTheTransaction(Signal signal, Stack stack) throws Exception {
        Stack of = refusing(stack.of(signal));
        Message bad = refused(NumberedRecords.numbered(signal, 200, 100), number -> number == 250);
        Writer writer = of.writer().open();

        writer.store(of.batch(0, 100), of.batch(1, 100), of.batch(2, bad), of.batch(3, 100));

        assertThat(of.numbers())
                .isEqualTo(LongStream.range(0, 400)
                        .filter(number -> number != 250)
                        .boxed()
                        .toList());
        assertThat(of.value("SELECT record_offset, part FROM otel.quarantine")).isEqualTo("2|1");
        assertThat(of.nextOffset()).isEqualTo("4");
    }

    @ParameterizedTest
    @EnumSource
    void isNotConfusedByReplayOfQuarantinedRecord(Signal signal, Stack stack) throws Exception {
        Stack of = refusing(stack.of(signal));
        Message record = refused(NumberedRecords.numbered(signal, 0, 100), number -> number == 50);
        of.writer().open().store(of.batch(0, record));

        of.writer().open().store(of.batch(0, record), of.batch(1, 100));

        assertThat(of.numbers()).hasSize(199).doesNotHaveDuplicates();
        assertThat(of.query("SELECT record_offset, part FROM otel.quarantine")).containsExactly("0|1");
    }

    /** Of the record's envelope, so of any signal. */
    @Test
    void storesRecordWhoseTimestampIsBeyondThoseOfPostgres(Stack stack) throws Exception {
        RowBatch refused = stack.batch(0, 1, NumberedRecords.numbered(Signal.TRACES, 10, 10), Long.MAX_VALUE);
        RowBatch batch =
                new RowBatch(refused.record(), refused.rows(), new Refusal(RefusalReason.NEWER_OTLP, "kept as well"));

        stack.writer().open().store(stack.batch(0, 10), batch);

        stack.assertStoresFirst(20);
        assertThat(stack.value("SELECT record_timestamp FROM otel.quarantine")).isEqualTo("null");
        assertThat(stack.value("SELECT next_offset, record_timestamp FROM otel.ingest_ledger"))
                .isEqualTo("2|null");
    }

    /** Makes PostgreSQL refuse units of {@link #REFUSED_FLAGS}. */
    private static Stack refusing(Stack stack) throws Exception {
        for (String table : stack.tables()) {
            stack.execute("CREATE INDEX ON " + table + " ((1 / (flags - " + REFUSED_FLAGS + ")))");
        }
        return stack;
    }

    private static Message refused(Message record, IntPredicate which) {
        return Units.changed(record, which, unit -> Units.with(unit, "flags", REFUSED_FLAGS));
    }

    /** The messages in quarantine, in the order of their parts; what decodes them accepts them. */
    private static List<Message> quarantined(Stack stack) throws Exception {
        List<Message> messages = new ArrayList<>();
        for (String id : stack.query("SELECT id FROM otel.quarantine ORDER BY record_offset, part")) {
            byte[] payload = stack.bytes("SELECT payload FROM otel.quarantined_records WHERE id = " + id);
            Message message = stack.encoding() == RecordEncoding.OTLP_JSON
                    ? new OtlpJson(100).parse(payload, stack.signal().message()).message()
                    : stack.signal().message().getParserForType().parseFrom(payload);
            assertThat(stack.encoder().encode(payload).units())
                    .isEqualTo(Units.numbers(message).size());
            messages.add(message);
        }
        return messages;
    }
}
