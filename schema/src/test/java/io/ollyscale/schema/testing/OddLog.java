package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.util.List;
import java.util.function.UnaryOperator;

/** What is wrong with log records that are stored all the same, as they came. */
public enum OddLog {
    BODY_OF_10_MB(log -> log.setBody(OtlpValues.value("x".repeat(10 << 20)))),
    BODY_40_LEVELS_DEEP(log -> log.setBody(OtlpValues.value(OddAttributes.nested(40)))),
    BODY_WITH_NUL(log -> log.setBody(OtlpValues.value("a\0b"))),
    /** As text, it would be what a body with U+0000 is stored as. */
    BODY_WITH_U2400(log -> log.setBody(OtlpValues.value("a\u2400b"))),
    NUL_WITHIN_BODY(log -> log.setBody(OtlpValues.value(List.of("a\0b")))),
    EMPTY_BODY(log -> log.setBody(OtlpValues.EMPTY)),
    BODY_OF_NO_TEXT(log -> log.setBody(OtlpValues.value(""))),
    BODY_OF_NAN(log -> log.setBody(OtlpValues.value(Double.longBitsToDouble(0xfff800000000beefL)))),
    BODY_WITH_A_KEY_TWICE(log -> log.setBody(OtlpValues.kvlist(attribute("k", 1), attribute("k", "2")))),
    NUL_IN_SEVERITY_TEXT(log -> log.setSeverityText("a\0b")),
    NUL_IN_EVENT_NAME(log -> log.setEventName("a\0b")),
    NUL_IN_KEY(log -> log.addAllAttributes(OddAttributes.NUL_IN_KEY.list())),
    NUL_IN_VALUE(log -> log.addAllAttributes(OddAttributes.NUL_IN_VALUE.list())),
    ATTRIBUTE_OF_1_MB(log -> log.addAllAttributes(OddAttributes.ATTRIBUTE_OF_1_MB.list())),
    KEY_TWICE(log -> log.addAllAttributes(OddAttributes.KEY_TWICE.list())),
    NAN(log -> log.addAllAttributes(OddAttributes.NAN.list())),
    NEGATIVE_ZERO(log -> log.addAllAttributes(OddAttributes.NEGATIVE_ZERO.list())),
    NESTED_100_DEEP(log -> log.addAllAttributes(OddAttributes.NESTED_100_DEEP.list())),
    IDS_OF_3_BYTES(log -> log.setTraceId(bytes(3)).setSpanId(bytes(3))),
    IDS_OF_32_BYTES(log -> log.setTraceId(bytes(32)).setSpanId(bytes(32))),
    NO_IDS(log -> log.clearTraceId().clearSpanId()),
    UNKNOWN_SEVERITY(log -> log.setSeverityNumberValue(-7)),
    TIMES_OF_0(log -> log.setTimeUnixNano(0).setObservedTimeUnixNano(0)),
    LATEST_TIMES(log -> log.setTimeUnixNano(-1).setObservedTimeUnixNano(-1)),
    UNSIGNED_COUNTS(log -> log.setFlags(-1).setDroppedAttributesCount(-2));

    private final UnaryOperator<LogRecord.Builder> change;

    OddLog(UnaryOperator<LogRecord.Builder> change) {
        this.change = change;
    }

    /** A log record of this kind that has a number. */
    public LogRecord.Builder log(int number) {
        return change.apply(LogRecords.bareLog(number));
    }

    private static ByteString bytes(int size) {
        return ByteString.copyFrom(new byte[size]);
    }
}
