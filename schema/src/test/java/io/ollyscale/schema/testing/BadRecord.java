package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Protobuf records on a topic of a signal that belong in quarantine; {@link BadJson} has those of OTLP/JSON. */
public enum BadRecord {
    GARBAGE(RefusalReason.INVALID_PROTOBUF, signal -> "this is no protobuf".getBytes(StandardCharsets.US_ASCII)),
    TRUNCATED(RefusalReason.INVALID_PROTOBUF, signal -> {
        byte[] record = NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, 0, 10);
        return Arrays.copyOf(record, record.length - 7);
    }),
    INVALID_UTF8(RefusalReason.INVALID_UTF8, signal -> {
        byte[] record = with(signal, attribute("key", "a text"));
        record[indexOf(record, "a text") + 1] = (byte) 0xff;
        return record;
    }),
    ARRAYS_10000_DEEP(
            RefusalReason.NESTED_TOO_DEEPLY,
            signal -> nested(signal, 10_000, AnyValue.ARRAY_VALUE_FIELD_NUMBER, ArrayValue.VALUES_FIELD_NUMBER)),
    KVLISTS_10000_DEEP(
            RefusalReason.NESTED_TOO_DEEPLY,
            signal -> nested(
                    signal,
                    10_000,
                    AnyValue.KVLIST_VALUE_FIELD_NUMBER,
                    KeyValueList.VALUES_FIELD_NUMBER,
                    KeyValue.VALUE_FIELD_NUMBER)),
    /** A span's and a log record's own, or an exemplar's. */
    IDS_OF_3000_BYTES(RefusalReason.ID_TOO_LONG, signal -> {
        ByteString id = ByteString.copyFrom(new byte[3000]);
        Message record = switch (signal) {
            case TRACES -> TraceRecords.of(TraceRecords.bareSpan(1).setTraceId(id));
            case LOGS -> LogRecords.of(LogRecords.bareLog(1).setTraceId(id));
            case METRICS ->
                MetricRecords.of(MetricRecords.gauge(MetricRecords.barePoint(1)
                        .addExemplars(Exemplar.newBuilder().setTraceId(id))));
        };
        return record.toByteArray();
    }),
    VALUE_IN_A_DICTIONARY(
            RefusalReason.DICTIONARY_REFERENCE,
            signal -> with(
                    signal,
                    attribute(
                            "key",
                            AnyValue.newBuilder().setStringValueStrindex(1).build()))),
    KEY_IN_A_DICTIONARY(
            RefusalReason.DICTIONARY_REFERENCE,
            signal -> with(
                    signal,
                    KeyValue.newBuilder()
                            .setKeyStrindex(1)
                            .setValue(OtlpValues.value("value"))
                            .build())),
    /** The first of the other two. */
    ANOTHER_SIGNAL(
            RefusalReason.WRONG_SIGNAL,
            signal ->
                    NumberedRecords.bytes(NumberedRecords.othersThan(signal).get(0), RecordEncoding.OTLP_PROTO, 0, 20)),
    /** The last of the other two. */
    THIRD_SIGNAL(
            RefusalReason.WRONG_SIGNAL,
            signal ->
                    NumberedRecords.bytes(NumberedRecords.othersThan(signal).get(1), RecordEncoding.OTLP_PROTO, 0, 20)),
    /** A little of another signal. A gauge has the field number of a span's name and a log record's body. */
    UNIT_OF_ANOTHER_SIGNAL(RefusalReason.WRONG_SIGNAL, signal -> {
        Message record = signal == Signal.METRICS
                ? LogRecords.of(LogRecord.newBuilder()
                        .setTimeUnixNano(TraceRecords.startNanos(1))
                        .setBody(OtlpValues.value("a message")))
                : MetricRecords.of(MetricRecords.gauge(NumberDataPoint.newBuilder()
                        .setTimeUnixNano(TraceRecords.startNanos(1))
                        .setAsDouble(21.5)));
        return record.toByteArray();
    });

    private final RefusalReason reason;
    private final Function<Signal, byte[]> bytes;

    BadRecord(RefusalReason reason, Function<Signal, byte[]> bytes) {
        this.reason = reason;
        this.bytes = bytes;
    }

    /** Why it must be refused. */
    public RefusalReason reason() {
        return reason;
    }

    /** On a topic of traces. */
    public byte[] bytes() {
        return bytes(Signal.TRACES);
    }

    /** @param topic what the topic that it is on is for */
    public byte[] bytes(Signal topic) {
        return bytes.apply(topic);
    }

    /** {@link #nested(Signal, int, int...)} of traces. */
    public static byte[] nested(int levels, int... path) {
        return nested(Signal.TRACES, levels, path);
    }

    /**
     * A record with one unit whose only attribute's value is a field in a field, made from the inside out: the library would
     * run out of stack.
     *
     * @param path the numbers of the fields that are one level, from the outer to the inner one
     */
    public static byte[] nested(Signal signal, int levels, int... path) {
        Reversed message = new Reversed();
        for (int level = 0; level < levels; level++) {
            message.wrapAll(path);
        }
        message.wrap(KeyValue.VALUE_FIELD_NUMBER);
        message.wrapAll(
                switch (signal) {
                    case TRACES ->
                        new int[] {
                            TracesData.RESOURCE_SPANS_FIELD_NUMBER,
                            ResourceSpans.SCOPE_SPANS_FIELD_NUMBER,
                            ScopeSpans.SPANS_FIELD_NUMBER,
                            Span.ATTRIBUTES_FIELD_NUMBER
                        };
                    case LOGS ->
                        new int[] {
                            LogsData.RESOURCE_LOGS_FIELD_NUMBER,
                            ResourceLogs.SCOPE_LOGS_FIELD_NUMBER,
                            ScopeLogs.LOG_RECORDS_FIELD_NUMBER,
                            LogRecord.ATTRIBUTES_FIELD_NUMBER
                        };
                    case METRICS ->
                        new int[] {
                            MetricsData.RESOURCE_METRICS_FIELD_NUMBER,
                            ResourceMetrics.SCOPE_METRICS_FIELD_NUMBER,
                            ScopeMetrics.METRICS_FIELD_NUMBER,
                            Metric.GAUGE_FIELD_NUMBER,
                            Gauge.DATA_POINTS_FIELD_NUMBER,
                            NumberDataPoint.ATTRIBUTES_FIELD_NUMBER
                        };
                });
        return message.bytes();
    }

    private static byte[] with(Signal signal, KeyValue attribute) {
        return NumberedRecords.bare(signal, 1, List.of(attribute)).toByteArray();
    }

    private static int indexOf(byte[] bytes, String ascii) {
        return new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(ascii);
    }

    /** A message of which the last byte comes first. */
    private static final class Reversed {
        private final ByteArrayOutputStream reversed = new ByteArrayOutputStream();

        /** Makes what there is the content of a field. */
        void wrap(int fieldNumber) {
            byte[] prefix = new byte[10];
            CodedOutputStream output = CodedOutputStream.newInstance(prefix);
            try {
                output.writeUInt32NoTag(fieldNumber << 3 | 2);
                output.writeUInt32NoTag(reversed.size());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            for (int i = output.getTotalBytesWritten() - 1; i >= 0; i--) {
                reversed.write(prefix[i]);
            }
        }

        /** @param path the numbers of fields, from the outer to the inner one */
        void wrapAll(int... path) {
            for (int i = path.length - 1; i >= 0; i--) {
                wrap(path[i]);
            }
        }

        byte[] bytes() {
            byte[] bytes = reversed.toByteArray();
            for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
                byte swapped = bytes[i];
                bytes[i] = bytes[j];
                bytes[j] = swapped;
            }
            return bytes;
        }
    }
}
