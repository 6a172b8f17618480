package io.ollyscale.schema.otlp;

import io.ollyscale.schema.copy.JsonOutput;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * OTLP values as the catch-all's JSON: strings, ints and booleans as themselves, doubles in plain notation with a
 * fraction, and what JSON or JSONB can't say as an object with one reserved {@code $} key. Every value has one form, and
 * every form one value.
 */
final class ValueJson {
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NULL = ascii("null");
    private static final byte[] EMPTY = ascii("{\"$empty\":true}");
    private static final byte[] BYTES = ascii("{\"$bytes\":\"");
    private static final byte[] DOUBLE = ascii("{\"$double\":\"");
    private static final byte[] STRING = ascii("{\"$string\":\"");
    private static final byte[] KVLIST = ascii("{\"$kvlist\":[");
    private static final byte[] END_OF_TEXT_OBJECT = ascii("\"}");
    private static final byte[] HEX = ascii("0123456789abcdef");

    private final JsonOutput out;
    private final ValueCheck check;

    ValueJson(JsonOutput out, DecodingLimits limits, UnknownFields unknown) {
        this.out = out;
        check = new ValueCheck(limits, unknown);
    }

    /** The value of an attribute; JSON null where the attribute has none. */
    void attributeValue(KeyValue attribute) throws RefusedRecordException {
        attributeValue(attribute, 0);
    }

    /** A value that is no attribute's. */
    void value(AnyValue value) throws RefusedRecordException {
        value(value, 0);
    }

    /** {@code [key,value]} pairs, separated by commas; keys are written as values, so that any text can be one. */
    void pairs(List<KeyValue> entries) throws RefusedRecordException {
        pairs(entries, 0);
    }

    /** Refuses what a key can't be outside profiles, and counts what is newer than this release. */
    void check(KeyValue entry) throws RefusedRecordException {
        check.key(entry);
    }

    /** A comma, unless this is the first element; returns false, for the next one. */
    boolean separate(boolean first) {
        if (!first) {
            out.append(',');
        }
        return false;
    }

    /** A string value. */
    void string(String text) {
        if (text.indexOf('\0') < 0) {
            quoted(text);
        } else {
            base64(STRING, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** A JSON string of a text without U+0000. */
    void quoted(String text) {
        out.append('"');
        int from = 0;
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\') {
                continue;
            }
            if (i > from) {
                out.appendText(text.substring(from, i));
            }
            from = i + 1;
            escaped(c);
        }
        out.appendText(from == 0 ? text : text.substring(from));
        out.append('"');
    }

    /** Whether a key can't be a key of the catch-all's objects. */
    static boolean isReserved(String key) {
        return (!key.isEmpty() && key.charAt(0) == '$') || key.indexOf('\0') >= 0;
    }

    private void attributeValue(KeyValue attribute, int depth) throws RefusedRecordException {
        if (attribute.hasValue()) {
            value(attribute.getValue(), depth);
        } else {
            out.append(NULL);
        }
    }

    private void value(AnyValue value, int depth) throws RefusedRecordException {
        check.value(value, depth);
        switch (value.getValueCase()) {
            case STRING_VALUE -> string(value.getStringValue());
            case BOOL_VALUE -> out.append(value.getBoolValue() ? TRUE : FALSE);
            case INT_VALUE -> out.appendText(Long.toString(value.getIntValue()));
            case DOUBLE_VALUE -> number(value.getDoubleValue());
            case BYTES_VALUE -> base64(BYTES, value.getBytesValue().toByteArray());
            case ARRAY_VALUE -> array(value.getArrayValue().getValuesList(), depth + 1);
            case KVLIST_VALUE -> kvlist(value.getKvlistValue().getValuesList(), depth + 1);
            case STRING_VALUE_STRINDEX -> throw new IllegalStateException("such a value is refused");
            case VALUE_NOT_SET -> out.append(EMPTY);
        }
    }

    private void array(List<AnyValue> elements, int depth) throws RefusedRecordException {
        out.append('[');
        boolean first = true;
        for (AnyValue element : elements) {
            first = separate(first);
            value(element, depth);
        }
        out.append(']');
    }

    private void kvlist(List<KeyValue> entries, int depth) throws RefusedRecordException {
        if (!isPlainObject(entries)) {
            out.append(KVLIST);
            pairs(entries, depth);
            out.append(']');
            out.append('}');
            return;
        }
        out.append('{');
        boolean first = true;
        for (KeyValue entry : entries) {
            check(entry);
            first = separate(first);
            quoted(entry.getKey());
            out.append(':');
            attributeValue(entry, depth);
        }
        out.append('}');
    }

    private void pairs(List<KeyValue> entries, int depth) throws RefusedRecordException {
        boolean first = true;
        for (KeyValue entry : entries) {
            check(entry);
            first = separate(first);
            out.append('[');
            string(entry.getKey());
            out.append(',');
            attributeValue(entry, depth);
            out.append(']');
        }
    }

    private void escaped(char c) {
        out.append('\\');
        if (c >= ' ') {
            out.append(c);
        } else {
            out.append('u');
            out.append('0');
            out.append('0');
            out.append(HEX[c >> 4]);
            out.append(HEX[c & 15]);
        }
    }

    private void number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value) || (value == 0 && 1 / value < 0)) {
            out.append(DOUBLE);
            out.appendText(String.format("%016x", Double.doubleToRawLongBits(value)));
            out.append(END_OF_TEXT_OBJECT);
            return;
        }
        String text = Double.toString(value);
        if (text.indexOf('E') >= 0) {
            text = new BigDecimal(text).toPlainString();
            if (text.indexOf('.') < 0) {
                text += ".0";
            }
        }
        out.appendText(text);
    }

    private void base64(byte[] opening, byte[] content) {
        out.append(opening);
        out.append(Base64.getEncoder().encode(content));
        out.append(END_OF_TEXT_OBJECT);
    }

    private static boolean isPlainObject(List<KeyValue> entries) {
        Set<String> keys = new HashSet<>();
        for (KeyValue entry : entries) {
            if (isReserved(entry.getKey()) || !keys.add(entry.getKey())) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
