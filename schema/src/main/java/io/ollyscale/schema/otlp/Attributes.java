package io.ollyscale.schema.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.schema.policy.ContextPolicy;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.policy.ValueType;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Divides an attribute list between the three tiers: promoted, dropped, catch-all. What can't be a row of a typed table
 * as it is (another type, over {@value #LONGEST_VALUE} bytes, a U+0000, a key that occurs twice) goes to the catch-all,
 * never coerced.
 */
final class Attributes {

    /** Longest value of a typed table, in bytes: its index's entries end at about 2,700. */
    static final int LONGEST_VALUE = 1024;

    /** Up to this size comparing all pairs is quicker than a set. */
    private static final int FEW = 24;

    private final ContextPolicy policy;
    private final AttributeCounts counts;

    /** Of the keys of the list at hand, so that comparing all pairs compares numbers. */
    private final int[] hashes = new int[FEW];

    Attributes(ContextPolicy policy, AttributeCounts counts) {
        this.policy = policy;
        this.counts = counts;
    }

    /** Writes each attribute where it belongs, then the exact texts of the owner, and ends its catch-all. */
    void write(List<KeyValue> attributes, List<ExactField> exactFields, TypedRows typed, CatchAll other)
            throws RefusedRecordException {
        Map<String, List<KeyValue>> duplicates = duplicates(attributes);
        List<KeyValue> reserved = List.of();
        for (KeyValue attribute : attributes) {
            other.json().check(attribute);
            String key = attribute.getKey();
            if (policy.dropped().contains(key)) {
                counts.dropped++;
                continue;
            }
            List<KeyValue> sameKey = duplicates.get(key);
            if (sameKey != null) {
                counts.duplicated++;
            } else if (promoted(attribute, key, typed)) {
                continue;
            }
            if (ValueJson.isReserved(key)) {
                if (reserved.isEmpty()) {
                    reserved = new ArrayList<>();
                }
                reserved.add(attribute);
            } else if (sameKey == null) {
                other.member(key).attributeValue(attribute);
            } else if (sameKey.get(0) == attribute) {
                list(key, sameKey, other);
            }
        }
        if (!reserved.isEmpty()) {
            ValueJson json = other.member("$keys");
            other.out().append('[');
            json.pairs(reserved);
            other.out().append(']');
        }
        if (!exactFields.isEmpty()) {
            fields(exactFields, other);
        }
        other.end();
    }

    private boolean promoted(KeyValue attribute, String key, TypedRows typed) {
        PromotedKey promoted = policy.promoted().get(key);
        if (promoted == null || !attribute.hasValue()) {
            return false;
        }
        AnyValue value = attribute.getValue();
        if (value.getUnknownFields() != UnknownFieldSet.getDefaultInstance()) {
            return false;
        }
        ValueType type = promoted.type();
        int keyId = promoted.keyId();
        switch (value.getValueCase()) {
            case STRING_VALUE -> {
                String text = value.getStringValue();
                if (type != ValueType.STRING || !isShort(text) || text.indexOf('\0') >= 0) {
                    return false;
                }
                typed.string(keyId, text);
            }
            case INT_VALUE -> {
                if (type != ValueType.INT) {
                    return false;
                }
                typed.integer(keyId, value.getIntValue());
            }
            case DOUBLE_VALUE -> {
                if (type != ValueType.DOUBLE) {
                    return false;
                }
                typed.number(keyId, value.getDoubleValue());
            }
            case BOOL_VALUE -> {
                if (type != ValueType.BOOL) {
                    return false;
                }
                typed.bool(keyId, value.getBoolValue());
            }
            case BYTES_VALUE -> {
                ByteString bytes = value.getBytesValue();
                if (type != ValueType.BYTES || bytes.size() > LONGEST_VALUE) {
                    return false;
                }
                typed.bytes(keyId, bytes);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void list(String key, List<KeyValue> sameKey, CatchAll other) throws RefusedRecordException {
        ValueJson json = other.member(key);
        other.out().appendText("{\"$list\":[");
        boolean first = true;
        for (KeyValue attribute : sameKey) {
            first = json.separate(first);
            json.attributeValue(attribute);
        }
        other.out().appendText("]}");
    }

    private static void fields(List<ExactField> fields, CatchAll other) {
        ValueJson json = other.member("$fields");
        other.out().append('{');
        boolean first = true;
        for (ExactField field : fields) {
            first = json.separate(first);
            json.quoted(field.column());
            other.out().append(':');
            json.string(field.value());
        }
        other.out().append('}');
    }

    /** Whether it may be in an index. */
    static boolean isShort(String text) {
        int length = text.length();
        return length <= LONGEST_VALUE / 3
                || (length <= LONGEST_VALUE && text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_VALUE);
    }

    /** The attributes whose key occurs more than once, by key, in their order. */
    private Map<String, List<KeyValue>> duplicates(List<KeyValue> attributes) {
        if (!hasDuplicates(attributes)) {
            return Map.of();
        }
        Map<String, List<KeyValue>> byKey = new HashMap<>();
        for (KeyValue attribute : attributes) {
            byKey.computeIfAbsent(attribute.getKey(), key -> new ArrayList<>(2)).add(attribute);
        }
        byKey.values().removeIf(sameKey -> sameKey.size() == 1);
        return byKey;
    }

    private boolean hasDuplicates(List<KeyValue> attributes) {
        int size = attributes.size();
        if (size > FEW) {
            Set<String> seen = new HashSet<>();
            for (KeyValue attribute : attributes) {
                if (!seen.add(attribute.getKey())) {
                    return true;
                }
            }
            return false;
        }
        for (int i = 0; i < size; i++) {
            String key = attributes.get(i).getKey();
            int hash = key.hashCode();
            for (int j = 0; j < i; j++) {
                if (hashes[j] == hash && key.equals(attributes.get(j).getKey())) {
                    return true;
                }
            }
            hashes[i] = hash;
        }
        return false;
    }
}
