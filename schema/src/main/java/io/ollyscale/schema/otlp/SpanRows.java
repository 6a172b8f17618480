package io.ollyscale.schema.otlp;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.copy.CopyBuffer;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.identity.ServiceIdentity;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.tables.Table;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The rows of one record's spans, with their events, links and attributes. A span's id comes first, then those of its
 * events and links in their order, so that a span's rows are one range of ids. Not thread-safe.
 */
final class SpanRows {
    private final DecodingLimits limits;
    private final UnknownFields unknown = new UnknownFields();
    private final AttributeCounts counts = new AttributeCounts();
    private final DimensionEncoder dimensions;
    private final List<CopyChunk> chunks = new ArrayList<>();
    private final Map<Table, CopyBuffer> buffers = new EnumMap<>(Table.class);
    private final FactAttributes spanAttributes;
    private final FactAttributes eventAttributes;
    private final FactAttributes linkAttributes;
    private final List<ExactField> exactFields = new ArrayList<>();
    private int[] unitStarts = new int[64];
    private int units;
    private int nextId;
    private long emptyEnvelopes;

    /** @param known whether the dimension of a hash needn't be described */
    SpanRows(AttributePolicy policy, Predicate<String> known, DecodingLimits limits) {
        this.limits = limits;
        MemoryBudget budget = new MemoryBudget(limits.rowBytes());
        dimensions = new DimensionEncoder(policy, known, limits, budget, unknown, counts);
        for (Table table : Table.values()) {
            buffers.put(table, new CopyBuffer(table, chunks, budget));
        }
        spanAttributes = new FactAttributes(
                new Attributes(policy.of(AttributeContext.SPAN), counts),
                Table.SPANS_FACT,
                typedRows(
                        Table.SPAN_ATTRS_STRING,
                        Table.SPAN_ATTRS_INT,
                        Table.SPAN_ATTRS_DOUBLE,
                        Table.SPAN_ATTRS_BOOL,
                        Table.SPAN_ATTRS_BYTES));
        eventAttributes = new FactAttributes(
                new Attributes(policy.of(AttributeContext.EVENT), counts),
                Table.SPAN_EVENTS,
                typedRows(
                        Table.SPAN_EVENT_ATTRS_STRING,
                        Table.SPAN_EVENT_ATTRS_INT,
                        Table.SPAN_EVENT_ATTRS_DOUBLE,
                        Table.SPAN_EVENT_ATTRS_BOOL,
                        Table.SPAN_EVENT_ATTRS_BYTES));
        linkAttributes = new FactAttributes(
                new Attributes(policy.of(AttributeContext.LINK), counts),
                Table.SPAN_LINKS,
                typedRows(
                        Table.SPAN_LINK_ATTRS_STRING,
                        Table.SPAN_LINK_ATTRS_INT,
                        Table.SPAN_LINK_ATTRS_DOUBLE,
                        Table.SPAN_LINK_ATTRS_BOOL,
                        Table.SPAN_LINK_ATTRS_BYTES));
    }

    private CopyTypedRows typedRows(Table strings, Table integers, Table numbers, Table bools, Table bytes) {
        return new CopyTypedRows(
                buffers.get(strings),
                buffers.get(integers),
                buffers.get(numbers),
                buffers.get(bools),
                buffers.get(bytes));
    }

    UnknownFields unknown() {
        return unknown;
    }

    void add(ResourceSpans resourceSpans) throws RefusedRecordException {
        unknown.check(resourceSpans);
        Owner owner = null;
        for (ScopeSpans scopeSpans : resourceSpans.getScopeSpansList()) {
            unknown.check(scopeSpans);
            if (scopeSpans.getSpansCount() == 0) {
                emptyEnvelopes++;
                continue;
            }
            if (owner == null) {
                owner = owner(resourceSpans);
            }
            long scopeId = dimensions.scope(scopeSpans.hasScope(), scopeSpans.getScope(), scopeSpans.getSchemaUrl());
            for (Span span : scopeSpans.getSpansList()) {
                add(span, owner, scopeId);
            }
        }
        if (owner == null) {
            emptyEnvelopes++;
        }
    }

    EncodedRecord finish() {
        buffers.values().forEach(CopyBuffer::finish);
        return new EncodedRecord(
                chunks,
                nextId,
                Arrays.copyOf(unitStarts, units),
                dimensions.dimensions(),
                counts.dropped,
                counts.duplicated,
                unknown.count(),
                emptyEnvelopes);
    }

    private Owner owner(ResourceSpans resourceSpans) throws RefusedRecordException {
        ServiceIdentity service = ServiceIdentity.of(resourceSpans.getResource().getAttributesList());
        long serviceId = dimensions.service(service);
        long resourceId = dimensions.resource(
                resourceSpans.hasResource(),
                resourceSpans.getResource(),
                resourceSpans.getSchemaUrl(),
                service,
                serviceId);
        return new Owner(resourceId, serviceId);
    }

