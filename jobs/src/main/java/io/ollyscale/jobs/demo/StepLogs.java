package io.ollyscale.jobs.demo;

import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_ERROR;
import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_INFO;
import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_WARN;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Renders steps as what services log about them: requests when they are answered, messages when they are processed, what
 * is thrown, what is tried again, and events. Not thread-safe.
 */
final class StepLogs {
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RequestAttributes requests = new RequestAttributes();
    private final LogsBatch batch;

    StepLogs(LogsBatch batch) {
        this.batch = batch;
    }

    void add(Step step) {
        if (step.attempt() > 0) {
            add(step, retry(step));
        }
        if (step.isServer() || step.operation().kind() == SpanKind.SPAN_KIND_CONSUMER) {
            add(step, request(step));
        } else if (step.isFailedByItself()) {
            add(step, failure(step));
        }
        LogRecord.Builder event = StepEvents.of(step);
        if (event != null) {
            add(step, event);
        }
    }

    /** In the step's span. */
    private void add(Step step, LogRecord.Builder log) {
        batch.add(
                step.instance(),
                step.operation().scope(),
                log.setTraceId(step.story().traceId())
                        .setSpanId(step.spanId())
                        .setFlags(SpanRendering.SAMPLED)
                        .build());
    }

    private static LogRecord.Builder retry(Step step) {
        return style(step)
                .line(
                        SEVERITY_NUMBER_WARN,
                        step.start(),
                        name(step) + ": trying again, attempt " + (step.attempt() + 1),
                        List.of(Attribute.integer("retry.attempt", step.attempt())));
    }

    private LogRecord.Builder request(Step step) {
        List<KeyValue> fields = new ArrayList<>(requests.of(step));
        fields.add(Attribute.decimal("duration_ms", step.nanos() / 1e6));
        SeverityNumber severity = severity(step);
        LogRecord.Builder log = style(step)
                .line(severity, step.end(), name(step) + " " + outcome(step) + " in " + millis(step), fields);
        return severity == SEVERITY_NUMBER_ERROR ? log.addAllAttributes(exception(step)) : log;
    }

    private static SeverityNumber severity(Step step) {
        if (step.isFailed()) {
            return step.operation().protocol().isError(step) ? SEVERITY_NUMBER_ERROR : SEVERITY_NUMBER_WARN;
        }
        return step.nanos() < SLOW_NANOS ? SEVERITY_NUMBER_INFO : SEVERITY_NUMBER_WARN;
    }

    /** An error if something was thrown; otherwise somebody else's refusal, which needn't be one. */
    private static LogRecord.Builder failure(Step step) {
        String message = name(step) + " failed: " + step.fault().message();
        if (step.exception().isEmpty()) {
            return style(step).line(SEVERITY_NUMBER_WARN, step.end(), message, List.of());
        }
        return style(step)
                .line(SEVERITY_NUMBER_ERROR, step.end(), message, List.of())
                .addAllAttributes(exception(step));
    }

    /** As logs have it; where nothing is thrown, as in Go and Rust, the message alone. */
    private static List<KeyValue> exception(Step step) {
        List<KeyValue> exception = new ArrayList<>(step.exception());
        exception.removeIf(attribute -> attribute.getKey().equals("exception.escaped"));
        return exception.isEmpty()
                ? List.of(Attribute.text("exception.message", step.fault().message()))
                : exception;
    }

    private static String outcome(Step step) {
        FailureKind failure = step.isFailed() ? step.fault().kind() : null;
        if (step.operation().protocol() == Protocol.HTTP) {
            return Integer.toString(failure == null ? step.operation().httpStatus() : failure.httpStatus());
        }
        return failure == null ? "OK" : failure.grpcName();
    }

    private static LogStyle style(Step step) {
        return LogStyle.of(step.instance().service().sdk());
    }

    private static String name(Step step) {
        return step.operation().prototype().getName();
    }

    /** To a microsecond; written so in every locale. */
    private static String millis(Step step) {
        long micros = step.nanos() / 1_000;
        return micros / 1_000 + "." + Long.toString(1_000 + micros % 1_000).substring(1) + " ms";
    }
}
