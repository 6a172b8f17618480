package io.ollyscale.schema.otlp;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.copy.CopyBuffer;

/** The typed attribute tables of a fact: rows of (parent_id, key_id, value). */
final class CopyTypedRows implements TypedRows {
    private final CopyBuffer strings;
    private final CopyBuffer integers;
    private final CopyBuffer numbers;
    private final CopyBuffer bools;
    private final CopyBuffer byteStrings;
    private int owner;

    CopyTypedRows(
            CopyBuffer strings, CopyBuffer integers, CopyBuffer numbers, CopyBuffer bools, CopyBuffer byteStrings) {
        this.strings = strings;
        this.integers = integers;
        this.numbers = numbers;
        this.bools = bools;
        this.byteStrings = byteStrings;
    }

    /** The rows that follow describe this row, by its relative id. */
    CopyTypedRows of(int relativeId) {
        owner = relativeId;
        return this;
    }

    @Override
    public void string(int keyId, String value) {
        begin(strings, keyId);
        strings.putText(value);
        strings.endRow();
    }

    @Override
    public void integer(int keyId, long value) {
        begin(integers, keyId);
        integers.putLong(value);
        integers.endRow();
    }

    @Override
    public void number(int keyId, double value) {
        begin(numbers, keyId);
        numbers.putDouble(value);
        numbers.endRow();
    }

    @Override
    public void bool(int keyId, boolean value) {
        begin(bools, keyId);
        bools.putBoolean(value);
        bools.endRow();
    }

    @Override
    public void bytes(int keyId, ByteString value) {
        begin(byteStrings, keyId);
        byteStrings.putBytes(value);
        byteStrings.endRow();
    }

    private void begin(CopyBuffer buffer, int keyId) {
        buffer.beginRow();
        buffer.putRowId(owner);
        buffer.putInt(keyId);
    }
}
