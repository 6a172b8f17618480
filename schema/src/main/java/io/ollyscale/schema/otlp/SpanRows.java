package io.ollyscale.schema.otlp;

import com.google.protobuf.Parser;
import io.ollyscale.schema.copy.CopyBuffer;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.rollup.SpanMeasures;
import io.ollyscale.schema.tables.Table;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.function.Predicate;

/** The rows of spans, with their events, links and attributes. */
final class SpanRows extends SignalRows<ResourceSpans> {
    private final FactAttributes spanAttributes = new FactAttributes(
            AttributeContext.SPAN,
            Table.SPANS_FACT,
            Table.SPAN_ATTRS_STRING,
            Table.SPAN_ATTRS_INT,
            Table.SPAN_ATTRS_DOUBLE,
            Table.SPAN_ATTRS_BOOL,
            Table.SPAN_ATTRS_BYTES);
    private final FactAttributes eventAttributes = new FactAttributes(
            AttributeContext.EVENT,
            Table.SPAN_EVENTS,
            Table.SPAN_EVENT_ATTRS_STRING,
            Table.SPAN_EVENT_ATTRS_INT,
            Table.SPAN_EVENT_ATTRS_DOUBLE,
            Table.SPAN_EVENT_ATTRS_BOOL,
            Table.SPAN_EVENT_ATTRS_BYTES);
    private final FactAttributes linkAttributes = new FactAttributes(
            AttributeContext.LINK,
            Table.SPAN_LINKS,
            Table.SPAN_LINK_ATTRS_STRING,
            Table.SPAN_LINK_ATTRS_INT,
            Table.SPAN_LINK_ATTRS_DOUBLE,
            Table.SPAN_LINK_ATTRS_BOOL,
            Table.SPAN_LINK_ATTRS_BYTES);

    private final SpanMeasures.Builder measures = new SpanMeasures.Builder();

    SpanRows(AttributePolicy policy, Predicate<String> known, DecodingLimits limits) {
        super(policy, known, limits);
    }

    @Override
    Parser<ResourceSpans> parser() {
        return ResourceSpans.parser();
    }

    @Override
    SpanMeasures measures() {
        return measures.build();
    }

    @Override
    void add(ResourceSpans envelope) throws RefusedRecordException {
        unknown().check(envelope);
        Owner owner = null;
        for (ScopeSpans scopeSpans : envelope.getScopeSpansList()) {
            unknown().check(scopeSpans);
            if (scopeSpans.getSpansCount() == 0) {
                countEmpty();
                continue;
            }
            if (owner == null) {
                owner = owner(envelope.hasResource(), envelope.getResource(), envelope.getSchemaUrl());
            }
            long scopeId = dimensions().scope(scopeSpans.hasScope(), scopeSpans.getScope(), scopeSpans.getSchemaUrl());
            for (Span span : scopeSpans.getSpansList()) {
                add(span, owner, scopeId);
            }
        }
        if (owner == null) {
            countEmpty();
        }
    }

    private void add(Span span, Owner owner, long scopeId) throws RefusedRecordException {
        unknown().check(span);
        int id = nextUnit();
        CopyBuffer row = beginRow(Table.SPANS_FACT, id);
        row.putLong(owner.resourceId());
        row.putLong(scopeId);
        row.putLong(owner.serviceId());
        long operationId = dimensions().operation(owner.serviceId(), span.getName(), span.getKindValue());
        row.putLong(operationId);
        row.putTimestamp(span.getStartTimeUnixNano());
        row.putLong(span.getEndTimeUnixNano() - span.getStartTimeUnixNano());
        putId(row, "trace_id", span.getTraceId());
        putId(row, "span_id", span.getSpanId());
        putId(row, "parent_span_id", span.getParentSpanId());
        putText(row, "trace_state", span.getTraceState());
        putText(row, "name", span.getName());
        row.putInt(span.getKindValue());
        row.putInt(span.getFlags());
        if (span.hasStatus()) {
            Status status = span.getStatus();
            unknown().check(status);
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
        spanAttributes.writeAndEndRow(span.getAttributesList(), id);
        takeMemory(SpanMeasures.BYTES_OF_A_SPAN);
        measures.add(
                operationId,
                owner.serviceId(),
                owner.resourceId(),
                span.getKindValue(),
                span.getStatus().getCodeValue() == Status.StatusCode.STATUS_CODE_ERROR_VALUE,
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(),
                span.getTraceState());

        for (Span.Event event : span.getEventsList()) {
            add(event, id);
        }
        for (Span.Link link : span.getLinksList()) {
            add(link, id);
        }
    }

    private void add(Span.Event event, int spanId) throws RefusedRecordException {
        unknown().check(event);
        int id = nextPart();
        CopyBuffer row = beginRow(Table.SPAN_EVENTS, id, spanId);
        putTime(row, event.getTimeUnixNano());
        putText(row, "name", event.getName());
        row.putInt(event.getDroppedAttributesCount());
        eventAttributes.writeAndEndRow(event.getAttributesList(), id);
    }

    private void add(Span.Link link, int spanId) throws RefusedRecordException {
        unknown().check(link);
        int id = nextPart();
        CopyBuffer row = beginRow(Table.SPAN_LINKS, id, spanId);
        putId(row, "a link's trace_id", link.getTraceId());
        putId(row, "a link's span_id", link.getSpanId());
        putText(row, "trace_state", link.getTraceState());
        row.putInt(link.getFlags());
        row.putInt(link.getDroppedAttributesCount());
        linkAttributes.writeAndEndRow(link.getAttributesList(), id);
    }
}
