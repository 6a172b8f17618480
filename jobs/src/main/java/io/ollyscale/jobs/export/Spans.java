package io.ollyscale.jobs.export;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Spans with their events and links. */
final class Spans extends Facts<Span.Builder> {
    private static final String COLUMNS = String.join(
            ", ",
            "resource_id",
            "scope_id",
            Row.time("start_timestamp"),
            "start_nanos_fraction",
            "duration_ns",
            "trace_id",
            "span_id",
            "parent_span_id",
            "trace_state",
            "name",
            "kind",
            "flags",
            "status_code",
            "status_message",
            "dropped_attributes_count",
            "dropped_events_count",
            "dropped_links_count",
            "attributes_other");

    private static final String SIZE = StoredSize.row(
            StoredSize.text("trace_state"),
            StoredSize.text("name"),
            StoredSize.text("status_message"),
            StoredSize.json("attributes_other"));

    private static final String EVENT_SIZES = "SELECT parent_id, sum("
            + StoredSize.row(StoredSize.text("name"), StoredSize.json("attributes_other"))
            + ") AS size FROM otel.span_events";

    private static final String LINK_SIZES = "SELECT parent_id, sum("
            + StoredSize.row(StoredSize.text("trace_state"), StoredSize.json("attributes_other"))
            + ") AS size FROM otel.span_links";

    Spans(Source source) throws SQLException {
        super(source, "spans_fact", COLUMNS, SIZE, "start_timestamp", "trace_id = ?");
    }

    @Override
    Fact<Span.Builder> read(Row row) throws SQLException {
        long start = row.unixNanos("start_timestamp", "start_nanos_fraction");
        Span.Builder span = Span.newBuilder()
                .addAllAttributes(row.catchAll("attributes_other"))
                .setStartTimeUnixNano(start)
                .setEndTimeUnixNano(start + row.int64("duration_ns"))
                .setTraceId(row.bytes("trace_id"))
                .setSpanId(row.bytes("span_id"))
                .setParentSpanId(row.bytes("parent_span_id"))
                .setTraceState(row.text("trace_state"))
                .setName(row.text("name"))
                .setKindValue(row.int32("kind"))
                .setFlags(row.int32("flags"))
                .setDroppedAttributesCount(row.int32("dropped_attributes_count"))
                .setDroppedEventsCount(row.int32("dropped_events_count"))
                .setDroppedLinksCount(row.int32("dropped_links_count"));
        if (!row.isNull("status_code")) {
            span.setStatus(
                    Status.newBuilder().setCodeValue(row.int32("status_code")).setMessage(row.text("status_message")));
        }
        return new Fact<>(span, row.int64("resource_id"), row.int64("scope_id"));
    }

    @Override
    void sizesOfParts(Collection<Long> ids, Rows.Reader reader) throws SQLException {
        source().rows().partsOfFacts(EVENT_SIZES, ids, " GROUP BY parent_id", reader);
        source().rows().partsOfFacts(LINK_SIZES, ids, " GROUP BY parent_id", reader);
    }

    @Override
    void complete(Map<Long, Span.Builder> spans) throws SQLException {
        addEvents(spans);
        addLinks(spans);
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        spans.forEach((id, span) -> takers.put(id, span::addAttributes));
        source().attributes().ofFacts("span", takers);
    }

    private void addEvents(Map<Long, Span.Builder> spans) throws SQLException {
        Map<Long, Span.Event.Builder> events = new HashMap<>();
        source().rows()
                .partsOfFacts(
                        "SELECT id, parent_id, " + Row.time("timestamp")
                                + ", nanos_fraction, name, dropped_attributes_count, attributes_other FROM otel.span_events",
                        spans.keySet(),
                        " ORDER BY id",
                        row -> events.put(
                                row.int64("id"),
                                spans.get(row.int64("parent_id"))
                                        .addEventsBuilder()
                                        .addAllAttributes(row.catchAll("attributes_other"))
                                        .setTimeUnixNano(row.unixNanos("timestamp", "nanos_fraction"))
                                        .setName(row.text("name"))
                                        .setDroppedAttributesCount(row.int32("dropped_attributes_count"))));
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        events.forEach((id, event) -> takers.put(id, event::addAttributes));
        source().attributes().ofFacts("span_event", takers);
    }

    private void addLinks(Map<Long, Span.Builder> spans) throws SQLException {
        Map<Long, Span.Link.Builder> links = new HashMap<>();
        source().rows()
                .partsOfFacts(
                        "SELECT id, parent_id, linked_trace_id, linked_span_id, trace_state, flags, dropped_attributes_count,"
                                + " attributes_other FROM otel.span_links",
                        spans.keySet(),
                        " ORDER BY id",
                        row -> links.put(
                                row.int64("id"),
                                spans.get(row.int64("parent_id"))
                                        .addLinksBuilder()
                                        .addAllAttributes(row.catchAll("attributes_other"))
                                        .setTraceId(row.bytes("linked_trace_id"))
                                        .setSpanId(row.bytes("linked_span_id"))
                                        .setTraceState(row.text("trace_state"))
                                        .setFlags(row.int32("flags"))
                                        .setDroppedAttributesCount(row.int32("dropped_attributes_count"))));
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        links.forEach((id, link) -> takers.put(id, link::addAttributes));
        source().attributes().ofFacts("span_link", takers);
    }
}
