package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;
import java.util.Map;

/** Attributes that are stored as they came, whatever they belong to. */
public enum OddAttributes {
    NUL_IN_KEY(attribute("a\0b", "value")),
    NUL_IN_VALUE(attribute("test.nul", "a\0b")),
    ATTRIBUTE_OF_1_MB(attribute("http.route", "x".repeat(1 << 20))),
    KEY_TWICE(attribute("http.route", "first"), attribute("http.route", 2)),
    NAN(
            attribute("test.ratio", Double.longBitsToDouble(0x7ff800000000beefL)),
            attribute("test.nan", Double.longBitsToDouble(0xfff800000000beefL))),
    NEGATIVE_ZERO(attribute("test.ratio", -0.0), attribute("test.zero", -0.0)),
    NESTED_100_DEEP(attribute("test.nested", nested(100)));

    private final List<KeyValue> list;

    OddAttributes(KeyValue... list) {
        this.list = List.of(list);
    }

    public List<KeyValue> list() {
        return list;
    }

    /** Arrays and kvlists in turn around a text. */
    static Object nested(int levels) {
        Object value = "core";
        for (int level = 0; level < levels; level++) {
            value = level % 2 == 0 ? List.of(value) : Map.of("k", value);
        }
        return value;
    }
}
