package io.ollyscale.jobs.demo;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.List;

/** A log record of the demo, as somebody who reads the topic has it. */
record DemoLog(Resource resource, InstrumentationScope scope, LogRecord log) {

    static List<DemoLog> in(byte[] record) {
        List<DemoLog> logs = new ArrayList<>();
        try {
            for (ResourceLogs resourceLogs : LogsData.parseFrom(record).getResourceLogsList()) {
                for (ScopeLogs scopeLogs : resourceLogs.getScopeLogsList()) {
                    for (LogRecord log : scopeLogs.getLogRecordsList()) {
                        logs.add(new DemoLog(resourceLogs.getResource(), scopeLogs.getScope(), log));
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a record isn't a message", e);
        }
        return logs;
    }

    boolean hasTrace() {
        return !log.getTraceId().isEmpty();
    }

    /** When it happened, or was observed where nobody says more. */
    long time() {
        return log.getTimeUnixNano() == 0 ? log.getObservedTimeUnixNano() : log.getTimeUnixNano();
    }

    String attribute(String key) {
        return log.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(key))
                .map(KeyValue::getValue)
                .map(AnyValue::getStringValue)
                .findFirst()
                .orElse("");
    }
}
