package io.ollyscale.schema.otlp;

import com.google.protobuf.ByteString;
import java.util.ArrayList;

/** The promoted attributes of a dimension, as the lists that its upsert takes. */
final class ListedTypedRows implements TypedRows {
    private final Dimension.TypedAttributes lists = new Dimension.TypedAttributes(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());

    Dimension.TypedAttributes lists() {
        return lists;
    }

    @Override
    public void string(int keyId, String value) {
        lists.stringKeys().add(keyId);
        lists.strings().add(value);
    }

    @Override
    public void integer(int keyId, long value) {
        lists.intKeys().add(keyId);
        lists.ints().add(value);
    }

    @Override
    public void number(int keyId, double value) {
        lists.doubleKeys().add(keyId);
        lists.doubleBits().add(Double.doubleToRawLongBits(value));
    }

    @Override
    public void bool(int keyId, boolean value) {
        lists.boolKeys().add(keyId);
        lists.bools().add(value);
    }

    @Override
    public void bytes(int keyId, ByteString value) {
        lists.bytesKeys().add(keyId);
        lists.bytes().add(value.toByteArray());
    }
}
