package io.ollyscale.schema.identity;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The bytes that a dimension's hash is taken of. Equal dimensions have equal bytes and no others do: every value is tagged
 * with its type, every variable length is written before what it measures, and attributes, whose order means nothing,
 * are sorted by key (those of the same key keep their order). The form never changes: identities are stored.
 *
 * <p>Not thread-safe.
 */
public final class CanonicalForm {
    private static final Comparator<KeyValue> BY_KEY = Comparator.comparing(KeyValue::getKey);

    /** In the place of a value's type where an attribute has no value. */
    private static final int NO_VALUE = 0xff;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes = new byte[256];
    private int length;

    /** @param kind what is identified, so that dimensions of two kinds never have the same bytes */
    public CanonicalForm(String kind) {
        text(kind);
    }

    public CanonicalForm text(String value) {
        return raw(value.getBytes(StandardCharsets.UTF_8));
    }

    /** A text that may be absent, which isn't the same as empty. */
    public CanonicalForm optionalText(String valueOrNull) {
        return valueOrNull == null ? flag(false) : flag(true).text(valueOrNull);
    }

    public CanonicalForm flag(boolean value) {
        return octet(value ? 1 : 0);
    }

    public CanonicalForm integer(long value) {
        reserve(Long.BYTES);
        LONG.set(bytes, length, value);
        length += Long.BYTES;
        return this;
    }

    public CanonicalForm texts(List<String> values) {
        integer(values.size());
        values.forEach(this::text);
        return this;
    }

    public CanonicalForm attributes(List<KeyValue> attributes) {
        List<KeyValue> sorted = sorted(attributes);
        integer(sorted.size());
        for (KeyValue attribute : sorted) {
            text(attribute.getKey());
            if (attribute.hasValue()) {
                value(attribute.getValue());
            } else {
                octet(NO_VALUE);
            }
        }
        return this;
    }

    /** The SHA-256 of what was written. */
    public IdentityHash hash() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(bytes, 0, length);
            return new IdentityHash(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private void value(AnyValue value) {
        octet(value.getValueCase().getNumber());
        switch (value.getValueCase()) {
            case STRING_VALUE -> text(value.getStringValue());
            case BOOL_VALUE -> flag(value.getBoolValue());
            case INT_VALUE -> integer(value.getIntValue());
            case DOUBLE_VALUE -> integer(Double.doubleToRawLongBits(value.getDoubleValue()));
            case BYTES_VALUE -> raw(value.getBytesValue().toByteArray());
            case ARRAY_VALUE -> {
                integer(value.getArrayValue().getValuesCount());
                value.getArrayValue().getValuesList().forEach(this::value);
            }
            case KVLIST_VALUE -> attributes(value.getKvlistValue().getValuesList());
            case STRING_VALUE_STRINDEX -> integer(value.getStringValueStrindex());
            case VALUE_NOT_SET -> {}
        }
    }

    private CanonicalForm raw(byte[] value) {
        integer(value.length);
        reserve(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    private CanonicalForm octet(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
        return this;
    }

    private void reserve(int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, more)));
        }
    }

    /** SDKs send a series' attributes in the same order each time, often this one. */
    private static List<KeyValue> sorted(List<KeyValue> attributes) {
        for (int i = 1; i < attributes.size(); i++) {
            if (BY_KEY.compare(attributes.get(i - 1), attributes.get(i)) > 0) {
                List<KeyValue> sorted = new ArrayList<>(attributes);
                sorted.sort(BY_KEY);
                return sorted;
            }
        }
        return attributes;
    }
}
