package io.ollyscale.schema.otlp;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;

/** Refuses values that can't be stored, and counts what is newer than this release. */
final class ValueCheck {
    private final DecodingLimits limits;
    private final UnknownFields unknown;

    ValueCheck(DecodingLimits limits, UnknownFields unknown) {
        this.limits = limits;
        this.unknown = unknown;
    }

    /** Attributes that aren't written, with all that lies in them. */
    void attributes(List<KeyValue> attributes) throws RefusedRecordException {
        attributes(attributes, 0);
    }

    /** A key alone. */
    void key(KeyValue entry) throws RefusedRecordException {
        unknown.check(entry);
        if (entry.getKeyStrindex() != 0) {
            throw dictionaryReference("key_strindex");
        }
    }

    /**
     * A value without what lies in it.
     *
     * @param depth how many values it lies in
     */
    void value(AnyValue value, int depth) throws RefusedRecordException {
        if (depth > limits.nesting()) {
            throw new RefusedRecordException(
                    RefusalReason.NESTED_TOO_DEEPLY, "a value has more than " + limits.nesting() + " levels");
        }
        unknown.check(value);
        switch (value.getValueCase()) {
            case ARRAY_VALUE -> unknown.check(value.getArrayValue());
            case KVLIST_VALUE -> unknown.check(value.getKvlistValue());
            case STRING_VALUE_STRINDEX -> throw dictionaryReference("string_value_strindex");
            default -> {}
        }
    }

    private void attributes(List<KeyValue> attributes, int depth) throws RefusedRecordException {
        for (KeyValue attribute : attributes) {
            key(attribute);
            if (attribute.hasValue()) {
                allOf(attribute.getValue(), depth);
            }
        }
    }

    private void allOf(AnyValue value, int depth) throws RefusedRecordException {
        value(value, depth);
        if (value.hasArrayValue()) {
            for (AnyValue element : value.getArrayValue().getValuesList()) {
                allOf(element, depth + 1);
            }
        } else if (value.hasKvlistValue()) {
            attributes(value.getKvlistValue().getValuesList(), depth + 1);
        }
    }

    private static RefusedRecordException dictionaryReference(String field) {
        return new RefusedRecordException(
                RefusalReason.DICTIONARY_REFERENCE, field + " refers to a dictionary, which only profiles have");
    }
}
