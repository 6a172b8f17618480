package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.SpanFlags;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.List;

/** Renders steps as spans. Not thread-safe. */
final class SpanRendering {
    static final int SAMPLED = 1;
    private static final int LOCAL_PARENT = SAMPLED | SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK_VALUE;
    private static final int REMOTE_PARENT = LOCAL_PARENT | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK_VALUE;
    private static final Status OK =
            Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_OK).build();

    /** One span in so many has lost something to its SDK's limits. */
    private static final int LOSSES = 2_000;

    private static final long LOSS_SALT = 3;

    /** Used again for each span. */
    private final List<KeyValue> attributes = new ArrayList<>();

    Span span(Step step) {
        Operation operation = step.operation();
        Story story = step.story();
        Span.Builder span = operation.prototype().toBuilder()
                .setTraceId(story.traceId())
                .setSpanId(step.spanId())
                .setStartTimeUnixNano(step.start())
                .setEndTimeUnixNano(step.end());
        if (step.parent() != null) {
            span.setParentSpanId(step.parent().spanId());
        } else if (!story.links().isEmpty()) {
            addLinks(span, story.links());
        }
        if (!step.request().traceState().isEmpty()) {
            span.setTraceState(step.request().traceState());
        }
        if (step.instance().service().sdk().saysRemote()) {
            span.setFlags(step.isCalledFromElsewhere() ? REMOTE_PARENT : LOCAL_PARENT);
        }
        addAttributes(span, step);
        addEvents(span, step);
        setStatus(span, step);
        addLosses(span, step);
        return span.build();
    }

    private void addAttributes(Span.Builder span, Step step) {
        attributes.clear();
        step.operation().protocol().addTo(attributes, step);
        for (Detail detail : step.operation().details()) {
            detail.addTo(attributes, step);
        }
        span.addAllAttributes(attributes);
    }

    private static void addLinks(Span.Builder span, List<SentOrder> orders) {
        for (SentOrder order : orders) {
            span.addLinks(Span.Link.newBuilder()
                    .setTraceId(order.traceId())
                    .setSpanId(order.spanId())
                    .setTraceState(order.request().traceState())
                    .setFlags(REMOTE_PARENT)
                    .addAttributes(order.request().queuePosition().partition())
                    .addAttributes(order.request().queuePosition().offset()));
        }
    }

    private static void addEvents(Span.Builder span, Step step) {
        if (step.isFailed()) {
            List<KeyValue> exception = step.exception();
            if (!exception.isEmpty()) {
                span.addEvents(Span.Event.newBuilder()
                        .setName("exception")
                        .setTimeUnixNano(step.end())
                        .addAllAttributes(exception));
            }
        } else {
            for (Moment moment : step.operation().moments()) {
                if (moment.happensIn(step)) {
                    span.addEvents(moment.event(step));
                }
            }
        }
    }

    private static void setStatus(Span.Builder span, Step step) {
        Protocol protocol = step.operation().protocol();
        if (step.isFailed() && protocol.isError(step)) {
            span.setStatus(Status.newBuilder()
                    .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                    .setMessage(protocol.statusMessage(step)));
        } else if (protocol == Protocol.MESSAGING) {
            span.setStatus(OK);
        } else if (step.instance().service().sdk().sendsEmptyStatus()) {
            span.setStatus(Status.getDefaultInstance());
        }
    }

    private static void addLosses(Span.Builder span, Step step) {
        switch (Dice.scaled(step.random(LOSS_SALT), LOSSES)) {
            case 0 -> span.setDroppedAttributesCount(1 + span.getAttributesCount() % 5);
            case 1 -> span.setDroppedEventsCount(128);
            case 2 -> span.setDroppedLinksCount(2);
            default -> {}
        }
    }
}
