package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static io.ollyscale.schema.testing.TraceRecords.bareSpan;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.ollyscale.schema.otlp.RefusalReason;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/** Records on a traces topic that belong in quarantine. */
public enum BadRecord {
    GARBAGE(RefusalReason.INVALID_PROTOBUF, () -> "this is no protobuf".getBytes(StandardCharsets.US_ASCII)),
    TRUNCATED(RefusalReason.INVALID_PROTOBUF, () -> {
        byte[] record = TraceRecords.bytes(0, 10);
        return Arrays.copyOf(record, record.length - 7);
    }),
    INVALID_UTF8(RefusalReason.INVALID_UTF8, () -> {
        byte[] record = TraceRecords.of(bareSpan(1).setName("name")).toByteArray();
        record[indexOf(record, "name") + 1] = (byte) 0xff;
        return record;
    }),
    ARRAYS_10000_DEEP(
            RefusalReason.NESTED_TOO_DEEPLY,
            () -> nested(10_000, AnyValue.ARRAY_VALUE_FIELD_NUMBER, ArrayValue.VALUES_FIELD_NUMBER)),
    KVLISTS_10000_DEEP(
            RefusalReason.NESTED_TOO_DEEPLY,
            () -> nested(
                    10_000,
                    AnyValue.KVLIST_VALUE_FIELD_NUMBER,
                    KeyValueList.VALUES_FIELD_NUMBER,
                    KeyValue.VALUE_FIELD_NUMBER)),
    IDS_OF_3000_BYTES(
            RefusalReason.ID_TOO_LONG,
            () -> TraceRecords.of(bareSpan(1).setTraceId(ByteString.copyFrom(new byte[3000])))
                    .toByteArray()),
    VALUE_IN_A_DICTIONARY(
            RefusalReason.DICTIONARY_REFERENCE,
            () -> TraceRecords.of(bareSpan(1)
                            .addAttributes(attribute(
                                    "key",
                                    AnyValue.newBuilder()
                                            .setStringValueStrindex(1)
                                            .build())))
                    .toByteArray()),
    KEY_IN_A_DICTIONARY(
            RefusalReason.DICTIONARY_REFERENCE,
            () -> TraceRecords.of(bareSpan(1)
                            .addAttributes(
                                    KeyValue.newBuilder().setKeyStrindex(1).setValue(OtlpValues.value("value"))))
                    .toByteArray()),
    LOGS(
            RefusalReason.WRONG_SIGNAL,
            () -> LogsData.newBuilder()
                    .addResourceLogs(ResourceLogs.newBuilder()
                            .setResource(TraceRecords.resource(0))
                            .addScopeLogs(ScopeLogs.newBuilder()
                                    .setScope(TraceRecords.scope(0))
                                    .addLogRecords(LogRecord.newBuilder()
                                            .setTimeUnixNano(TraceRecords.startNanos(1))
                                            .setBody(OtlpValues.value("a message"))
                                            .setTraceId(TraceRecords.traceId(1)))))
                    .build()
                    .toByteArray()),
    SUMS(
            RefusalReason.WRONG_SIGNAL,
            () -> metrics(Metric.newBuilder()
                    .setName("requests")
                    .setSum(Sum.newBuilder()
                            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                            .addDataPoints(point())))),
    /** A gauge has the field number of a span's name. */
    GAUGES(
            RefusalReason.WRONG_SIGNAL,
            () -> metrics(Metric.newBuilder()
                    .setName("temperature")
                    .setGauge(Gauge.newBuilder().addDataPoints(point()))));

    private final RefusalReason reason;
    private final Supplier<byte[]> bytes;

    BadRecord(RefusalReason reason, Supplier<byte[]> bytes) {
        this.reason = reason;
        this.bytes = bytes;
    }

    /** Why it must be refused. */
    public RefusalReason reason() {
        return reason;
    }

    public byte[] bytes() {
        return bytes.get();
    }

    /**
     * A record with one span whose only attribute's value is a field in a field, made from the inside out: the library would
     * run out of stack.
     *
     * @param path the numbers of the fields that are one level, from the outer to the inner one
     */
    public static byte[] nested(int levels, int... path) {
        Reversed message = new Reversed();
        for (int level = 0; level < levels; level++) {
            for (int i = path.length - 1; i >= 0; i--) {
                message.wrap(path[i]);
            }
        }
        message.wrap(KeyValue.VALUE_FIELD_NUMBER);
        message.wrap(Span.ATTRIBUTES_FIELD_NUMBER);
        message.wrap(ScopeSpans.SPANS_FIELD_NUMBER);
        message.wrap(ResourceSpans.SCOPE_SPANS_FIELD_NUMBER);
        message.wrap(TracesData.RESOURCE_SPANS_FIELD_NUMBER);
        return message.bytes();
    }

    private static byte[] metrics(Metric.Builder metric) {
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(TraceRecords.resource(0))
                        .addScopeMetrics(ScopeMetrics.newBuilder()
                                .setScope(TraceRecords.scope(0))
                                .addMetrics(metric)))
                .build()
                .toByteArray();
    }

    private static NumberDataPoint.Builder point() {
        return NumberDataPoint.newBuilder()
                .setTimeUnixNano(TraceRecords.startNanos(1))
                .setAsDouble(21.5);
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
