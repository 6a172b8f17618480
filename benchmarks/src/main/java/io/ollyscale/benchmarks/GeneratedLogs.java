package io.ollyscale.benchmarks;

import static io.ollyscale.benchmarks.Otlp.METHODS;
import static io.ollyscale.benchmarks.Otlp.REGIONS;
import static io.ollyscale.benchmarks.Otlp.STATUS_CODES;
import static io.ollyscale.benchmarks.Otlp.THINGS;
import static io.ollyscale.benchmarks.Otlp.bytes;
import static io.ollyscale.benchmarks.Otlp.integer;
import static io.ollyscale.benchmarks.Otlp.text;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Records of a shop's log records, without end: 10 attributes of which the default policy promotes 5, a body of about 120
 * characters; six of ten are of a trace, one of twenty is an error, one of five has the observed time alone. A log record
 * is made from its number alone, times aside. Not thread-safe.
 */
final class GeneratedLogs implements Supplier<byte[]> {
    private static final int SERVICES = 5;
    private static final int LOGS_IN_TRACE = 8;
    private static final long OBSERVED_LATER_NANOS = 2_000_000;

    private final int logsPerRecord;
    private final Clock clock;
    private int next;

    /** @param clock of the log records' times */
    GeneratedLogs(int logsPerRecord, Clock clock) {
        this.logsPerRecord = logsPerRecord;
        this.clock = clock;
    }

    @Override
    public byte[] get() {
        LogsData.Builder record = LogsData.newBuilder();
        for (int service = 0; service < SERVICES; service++) {
            int logs = logsPerRecord / SERVICES + (service < logsPerRecord % SERVICES ? 1 : 0);
            ScopeLogs.Builder scope = ScopeLogs.newBuilder().setScope(Otlp.scope(service));
            for (int i = 0; i < logs; i++) {
                scope.addLogRecords(log(next++));
            }
            record.addResourceLogs(ResourceLogs.newBuilder()
                    .setResource(Otlp.resource(service))
                    .addScopeLogs(scope));
        }
        return record.build().toByteArray();
    }

    private LogRecord log(int number) {
        SplittableRandom random = new SplittableRandom(number);
        String method = METHODS[random.nextInt(METHODS.length)];
        String thing = THINGS[random.nextInt(THINGS.length)];
        SeverityNumber severity = severity(random.nextInt(20));
        String id = Long.toHexString(random.nextLong());
        long time = clock.nanos(number);
        LogRecord.Builder log = LogRecord.newBuilder()
                .setObservedTimeUnixNano(time + OBSERVED_LATER_NANOS)
                .setSeverityNumber(severity)
                .setSeverityText(severity.name().substring("SEVERITY_NUMBER_".length()))
                .setBody(AnyValue.newBuilder()
                        .setStringValue("Request " + id + " for " + thing + " took "
                                + random.nextInt(5_000) + " ms: " + random.nextInt(100) + " of " + random.nextInt(1_000)
                                + " rows sent to tenant-" + random.nextInt(1_000)
                                + ", the cache missed " + random.nextInt(50) + " times, retried "
                                + random.nextInt(3) + " times"));
        if (number % 5 != 0) {
            log.setTimeUnixNano(time);
        }
        if (number % 10 < 6) {
            SplittableRandom trace = new SplittableRandom(-1L - number / LOGS_IN_TRACE);
            log.setTraceId(bytes(trace.nextLong(), trace.nextLong()))
                    .setSpanId(bytes(random.nextLong()))
                    .setFlags(1);
        }
        // Promoted by the default policy:
        log.addAttributes(text("http.request.method", method))
                .addAttributes(integer("http.response.status_code", STATUS_CODES[random.nextInt(STATUS_CODES.length)]))
                .addAttributes(text("http.route", "/api/v1/" + thing + "/{id}"))
                .addAttributes(text("url.path", "/api/v1/" + thing + "/" + id))
                .addAttributes(
                        text("code.function.name", "org.acme.shop." + thing + ".Handler." + method.toLowerCase()))
                // Not promoted:
                .addAttributes(text("app.user.id", "user-" + random.nextInt(1_000_000)))
                .addAttributes(text("app.region", REGIONS[random.nextInt(REGIONS.length)]))
                .addAttributes(text("app.logger", "org.acme.shop." + thing + ".Handler"))
                .addAttributes(integer("app.items", random.nextInt(50)))
                .addAttributes(text("app.session", Long.toHexString(random.nextLong())));
        return log.build();
    }

    /** @param dice 0 to 19 */
    private static SeverityNumber severity(int dice) {
        if (dice == 0) {
            return SeverityNumber.SEVERITY_NUMBER_ERROR;
        }
        if (dice < 3) {
            return SeverityNumber.SEVERITY_NUMBER_WARN;
        }
        return dice < 6 ? SeverityNumber.SEVERITY_NUMBER_DEBUG : SeverityNumber.SEVERITY_NUMBER_INFO;
    }
}
