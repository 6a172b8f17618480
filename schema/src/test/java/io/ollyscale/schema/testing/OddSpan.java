package io.ollyscale.schema.testing;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.function.UnaryOperator;

/** What is wrong with spans that are stored all the same, as they came. */
public enum OddSpan {
    NUL_IN_NAME(span -> span.setName("a\0b")),
    NUL_IN_KEY(span -> span.addAllAttributes(OddAttributes.NUL_IN_KEY.list())),
    NUL_IN_VALUE(span -> span.addAllAttributes(OddAttributes.NUL_IN_VALUE.list())),
    ATTRIBUTE_OF_1_MB(span -> span.addAllAttributes(OddAttributes.ATTRIBUTE_OF_1_MB.list())),
    IDS_OF_3_BYTES(span -> span.setTraceId(bytes(3)).setSpanId(bytes(3)).setParentSpanId(bytes(3))),
    IDS_OF_32_BYTES(span -> span.setTraceId(bytes(32)).setSpanId(bytes(32)).setParentSpanId(bytes(32))),
    NO_IDS(span -> span.clearTraceId().clearSpanId().clearParentSpanId()),
    UNKNOWN_ENUMS(span ->
            span.setKindValue(99).setStatus(Status.newBuilder().setCodeValue(-7).setMessage("unheard of"))),
    END_BEFORE_START(span ->
            span.setStartTimeUnixNano(TraceRecords.startNanos(0)).setEndTimeUnixNano(TraceRecords.startNanos(0) - 1)),
    TIMES_OF_0(span -> span.setStartTimeUnixNano(0)
            .setEndTimeUnixNano(0)
            .addEvents(Span.Event.newBuilder().setName("no time"))),
    LATEST_TIMES(span -> span.setStartTimeUnixNano(-1)
            .setEndTimeUnixNano(-1)
            .addEvents(Span.Event.newBuilder().setTimeUnixNano(-1))),
    KEY_TWICE(span -> span.addAllAttributes(OddAttributes.KEY_TWICE.list())),
    NAN(span -> span.addAllAttributes(OddAttributes.NAN.list())),
    NEGATIVE_ZERO(span -> span.addAllAttributes(OddAttributes.NEGATIVE_ZERO.list())),
    NESTED_100_DEEP(span -> span.addAllAttributes(OddAttributes.NESTED_100_DEEP.list())),
    UNSIGNED_COUNTS(span -> span.setFlags(-1)
            .setDroppedAttributesCount(-2)
            .setDroppedEventsCount(-3)
            .setDroppedLinksCount(Integer.MIN_VALUE));

    private final UnaryOperator<Span.Builder> change;

    OddSpan(UnaryOperator<Span.Builder> change) {
        this.change = change;
    }

    /** A span of this kind that has a number. */
    public Span.Builder span(int number) {
        return change.apply(TraceRecords.bareSpan(number).setName(name()));
    }

    private static ByteString bytes(int size) {
        return ByteString.copyFrom(new byte[size]);
    }
}
