package io.ollyscale.jobs.demo;

import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_INFO;
import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_WARN;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.util.List;

/** What processes log that belongs to no request. Times are Unix nanoseconds. */
final class ProcessLogs {
    private final LogsBatch batch;

    ProcessLogs(LogsBatch batch) {
        this.batch = batch;
    }

    void started(Instance instance, long time) {
        Service service = instance.service();
        add(
                instance,
                SEVERITY_NUMBER_INFO,
                time,
                "starting " + service.serviceName() + " " + instance.release().version(),
                Attribute.text("release.version", instance.release().version()));
        add(instance, SEVERITY_NUMBER_INFO, time, "listening on port 8080", Attribute.integer("server.port", 8080));
    }

    void stopping(Instance instance, long time) {
        add(
                instance,
                SEVERITY_NUMBER_WARN,
                time,
                "memory is at its limit: shutting down",
                Attribute.text("signal", "SIGTERM"));
    }

    void queueDepth(Instance instance, long time, int orders) {
        add(
                instance,
                SEVERITY_NUMBER_INFO,
                time,
                orders + " orders wait for a mail",
                Attribute.integer("shop.mail_queue.depth", orders));
    }

    private void add(Instance instance, SeverityNumber severity, long time, String message, KeyValue field) {
        Service service = instance.service();
        batch.add(
                instance,
                service.scope(Technology.OWN_CODE),
                LogStyle.of(service.sdk())
                        .line(severity, time, message, List.of(field))
                        .build());
    }
}