    private void add(Span span, Owner owner, long scopeId) throws RefusedRecordException {
        unknown.check(span);
        checkId(span.getTraceId(), "trace_id");
        checkId(span.getSpanId(), "span_id");
        checkId(span.getParentSpanId(), "parent_span_id");
        int id = nextId++;
        if (units == unitStarts.length) {
            unitStarts = Arrays.copyOf(unitStarts, units * 2);
        }
        unitStarts[units++] = id;
        exactFields.clear();

        CopyBuffer row = buffers.get(Table.SPANS_FACT);
        row.beginRow();
        row.putRowId(id);
        row.putLong(owner.resourceId());
        row.putLong(scopeId);
        row.putLong(owner.serviceId());
        row.putLong(dimensions.operation(owner.serviceId(), span.getName(), span.getKindValue()));
        row.putTimestamp(span.getStartTimeUnixNano());
        row.putLong(span.getEndTimeUnixNano() - span.getStartTimeUnixNano());
        row.putId(span.getTraceId());
        row.putId(span.getSpanId());
        row.putId(span.getParentSpanId());
        putText(row, "trace_state", span.getTraceState());
        putText(row, "name", span.getName());
        row.putInt(span.getKindValue());
        row.putInt(span.getFlags());
        if (span.hasStatus()) {
            Status status = span.getStatus();
            unknown.check(status);
            row.putInt(status.getCodeValue());
            putText(row, "status_message", status.getMessage());
        } else {
            row.putNull();
            row.putNull();
        }
        row.putInt(span.getDroppedAttributesCount());
        row.putInt(span.getDroppedEventsCount());
        row.putInt(span.getDroppedLinksCount());
        row.putNanosFraction(span.getStartTimeUnixNano());
        spanAttributes.write(span.getAttributesList(), id);
        row.endRow();

        for (Span.Event event : span.getEventsList()) {
            add(event, id);
        }
        for (Span.Link link : span.getLinksList()) {
            add(link, id);
        }
    }

    private void add(Span.Event event, int spanId) throws RefusedRecordException {
        unknown.check(event);
        int id = nextId++;
        exactFields.clear();
        CopyBuffer row = buffers.get(Table.SPAN_EVENTS);
        row.beginRow();
        row.putRowId(id);
        row.putRowId(spanId);
        row.putTimestamp(event.getTimeUnixNano());
        row.putNanosFraction(event.getTimeUnixNano());
        putText(row, "name", event.getName());
        row.putInt(event.getDroppedAttributesCount());
        eventAttributes.write(event.getAttributesList(), id);
        row.endRow();
    }

    private void add(Span.Link link, int spanId) throws RefusedRecordException {
        unknown.check(link);
        checkId(link.getTraceId(), "a link's trace_id");
        checkId(link.getSpanId(), "a link's span_id");
        int id = nextId++;
        exactFields.clear();
        CopyBuffer row = buffers.get(Table.SPAN_LINKS);
        row.beginRow();
        row.putRowId(id);
        row.putRowId(spanId);
        row.putId(link.getTraceId());
        row.putId(link.getSpanId());
        putText(row, "trace_state", link.getTraceState());
        row.putInt(link.getFlags());
        row.putInt(link.getDroppedAttributesCount());
        linkAttributes.write(link.getAttributesList(), id);
        row.endRow();
    }

    private void checkId(ByteString id, String field) throws RefusedRecordException {
        if (id.size() > limits.idBytes()) {
            throw new RefusedRecordException(
                    RefusalReason.ID_TOO_LONG, field + " has " + id.size() + " bytes, over " + limits.idBytes());
        }
    }

    private void putText(CopyBuffer row, String column, String value) {
        if (row.putText(value)) {
            exactFields.add(new ExactField(column, value));
        }
    }

    private record Owner(long resourceId, long serviceId) {}

    /** The attributes of one fact table's rows: the catch-all is that table's last column. */
    private final class FactAttributes extends CatchAll {
        private final Attributes attributes;
        private final CopyBuffer row;
        private final CopyTypedRows typed;

        FactAttributes(Attributes attributes, Table table, CopyTypedRows typed) {
            super(buffers.get(table), limits, unknown);
            this.attributes = attributes;
            this.row = buffers.get(table);
            this.typed = typed;
        }

        void write(List<KeyValue> list, int owner) throws RefusedRecordException {
            attributes.write(list, exactFields, typed.of(owner), this);
        }

        @Override
        void open() {
            row.beginJsonb();
        }

        @Override
        void close(boolean written) {
            if (written) {
                row.endVariable();
            } else {
                row.putNull();
            }
        }
    }
}
