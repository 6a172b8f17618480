package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gathers the spans of a record by resource and scope, in the order in which those come. Not thread-safe. */
final class TracesBatch {
    private final Map<Instance, Map<Scope, ScopeSpans.Builder>> spans = new LinkedHashMap<>();
    private int size;

    void add(Instance instance, Scope scope, Span span) {
        spans.computeIfAbsent(instance, i -> new LinkedHashMap<>())
                .computeIfAbsent(scope, TracesBatch::of)
                .addSpans(span);
        size++;
    }

    /** Number of spans. */
    int size() {
        return size;
    }

    /** The record, as {@code otlp_proto}. The batch is empty afterwards. */
    byte[] take() {
        TracesData.Builder record = TracesData.newBuilder();
        spans.forEach((instance, scopes) -> {
            ResourceSpans.Builder resourceSpans = ResourceSpans.newBuilder()
                    .setResource(instance.resource())
                    .setSchemaUrl(instance.service().sdk().schemaUrl());
            scopes.values().forEach(resourceSpans::addScopeSpans);
            record.addResourceSpans(resourceSpans);
        });
        spans.clear();
        size = 0;
        return record.build().toByteArray();
    }

    private static ScopeSpans.Builder of(Scope scope) {
        return ScopeSpans.newBuilder().setScope(scope.message()).setSchemaUrl(scope.schemaUrl());
    }
}
