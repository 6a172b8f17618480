package io.ollyscale.schema.otlp;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static io.ollyscale.schema.testing.OtlpValues.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LogRowsTest {
    private static final RecordEncoder ENCODER =
            new RecordEncoder(Signal.LOGS, RecordEncoding.OTLP_PROTO, TestPolicy.POLICY, DecodingLimits.DEFAULT);

    private static final List<String> BODIES =
            List.of("body_str", "body_int", "body_double", "body_bool", "body_bytes", "body_json");

    @Test
    void putsEachFieldInItsColumn() throws Exception {
        LogRecord log = LogRecord.newBuilder()
                .setTimeUnixNano(1_760_000_000_123_456_789L)
                .setObservedTimeUnixNano(1_760_000_000_200_000_001L)
                .setTraceId(TraceRecords.traceId(1))
                .setSpanId(TraceRecords.spanId(1))
                .setSeverityNumberValue(17)
                .setSeverityText("ERR")
                .setEventName("order.failed")
                .setBody(value("it failed"))
                .setFlags(0x101)
                .setDroppedAttributesCount(3)
                .build();
        EncodedRecord encoded = ENCODER.encode(record(log));

        Map<String, Object> row = new LinkedHashMap<>(new EncodedRows(encoded).only(Table.LOGS_FACT));
        assertThat(row.remove("resource_id"))
                .isEqualTo(Encoding.dimensions(DimensionKind.RESOURCE, encoded)
                        .get(0)
                        .id());
        assertThat(row.remove("scope_id"))
                .isEqualTo(
                        Encoding.dimensions(DimensionKind.SCOPE, encoded).get(0).id());
        assertThat(row.remove("service_id"))
                .isEqualTo(Encoding.dimensions(DimensionKind.SERVICE, encoded)
                        .get(0)
                        .id());
        row.values().removeIf(java.util.Objects::isNull);
        assertThat(row)
                .isEqualTo(Map.ofEntries(
                        Map.entry("id", 0L),
                        Map.entry("timestamp", 1_760_000_000_123_456L),
                        Map.entry("nanos_fraction", (short) 789),
                        Map.entry("observed_timestamp", 1_760_000_000_200_000L),
                        Map.entry("observed_nanos_fraction", (short) 1),
                        Map.entry("trace_id", TraceRecords.traceId(1)),
                        Map.entry("span_id", TraceRecords.spanId(1)),
                        Map.entry("severity_number", 17),
                        Map.entry("severity_text", "ERR"),
                        Map.entry("event_name", "order.failed"),
                        Map.entry("body_type", 1),
                        Map.entry("body_str", "it failed"),
                        Map.entry("flags", 0x101),
                        Map.entry("dropped_attributes_count", 3)));
    }

    @ParameterizedTest(name = "{2}: {3}")
    @MethodSource
    void aBodyIsInTheColumnOfItsType(AnyValue body, int type, String column, Object expected) throws Exception {
        Map<String, Object> row = row(LogRecord.newBuilder().setBody(body).build());

        assertThat(row).containsEntry("body_type", type);
        for (String other : BODIES) {
            assertThat(row).containsEntry(other, other.equals(column) ? expected : null);
        }
    }

    static List<Arguments> aBodyIsInTheColumnOfItsType() {
        return List.of(
                arguments(OtlpValues.EMPTY, 0, "none", null),
                arguments(value(""), 1, "body_str", ""),
                arguments(value("a"), 1, "body_str", "a"),
                arguments(value(false), 2, "body_bool", false),
                arguments(value(0), 3, "body_int", 0L),
                arguments(value(-0.0), 4, "body_double", -0.0),
                arguments(value(List.of()), 5, "body_json", "[]"),
                arguments(value(List.of("a", 1, 1.5)), 5, "body_json", "[\"a\",1,1.5]"),
                arguments(value(Map.of()), 6, "body_json", "{}"),
                arguments(value(Map.of("a\0", 1)), 6, "body_json", "{\"$kvlist\":[[{\"$string\":\"YQA=\"},1]]}"),
                arguments(value(new byte[0]), 7, "body_bytes", ByteString.EMPTY),
                arguments(value(new byte[] {0}), 7, "body_bytes", ByteString.copyFrom(new byte[] {0})));
    }

    @Test
    void anAbsentBodyIsNoEmptyOne() throws Exception {
        assertThat(row(LogRecord.getDefaultInstance())).containsEntry("body_type", null);
    }

    @Test
    void theExactTextOfABodyWithNulIsInTheCatchAll() throws Exception {
        Map<String, Object> row = row(LogRecord.newBuilder()
                .setBody(value("a\0b"))
                .setEventName("e\0")
                .setSeverityText("s\0")
                .build());

        assertThat(row)
                .containsEntry("body_str", "a\u2400b")
                .containsEntry("event_name", "e\u2400")
                .containsEntry("severity_text", "s\u2400")
                .containsEntry(
                        "attributes_other",
                        "{\"$fields\":{\"severity_text\":{\"$string\":\"cwA=\"},\"event_name\":{\"$string\":\"ZQA=\"},"
                                + "\"body_str\":{\"$string\":\"YQBi\"}}}");
    }

    @Test
    void timesOfZeroAreUnset() throws Exception {
        assertThat(row(LogRecord.getDefaultInstance()))
                .containsEntry("timestamp", null)
                .containsEntry("nanos_fraction", null)
                .containsEntry("observed_timestamp", null)
                .containsEntry("observed_nanos_fraction", null);
    }

    @Test
    void aBodyOfManyMegabytesIsARow() throws Exception {
        String text = "x".repeat(10 << 20);

        assertThat(row(LogRecord.newBuilder().setBody(value(text)).build())).containsEntry("body_str", text);
    }

    @Test
    void aBodyIsAsDeepAsAnAttribute() throws Exception {
        AnyValue deep = value("leaf");
        for (int level = 0; level < DecodingLimits.DEFAULT.nesting(); level++) {
            deep = value(List.of(deep));
        }
        AnyValue deeper = value(List.of(deep));

        assertThat(row(LogRecord.newBuilder().setBody(deep).build()).get("body_json"))
                .asString()
                .startsWith("[[[[");
        assertThatThrownBy(() -> row(LogRecord.newBuilder().setBody(deeper).build()))
                .isInstanceOfSatisfying(
                        RefusedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(RefusalReason.NESTED_TOO_DEEPLY));
    }

    @Test
    void aBodyInADictionaryIsRefused() {
        AnyValue reference = AnyValue.newBuilder().setStringValueStrindex(0).build();

        assertThatThrownBy(() -> row(LogRecord.newBuilder().setBody(reference).build()))
                .isInstanceOfSatisfying(
                        RefusedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(RefusalReason.DICTIONARY_REFERENCE));
    }

    @Test
    void promotesAttributesOfLogs() throws Exception {
        LogRecord log = LogRecord.newBuilder()
                .addAttributes(attribute("log.string", "a"))
                .addAttributes(attribute("log.other", "b"))
                .build();
        EncodedRows rows = new EncodedRows(ENCODER.encode(record(log)));

        assertThat(rows.only(Table.LOG_ATTRS_STRING))
                .containsEntry("parent_id", 0L)
                .containsEntry("value", "a");
        assertThat(rows.only(Table.LOGS_FACT)).containsEntry("attributes_other", "{\"log.other\":\"b\"}");
    }

    private static Map<String, Object> row(LogRecord log) throws RefusedRecordException {
        return new EncodedRows(ENCODER.encode(record(log))).only(Table.LOGS_FACT);
    }

    private static byte[] record(LogRecord log) {
        return LogsData.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder()
                        .setResource(TraceRecords.resource(0))
                        .addScopeLogs(ScopeLogs.newBuilder()
                                .setScope(TraceRecords.scope(0))
                                .addLogRecords(log)))
                .build()
                .toByteArray();
    }
}
