package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.util.List;

/** The logging libraries that the services use, each with its habits. */
enum LogStyle {
    /** Writes JSON, which becomes a structured body. */
    PINO("info", "warn", "error"),
    SLOG("INFO", "WARN", "ERROR"),
    LOGBACK("INFO", "WARN", "ERROR"),
    PYTHON("INFO", "WARNING", "ERROR"),
    DOTNET("Information", "Warning", "Error"),
    /** Leaves it to who observes the record to say when that was. */
    TRACING("INFO", "WARN", "ERROR"),
    /** Browsers report events and no lines. */
    EVENTS("", "", "");

    private final String info;
    private final String warning;
    private final String error;

    LogStyle(String info, String warning, String error) {
        this.info = info;
        this.warning = warning;
        this.error = error;
    }

    static LogStyle of(Sdk sdk) {
        return switch (sdk) {
            case WEB -> EVENTS;
            case NODE -> PINO;
            case GO -> SLOG;
            case JAVA -> LOGBACK;
            case PYTHON -> PYTHON;
            case DOTNET -> DOTNET;
            case RUST -> TRACING;
        };
    }

    /**
     * A line of text with fields.
     *
     * @param severity that of information, a warning or an error
     * @param timeNanos Unix nanoseconds
     */
    LogRecord.Builder line(SeverityNumber severity, long timeNanos, String message, List<KeyValue> fields) {
        LogRecord.Builder log = record(severity, timeNanos).setSeverityText(text(severity));
        if (this == PINO) {
            log.getBodyBuilder()
                    .setKvlistValue(KeyValueList.newBuilder()
                            .addValues(Attribute.text("msg", message))
                            .addAllValues(fields));
            return log;
        }
        return log.setBody(AnyValue.newBuilder().setStringValue(message)).addAllAttributes(fields);
    }

    /** An event, without a body. */
    LogRecord.Builder event(String name, long timeNanos, List<KeyValue> attributes) {
        return record(SeverityNumber.SEVERITY_NUMBER_INFO, timeNanos)
                .setEventName(name)
                .addAllAttributes(attributes);
    }

    private LogRecord.Builder record(SeverityNumber severity, long timeNanos) {
        LogRecord.Builder log =
                LogRecord.newBuilder().setSeverityNumber(severity).setObservedTimeUnixNano(timeNanos);
        return this == TRACING ? log : log.setTimeUnixNano(timeNanos);
    }

    private String text(SeverityNumber severity) {
        return switch (severity) {
            case SEVERITY_NUMBER_INFO -> info;
            case SEVERITY_NUMBER_WARN -> warning;
            case SEVERITY_NUMBER_ERROR -> error;
            default -> throw new IllegalArgumentException(severity.name());
        };
    }
}
