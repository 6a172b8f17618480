package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gathers the logs of a record by resource and scope, in the order in which those come. Not thread-safe. */
final class LogsBatch {
    private final Map<Instance, Map<Scope, ScopeLogs.Builder>> logs = new LinkedHashMap<>();
    private int size;

    void add(Instance instance, Scope scope, LogRecord log) {
        logs.computeIfAbsent(instance, i -> new LinkedHashMap<>())
                .computeIfAbsent(scope, LogsBatch::of)
                .addLogRecords(log);
        size++;
    }

    /** Number of log records. */
    int size() {
        return size;
    }

    /** The record, as {@code otlp_proto}. The batch is empty afterwards. */
    byte[] take() {
        LogsData.Builder record = LogsData.newBuilder();
        logs.forEach((instance, scopes) -> {
            ResourceLogs.Builder resourceLogs = ResourceLogs.newBuilder()
                    .setResource(instance.resource())
                    .setSchemaUrl(instance.service().sdk().schemaUrl());
            scopes.values().forEach(resourceLogs::addScopeLogs);
            record.addResourceLogs(resourceLogs);
        });
        logs.clear();
        size = 0;
        return record.build().toByteArray();
    }

    private static ScopeLogs.Builder of(Scope scope) {
        return ScopeLogs.newBuilder().setScope(scope.message()).setSchemaUrl(scope.schemaUrl());
    }
}
