package io.ollyscale.schema.otlp;

import static io.ollyscale.schema.testing.LogRecords.bareLog;
import static io.ollyscale.schema.testing.MetricRecords.barePoint;
import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static io.ollyscale.schema.testing.TraceRecords.bareSpan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.BadJson;
import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.LogRecords;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.MetricRecords;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalsTest {

    @ParameterizedTest
    @MethodSource
    void badRecordsAreRefusedWithTheirReason(Signal signal, BadRecord bad) {
        assertThat(refusal(signal, bad.bytes(signal)).reason()).isEqualTo(bad.reason());
    }

    static Stream<Arguments> badRecordsAreRefusedWithTheirReason() {
        return ofEachSignal(BadRecord.values());
    }

    @ParameterizedTest
    @MethodSource
    void badJsonIsRefusedWithItsReason(Signal signal, BadJson bad) {
        assertThat(refusal(signal, RecordEncoding.OTLP_JSON, bad.bytes(signal)).reason())
                .isEqualTo(bad.reason());
    }

    static Stream<Arguments> badJsonIsRefusedWithItsReason() {
        return ofEachSignal(BadJson.values());
    }

    private static Stream<Arguments> ofEachSignal(Object[] kinds) {
        return Arrays.stream(Signal.values())
                .flatMap(signal -> Arrays.stream(kinds).map(kind -> arguments(signal, kind)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void invalidBytesAreRefused(String name, byte[] record, RefusalReason reason) {
        for (Signal signal : Signal.values()) {
            assertThat(refusal(signal, record).reason()).as("%s", signal).isEqualTo(reason);
        }
    }

    static List<Arguments> invalidBytesAreRefused() {
        return List.of(
                arguments("a byte", new byte[] {-1}, RefusalReason.INVALID_PROTOBUF),
                arguments("zeros", new byte[10], RefusalReason.INVALID_PROTOBUF),
                arguments("JSON", "{\"resourceSpans\":[]}".getBytes(), RefusalReason.INVALID_PROTOBUF),
                arguments("a group's end", new byte[] {0x14}, RefusalReason.INVALID_PROTOBUF),
                arguments("a group without end", new byte[] {0x13}, RefusalReason.INVALID_PROTOBUF),
                arguments("a length of 2 GB", new byte[] {10, -1, -1, -1, -1, 7}, RefusalReason.INVALID_PROTOBUF),
                arguments("a negative length", new byte[] {10, -1, -1, -1, -1, 15}, RefusalReason.INVALID_PROTOBUF),
                arguments("groups in groups", groups(100_000), RefusalReason.NESTED_TOO_DEEPLY),
                arguments("the envelopes as a number", new byte[] {8, 1}, RefusalReason.WRONG_SIGNAL));
    }

    /** Both levels of the limit, whatever the level is made of. */
    @ParameterizedTest(name = "{0}")
    @MethodSource
    void valuesMayBeNestedUpToTheLimit(String name, int[] path) throws Exception {
        int limit = DecodingLimits.DEFAULT.nesting();

        for (int levels : new int[] {1, 100, limit}) {
            assertThat(encode(Signal.LOGS, BadRecord.nested(Signal.LOGS, levels, path))
                            .units())
                    .isEqualTo(1);
            assertThat(encode(Signal.METRICS, BadRecord.nested(Signal.METRICS, levels, path))
                            .units())
                    .isEqualTo(1);
            EncodedRows rows = new EncodedRows(Encoding.encode(BadRecord.nested(levels, path)));
            assertThat(CatchAllReader.attributes(
                            (String) rows.only(Table.SPANS_FACT).get("attributes_other")))
                    .hasSize(1);
        }
        for (int levels : new int[] {limit + 1, 2 * limit, 1_000, 100_000}) {
            for (Signal signal : Signal.values()) {
                assertThat(refusal(signal, BadRecord.nested(signal, levels, path))
                                .reason())
                        .isEqualTo(RefusalReason.NESTED_TOO_DEEPLY);
            }
        }
    }

    static List<Arguments> valuesMayBeNestedUpToTheLimit() {
        return List.of(arguments("arrays", new int[] {5, 1}), arguments("kvlists", new int[] {6, 1, 2}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void idsOver32BytesAreRefused(String name, Message record) {
        assertThat(refusal(record).reason()).isEqualTo(RefusalReason.ID_TOO_LONG);
    }

    static List<Arguments> idsOver32BytesAreRefused() {
        ByteString id = ByteString.copyFrom(new byte[33]);
        return List.of(
                arguments("trace_id", TraceRecords.of(bareSpan(1).setTraceId(id))),
                arguments("span_id", TraceRecords.of(bareSpan(1).setSpanId(id))),
                arguments("parent_span_id", TraceRecords.of(bareSpan(1).setParentSpanId(id))),
                arguments(
                        "link.trace_id",
                        TraceRecords.of(
                                bareSpan(1).addLinks(Span.Link.newBuilder().setTraceId(id)))),
                arguments(
                        "link.span_id",
                        TraceRecords.of(
                                bareSpan(1).addLinks(Span.Link.newBuilder().setSpanId(id)))),
                arguments("a log's trace_id", LogRecords.of(bareLog(1).setTraceId(id))),
                arguments("a log's span_id", LogRecords.of(bareLog(1).setSpanId(id))),
                arguments(
                        "exemplar.trace_id",
                        MetricRecords.of(MetricRecords.gauge(
                                barePoint(1).addExemplars(Exemplar.newBuilder().setTraceId(id))))),
                arguments(
                        "exemplar.span_id",
                        MetricRecords.of(MetricRecords.gauge(
                                barePoint(1).addExemplars(Exemplar.newBuilder().setSpanId(id))))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void dictionaryReferencesAreRefusedWhereverTheyAre(String name, Message record) {
        assertThat(refusal(record).reason()).isEqualTo(RefusalReason.DICTIONARY_REFERENCE);
    }

    static List<Arguments> dictionaryReferencesAreRefusedWhereverTheyAre() {
        AnyValue reference = AnyValue.newBuilder().setStringValueStrindex(0).build();
        Span.Builder event = bareSpan(1);
        event.addEventsBuilder().addAttributes(attribute("key", reference));
        Span.Builder link = bareSpan(1);
        link.addLinksBuilder().addAttributesBuilder().setKeyStrindex(1);
        TracesData.Builder resource = TraceRecords.of(bareSpan(1)).toBuilder();
        resource.getResourceSpansBuilder(0).getResourceBuilder().addAttributes(attribute("key", reference));
        TracesData.Builder scope = TraceRecords.of(bareSpan(1)).toBuilder();
        scope.getResourceSpansBuilder(0)
                .getScopeSpansBuilder(0)
                .getScopeBuilder()
                .addAttributesBuilder()
                .setKeyStrindex(-1);
        TracesData.Builder second = TraceRecords.of(bareSpan(1)).toBuilder();
        ResourceSpans.Builder same = second.getResourceSpans(0).toBuilder();
        same.getResourceBuilder().getAttributesBuilder(0).setKeyStrindex(1);
        return List.of(
                arguments("in a body", LogRecords.of(bareLog(1).setBody(reference))),
                arguments("within a body", LogRecords.of(bareLog(1).setBody(OtlpValues.value(List.of(reference))))),
                arguments(
                        "in a log's attribute",
                        NumberedRecords.bare(Signal.LOGS, 1, List.of(attribute("key", reference)))),
                arguments(
                        "in a point's attribute",
                        NumberedRecords.bare(Signal.METRICS, 1, List.of(attribute("key", reference)))),
                arguments(
                        "in a series seen before",
                        MetricRecords.of(
                                MetricRecords.gauge(barePoint(1).addAttributes(attribute("key", 1))),
                                MetricRecords.gauge(barePoint(1)
                                        .addAttributes(
                                                attribute("key", 1).toBuilder().setKeyStrindex(1))))),
                arguments(
                        "in metadata",
                        MetricRecords.of(MetricRecords.gauge(barePoint(1)).addMetadata(attribute("key", reference)))),
                arguments(
                        "in an exemplar",
                        MetricRecords.of(MetricRecords.gauge(barePoint(1)
                                .addExemplars(
                                        Exemplar.newBuilder().addFilteredAttributes(attribute("key", reference)))))),
                arguments("in a promoted key", with("http.route", reference)),
                arguments("in an array", with("key", OtlpValues.value(List.of(1, reference)))),
                arguments("in a kvlist", with("key", OtlpValues.value(Map.of("inner", reference)))),
                arguments("in an event", TraceRecords.of(event)),
                arguments("in a link's key", TraceRecords.of(link)),
                arguments("in a resource", resource.build()),
                arguments("in a scope's key", scope.build()),
                arguments(
                        "in a resource seen before",
                        second.addResourceSpans(same).build()));
    }

    @ParameterizedTest
    @EnumSource
    void everyPrefixOfARecordIsStoredOrRefused(Signal signal) {
        for (Message record : List.of(NumberedRecords.allFields(signal), NumberedRecords.numbered(signal, 90, 20))) {
            byte[] bytes = record.toByteArray();
            Set<Integer> whole = new TreeSet<>(Set.of(0));
            FieldDescriptor envelopes =
                    record.getDescriptorForType().getFields().get(0);
            Message.Builder prefix = record.newBuilderForType();
            for (Object envelope : (List<?>) record.getField(envelopes)) {
                whole.add(prefix.addRepeatedField(envelopes, envelope).build().getSerializedSize());
            }
            Set<Integer> stored = new TreeSet<>();
            for (int length = 0; length <= bytes.length; length++) {
                if (isStored(signal, Arrays.copyOf(bytes, length))) {
                    stored.add(length);
                }
            }

            assertThat(stored).isEqualTo(whole);
        }
    }

    /** What is stored of a record that is damaged is at least what PostgreSQL takes. */
    @ParameterizedTest
    @EnumSource
    void damagedRecordsAreStoredOrRefused(Signal signal) {
        Random random = new Random(7);
        byte[] record = NumberedRecords.allFields(signal).toByteArray();
        int stored = 0;
        for (int i = 0; i < 4_000; i++) {
            byte[] damaged = record.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
                int from = random.nextInt(damaged.length);
                int to = Math.min(damaged.length, from + random.nextInt(20));
                System.arraycopy(record, random.nextInt(record.length - (to - from)), damaged, from, to - from);
            }
            stored += isStored(signal, damaged) ? 1 : 0;
        }

        assertThat(stored).isBetween(200, 3_800);
    }

    @ParameterizedTest
    @EnumSource
    void unknownFieldsAreCountedInEveryMessage(Signal signal) throws Exception {
        for (Map.Entry<String, Message> variant : MessageVariants.withAnUnknownField(NumberedRecords.allFields(signal))
                .entrySet()) {
            assertThat(encode(signal, variant.getValue().toByteArray()).unknownFields())
                    .as(variant.getKey())
                    .isEqualTo(1);
        }
    }

    @Test
    void unknownFieldsOfAResourceThatIsSeenAgainAreCounted() throws Exception {
        TracesData.Builder record = TraceRecords.allFields().toBuilder();
        ResourceSpans.Builder again = record.getResourceSpans(0).toBuilder();
        again.getResourceBuilder()
                .getAttributesBuilder(0)
                .getValueBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                1000,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build());

        assertThat(Encoding.encode(record.addResourceSpans(again).build()).unknownFields())
                .isEqualTo(1);
    }

    @Test
    void unknownFieldsLeaveTheRowsAsTheyAre() throws Exception {
        TracesData record = TraceRecords.allFields();
        TracesData newer = MessageVariants.withAnUnknownField(record).get("TracesData.resource_spans[0]");

        assertThat(Encoding.rows(newer)).isEqualTo(Encoding.rows(record));
    }

    @ParameterizedTest
    @EnumSource
    void knownNumbersWithAnotherWireTypeAreRefusedInEveryMessage(Signal signal) {
        MessageVariants.withAnotherWireType(NumberedRecords.allFields(signal))
                .forEach((path, variant) -> assertThat(
                                refusal(signal, variant.toByteArray()).reason())
                        .as(path)
                        .isEqualTo(RefusalReason.WRONG_SIGNAL));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void otherSignalsAreToldByTheirContent(String name, Message record) {
        for (Signal other : NumberedRecords.othersThan(signalOf(record))) {
            assertThat(refusal(other, record.toByteArray()).reason())
                    .as("%s", other)
                    .isEqualTo(RefusalReason.WRONG_SIGNAL);
        }
    }

    /** A metric has nothing but unknown fields in the place of what these have, and no point. */
    @ParameterizedTest(name = "{0}")
    @MethodSource
    void barestLogsAreNeverTakenForPoints(String name, Message record) throws Exception {
        assertThat(refusal(Signal.TRACES, record.toByteArray()).reason()).isEqualTo(RefusalReason.WRONG_SIGNAL);
        try {
            EncodedRecord encoded = encode(Signal.METRICS, record.toByteArray());
            assertThat(encoded.units()).isZero();
            assertThat(encoded.unknownFields()).isPositive();
        } catch (RefusedRecordException e) {
            assertThat(e.reason()).isEqualTo(RefusalReason.WRONG_SIGNAL);
        }
    }

    static List<Arguments> barestLogsAreNeverTakenForPoints() {
        return List.of(
                arguments("log with flags", logs(LogRecord.newBuilder().setFlags(1))),
                arguments("log with attributes", logs(LogRecord.newBuilder().addAttributes(attribute("key", 1)))),
                arguments(
                        "log with an event's name", logs(LogRecord.newBuilder().setEventName("event"))));
    }

    static List<Arguments> otherSignalsAreToldByTheirContent() {
        long time = TraceRecords.startNanos(1);
        Metric.Builder histogram = Metric.newBuilder().setName("latency").setUnit("s");
        histogram
                .getHistogramBuilder()
                .addDataPointsBuilder()
                .setTimeUnixNano(time)
                .addBucketCounts(3);
        Metric.Builder exponential = Metric.newBuilder().setName("latency");
        exponential.getExponentialHistogramBuilder().addDataPointsBuilder().setTimeUnixNano(time);
        Metric.Builder summary = Metric.newBuilder().setName("latency");
        summary.getSummaryBuilder().addDataPointsBuilder().setTimeUnixNano(time);
        Metric.Builder gauge = Metric.newBuilder().setName("a name of a metric that is over 32 bytes long");
        gauge.getGaugeBuilder()
                .addDataPointsBuilder()
                .setTimeUnixNano(time)
                .setAsInt(-1)
                .addAttributes(attribute("key", "value"));
        return List.of(
                arguments("histogram", metrics(histogram)),
                arguments("exponential histogram", metrics(exponential)),
                arguments("summary", metrics(summary)),
                arguments("gauge of a long name", metrics(gauge)),
                arguments("log with a time", logs(LogRecord.newBuilder().setTimeUnixNano(time))),
                arguments("log with a severity", logs(LogRecord.newBuilder().setSeverityNumberValue(9))),
                arguments(
                        "log with an observed time", logs(LogRecord.newBuilder().setObservedTimeUnixNano(time))),
                arguments("bare span", TraceRecords.of(bareSpan(1))),
                arguments("span", TraceRecords.numbered(1, 1)));
    }

    private static TracesData with(String key, AnyValue value) {
        return TraceRecords.of(bareSpan(1).addAttributes(attribute(key, value)));
    }

    private static Message metrics(Metric.Builder metric) {
        MetricsData.Builder data = MetricsData.newBuilder();
        data.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetrics(metric);
        return data.build();
    }

    private static Message logs(LogRecord.Builder log) {
        LogsData.Builder data = LogsData.newBuilder();
        data.addResourceLogsBuilder().addScopeLogsBuilder().addLogRecords(log);
        return data.build();
    }

    /** Groups of an unknown number, each in the one before. */
    private static byte[] groups(int levels) {
        byte[] record = new byte[2 * levels];
        Arrays.fill(record, 0, levels, (byte) 0x13);
        Arrays.fill(record, levels, 2 * levels, (byte) 0x14);
        return record;
    }

    private static RefusedRecordException refusal(Message record) {
        return refusal(signalOf(record), record.toByteArray());
    }

    private static RefusedRecordException refusal(Signal signal, byte[] record) {
        return refusal(signal, RecordEncoding.OTLP_PROTO, record);
    }

    private static RefusedRecordException refusal(Signal signal, RecordEncoding encoding, byte[] record) {
        RefusedRecordException refusal = catchThrowableOfType(
                RefusedRecordException.class, () -> encoder(signal, encoding).encode(record));
        assertThat(refusal).as("the record was stored").isNotNull();
        assertThat(refusal).hasMessageMatching("(?s).+");
        return refusal;
    }

    private static EncodedRecord encode(Signal signal, byte[] record) throws RefusedRecordException {
        return encoder(signal, RecordEncoding.OTLP_PROTO).encode(record);
    }

    private static RecordEncoder encoder(Signal signal, RecordEncoding encoding) {
        return new RecordEncoder(signal, encoding, TestPolicy.POLICY, DecodingLimits.DEFAULT);
    }

    private static Signal signalOf(Message record) {
        return Arrays.stream(Signal.values())
                .filter(signal -> signal.message().getDescriptorForType() == record.getDescriptorForType())
                .findFirst()
                .orElseThrow();
    }

    private static boolean isStored(Signal signal, byte[] record) {
        EncodedRecord encoded;
        try {
            encoded = encode(signal, record);
        } catch (RefusedRecordException e) {
            return false;
        }
        EncodedRows rows = new EncodedRows(encoded);
        for (Table table :
                List.of(Table.SPANS_FACT, Table.SPAN_EVENTS, Table.SPAN_LINKS, Table.LOGS_FACT, Table.EXEMPLARS)) {
            rows.of(table).forEach(row -> CatchAllReader.read((String) row.get("attributes_other")));
        }
        encoded.dimensions().forEach(dimension -> {
            CatchAllReader.read(dimension.columns());
            CatchAllReader.read(dimension.other());
        });
        return true;
    }
}
