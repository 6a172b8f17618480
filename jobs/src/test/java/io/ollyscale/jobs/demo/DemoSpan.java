package io.ollyscale.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A span of the demo, as somebody who reads the topic has it. */
record DemoSpan(Resource resource, InstrumentationScope scope, Span span) {
    static final long SEED = 4711;

    /** 2025-10-09T08:53:20Z. */
    static final long START = 1_760_000_000_000_000_000L;

    static final Set<Signal> TRACES = Set.of(Signal.TRACES);

    /** Of the next records, so many spans at least. */
    static List<DemoSpan> from(DemoShop shop, int spans) {
        List<DemoSpan> read = new ArrayList<>();
        while (read.size() < spans) {
            read.addAll(in(shop.next().message()));
        }
        return read;
    }

    static List<DemoSpan> in(byte[] record) {
        List<DemoSpan> spans = new ArrayList<>();
        try {
            for (ResourceSpans resourceSpans : TracesData.parseFrom(record).getResourceSpansList()) {
                for (ScopeSpans scopeSpans : resourceSpans.getScopeSpansList()) {
                    for (Span span : scopeSpans.getSpansList()) {
                        spans.add(new DemoSpan(resourceSpans.getResource(), scopeSpans.getScope(), span));
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a record isn't a message", e);
        }
        return spans;
    }

    /** By trace; without the last one, where its root, which comes last, isn't there yet. */
    static Map<ByteString, List<DemoSpan>> traces(List<DemoSpan> spans) {
        Map<ByteString, List<DemoSpan>> traces = new LinkedHashMap<>();
        for (DemoSpan span : spans) {
            traces.computeIfAbsent(span.span.getTraceId(), id -> new ArrayList<>())
                    .add(span);
        }
        int withUnfinished = traces.size();
        traces.values().removeIf(trace -> trace.stream().noneMatch(DemoSpan::isRoot));
        assertThat(withUnfinished - traces.size()).as("traces without a root").isBetween(0, 1);
        return traces;
    }

    String service() {
        return text(resource.getAttributesList(), "service.name");
    }

    String version() {
        return text(resource.getAttributesList(), "service.version");
    }

    String environment() {
        return text(resource.getAttributesList(), "deployment.environment.name");
    }

    /** Empty for a browser. */
    String pod() {
        return text(resource.getAttributesList(), "k8s.pod.name");
    }

    /** Service and name, as an operation is called in the tests. */
    String operation() {
        return service() + " " + span.getName();
    }

    boolean isRoot() {
        return span.getParentSpanId().isEmpty();
    }

    boolean isError() {
        return span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR;
    }

    long durationNanos() {
        return span.getEndTimeUnixNano() - span.getStartTimeUnixNano();
    }

    /** Null where there is none. */
    AnyValue attribute(String key) {
        return value(span.getAttributesList(), key);
    }

    private static String text(List<KeyValue> attributes, String key) {
        AnyValue value = value(attributes, key);
        return value == null ? "" : value.getStringValue();
    }

    private static AnyValue value(List<KeyValue> attributes, String key) {
        for (KeyValue attribute : attributes) {
            if (attribute.getKey().equals(key)) {
                return attribute.getValue();
            }
        }
        return null;
    }
}
