package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What is wrong with spans that are stored all the same, as they came. */
public enum OddSpan {
    NUL_IN_NAME(span -> span.setName("a\0b")),
    NUL_IN_KEY(span -> span.addAttributes(attribute("a\0b", "value"))),
    NUL_IN_VALUE(span -> span.addAttributes(attribute("test.nul", "a\0b"))),
    ATTRIBUTE_OF_1_MB(span -> span.addAttributes(attribute("http.route", "x".repeat(1 << 20)))),
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
    KEY_TWICE(span -> span.addAttributes(attribute("http.route", "first")).addAttributes(attribute("http.route", 2))),
    NAN(span -> span.addAttributes(attribute("test.ratio", Double.longBitsToDouble(0x7ff800000000beefL)))
            .addAttributes(attribute("test.nan", Double.longBitsToDouble(0xfff800000000beefL)))),
    NEGATIVE_ZERO(
            span -> span.addAttributes(attribute("test.ratio", -0.0)).addAttributes(attribute("test.zero", -0.0))),
    NESTED_100_DEEP(span -> span.addAttributes(attribute("test.nested", nested(100)))),
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

    private static Object nested(int levels) {
        Object value = "core";
        for (int level = 0; level < levels; level++) {
            value = level % 2 == 0 ? List.of(value) : Map.of("k", value);
        }
        return value;
    }
}
