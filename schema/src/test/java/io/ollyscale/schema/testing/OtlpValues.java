package io.ollyscale.schema.testing;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** OTLP values from Java ones. */
public final class OtlpValues {

    /** An AnyValue with nothing set. */
    public static final AnyValue EMPTY = AnyValue.getDefaultInstance();

    /** 5,000 letters that no compression makes short: an index entry, which ends at 2,704 bytes, is refused with SQLSTATE 54000. */
    public static final String LONG_TEXT = new Random(1)
            .ints(5_000, 'a', 'z' + 1)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();

    private OtlpValues() {}

    public static KeyValue attribute(String key, Object value) {
        return KeyValue.newBuilder().setKey(key).setValue(value(value)).build();
    }

    /** An attribute without a value, which isn't one with an empty value. */
    public static KeyValue withoutValue(String key) {
        return KeyValue.newBuilder().setKey(key).build();
    }

    /** @param value String, Integer, Long, Double, Boolean, byte[], List (an array), Map (a kvlist) or an AnyValue itself */
    public static AnyValue value(Object value) {
        AnyValue.Builder any = AnyValue.newBuilder();
        if (value instanceof AnyValue ready) {
            return ready;
        } else if (value instanceof String text) {
            any.setStringValue(text);
        } else if (value instanceof Integer || value instanceof Long) {
            any.setIntValue(((Number) value).longValue());
        } else if (value instanceof Double number) {
            any.setDoubleValue(number);
        } else if (value instanceof Boolean bool) {
            any.setBoolValue(bool);
        } else if (value instanceof byte[] bytes) {
            any.setBytesValue(ByteString.copyFrom(bytes));
        } else if (value instanceof List<?> elements) {
            ArrayValue.Builder array = any.getArrayValueBuilder();
            elements.forEach(element -> array.addValues(value(element)));
        } else if (value instanceof Map<?, ?> entries) {
            KeyValueList.Builder kvlist = any.getKvlistValueBuilder();
            entries.forEach((key, entry) -> kvlist.addValues(attribute((String) key, entry)));
        } else {
            throw new IllegalArgumentException("no OTLP value: " + value);
        }
        return any.build();
    }

    /** A kvlist that may hold a key more than once. */
    public static AnyValue kvlist(KeyValue... entries) {
        return AnyValue.newBuilder()
                .setKvlistValue(KeyValueList.newBuilder().addAllValues(List.of(entries)))
                .build();
    }
}
