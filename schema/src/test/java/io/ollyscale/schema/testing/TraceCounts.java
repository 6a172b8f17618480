package io.ollyscale.schema.testing;

import io.ollyscale.schema.policy.AttributeContext;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the tables must hold of some records.
 *
 * @param attributes number of attributes by context ({@code SPAN}, {@code EVENT}, {@code LINK}) and type, with the names of
 *     the {@code type} column of {@code span_attrs_unified} and its like, whichever tier they are stored in; only types that
 *     occur
 */
public record TraceCounts(long spans, long events, long links, Map<AttributeContext, Map<String, Long>> attributes) {

    public static final TraceCounts NONE = new TraceCounts(0, 0, 0, Map.of());

    public static TraceCounts of(TracesData record) {
        long spans = 0;
        long events = 0;
        long links = 0;
        Map<AttributeContext, Map<String, Long>> attributes = new EnumMap<>(AttributeContext.class);
        for (ResourceSpans resourceSpans : record.getResourceSpansList()) {
            for (ScopeSpans scopeSpans : resourceSpans.getScopeSpansList()) {
                spans += scopeSpans.getSpansCount();
                for (Span span : scopeSpans.getSpansList()) {
                    events += span.getEventsCount();
                    links += span.getLinksCount();
                    count(AttributeContext.SPAN, span.getAttributesList(), attributes);
                    span.getEventsList()
                            .forEach(event -> count(AttributeContext.EVENT, event.getAttributesList(), attributes));
                    span.getLinksList()
                            .forEach(link -> count(AttributeContext.LINK, link.getAttributesList(), attributes));
                }
            }
        }
        return new TraceCounts(spans, events, links, attributes);
    }

    public TraceCounts plus(TraceCounts other) {
        Map<AttributeContext, Map<String, Long>> sum = new EnumMap<>(AttributeContext.class);
        for (TraceCounts counts : List.of(this, other)) {
            counts.attributes.forEach((context, byType) -> byType.forEach((type, count) ->
                    sum.computeIfAbsent(context, c -> new TreeMap<>()).merge(type, count, Long::sum)));
        }
        return new TraceCounts(spans + other.spans, events + other.events, links + other.links, sum);
    }

    /** Attributes of a context, of all types. */
    public long attributes(AttributeContext context) {
        return attributes.getOrDefault(context, Map.of()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static void count(
            AttributeContext context, List<KeyValue> list, Map<AttributeContext, Map<String, Long>> counts) {
        if (list.isEmpty()) {
            return;
        }
        Map<String, Long> byType = counts.computeIfAbsent(context, c -> new TreeMap<>());
        if (list.stream().map(KeyValue::getKey).distinct().count() == list.size()) {
            list.forEach(attribute -> byType.merge(type(attribute), 1L, Long::sum));
            return;
        }
        Map<String, Long> occurrences =
                list.stream().collect(Collectors.groupingBy(KeyValue::getKey, Collectors.counting()));
        Map<String, KeyValue> first =
                list.stream().collect(Collectors.toMap(KeyValue::getKey, Function.identity(), (a, b) -> a));
        first.forEach(
                (key, attribute) -> byType.merge(occurrences.get(key) > 1 ? "list" : type(attribute), 1L, Long::sum));
    }

    private static String type(KeyValue attribute) {
        if (!attribute.hasValue()) {
            return "null";
        }
        AnyValue value = attribute.getValue();
        return switch (value.getValueCase()) {
            case STRING_VALUE -> "string";
            case INT_VALUE -> "int";
            case DOUBLE_VALUE -> "double";
            case BOOL_VALUE -> "bool";
            case BYTES_VALUE -> "bytes";
            case ARRAY_VALUE -> "array";
            case KVLIST_VALUE -> "kvlist";
            case VALUE_NOT_SET -> "empty";
            case STRING_VALUE_STRINDEX -> throw new IllegalArgumentException("a record that is refused has no counts");
        };
    }
}
