package io.ollyscale.jobs.demo;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.util.List;

/** Attributes of each type of value. */
final class Attribute {

    private Attribute() {}

    static KeyValue text(String key, String value) {
        return of(key, value(value));
    }

    static KeyValue integer(String key, long value) {
        return of(key, AnyValue.newBuilder().setIntValue(value));
    }

    static KeyValue decimal(String key, double value) {
        return of(key, AnyValue.newBuilder().setDoubleValue(value));
    }

    static KeyValue flag(String key, boolean value) {
        return of(key, AnyValue.newBuilder().setBoolValue(value));
    }

    static KeyValue bytes(String key, ByteString value) {
        return of(key, AnyValue.newBuilder().setBytesValue(value));
    }

    static KeyValue texts(String key, List<String> values) {
        ArrayValue.Builder array = ArrayValue.newBuilder();
        values.forEach(value -> array.addValues(value(value)));
        return of(key, AnyValue.newBuilder().setArrayValue(array));
    }

    static KeyValue map(String key, KeyValue... entries) {
        return of(
                key,
                AnyValue.newBuilder().setKvlistValue(KeyValueList.newBuilder().addAllValues(List.of(entries))));
    }

    private static AnyValue.Builder value(String value) {
        return AnyValue.newBuilder().setStringValue(value);
    }

    private static KeyValue of(String key, AnyValue.Builder value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }
}
