package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Generates records of logs, as {@link TraceRecords} does of traces: a log record is made from its number alone, which is its
 * int attribute {@link TraceRecords#NUMBER}. It belongs to the span of the same number.
 */
public final class LogRecords {
    private LogRecords() {}

    /** A record of {@code count} log records with the numbers from {@code first} on, of several resources and scopes. */
    public static LogsData numbered(int first, int count) {
        LogsData.Builder record = LogsData.newBuilder();
        for (Numbers ofResource : Numbers.of(first, count).inBlocksOf(TraceRecords.UNITS_IN_RESOURCE)) {
            ResourceLogs.Builder resourceLogs = record.addResourceLogsBuilder()
                    .setResource(TraceRecords.resourceOf(ofResource.first()))
                    .setSchemaUrl(TraceRecords.SCHEMA_URL);
            for (Numbers ofScope : ofResource.inBlocksOf(TraceRecords.UNITS_IN_SCOPE)) {
                ScopeLogs.Builder scopeLogs =
                        resourceLogs.addScopeLogsBuilder().setScope(TraceRecords.scopeOf(ofScope.first()));
                ofScope.each().forEach(number -> scopeLogs.addLogRecords(log(number)));
            }
        }
        return record.build();
    }

    /** {@link #numbered} as it stands in Kafka. */
    public static byte[] bytes(int first, int count) {
        return numbered(first, count).toByteArray();
    }

    /** A record of these log records, of one resource and one scope; for those that are odd. */
    public static LogsData of(LogRecord.Builder... logs) {
        ScopeLogs.Builder scopeLogs = ScopeLogs.newBuilder().setScope(TraceRecords.scope(0));
        Arrays.stream(logs).forEach(scopeLogs::addLogRecords);
        return LogsData.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder()
                        .setResource(TraceRecords.resource(0))
                        .addScopeLogs(scopeLogs))
                .build();
    }

    /** A log record without anything but its number and ids; to be made odd. */
    public static LogRecord.Builder bareLog(int number) {
        return LogRecord.newBuilder()
                .setTraceId(TraceRecords.traceId(number))
                .setSpanId(TraceRecords.spanId(number))
                .addAttributes(attribute(TraceRecords.NUMBER, number));
    }

    /** The log record of a number, as {@link #numbered} has it. */
    public static LogRecord.Builder log(int number) {
        long time = TraceRecords.startNanos(number);
        LogRecord.Builder log = bareLog(number)
                .setTimeUnixNano(time)
                .setObservedTimeUnixNano(time + 1_000_007)
                .setSeverityNumberValue(number % 25)
                .setFlags(1)
                .addAttributes(attribute("http.request.method", "GET"));
        if (number % 3 != 0) {
            log.setSeverityText(number % 25 < 17 ? "INFO" : "ERROR");
        }
        if (number % 20 == 0) {
            log.setEventName("test.event").setDroppedAttributesCount(number % 7);
        }
        AnyValue body = body(number);
        if (body != null) {
            log.setBody(body);
        }
        return log.addAttributes(TraceRecords.variedAttribute(number));
    }

    /** A text mostly, each type in turn, and none for null. */
    private static AnyValue body(int number) {
        return switch (number % 30) {
            case 1 -> OtlpValues.value(number);
            case 2 -> OtlpValues.value(number / 8.0);
            case 3 -> OtlpValues.value(number % 2 == 0);
            case 4 -> OtlpValues.value(ByteBuffer.allocate(8).putLong(number).array());
            case 5 -> OtlpValues.value(List.of("a", number, List.of()));
            case 6 -> OtlpValues.value(Map.of("message", "reset by peer №" + number));
            case 7 -> OtlpValues.EMPTY;
            case 8 -> null;
            case 9 -> OtlpValues.value("");
            default -> OtlpValues.value("request №" + number + " was answered");
        };
    }

    /**
     * A record in which every field of the logs messages is set and every type of value occurs, but the references into a
     * dictionary, which no record of logs may have. Has two log records, with the numbers 1 and 2.
     */
    public static LogsData allFields() {
        LogRecord.Builder log = log(1).clearAttributes()
                .addAllAttributes(TraceRecords.allTypes("log", 1))
                .setSeverityText("INFO")
                .setBody(OtlpValues.kvlist(
                        attribute("text", "message"), attribute("number", 1), attribute("list", List.of(1.5))))
                .setEventName("event")
                .setDroppedAttributesCount(11)
                .setFlags(0x301);
        return LogsData.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder()
                        .setResource(TraceRecords.resourceOfAllFields())
                        .setSchemaUrl("https://example.org/resource")
                        .addScopeLogs(ScopeLogs.newBuilder()
                                .setScope(TraceRecords.scopeOfAllFields())
                                .setSchemaUrl("https://example.org/scope")
                                .addLogRecords(log)
                                .addLogRecords(log(2).setBody(OtlpValues.value("text")))))
                .build();
    }
}
