package io.ollyscale.schema.otlp;

import io.ollyscale.schema.copy.JsonText;
import io.ollyscale.schema.copy.MemoryBudget;
import io.opentelemetry.proto.common.v1.EntityRef;
import java.util.ArrayList;
import java.util.List;

/** A dimension's columns as a JSON object, and the texts that a column can't hold. Columns that are null are left out. */
final class DimensionColumns {
    private final JsonText text;
    private final ValueJson json;
    private final List<ExactField> exactFields = new ArrayList<>();
    private boolean first = true;

    DimensionColumns(MemoryBudget budget, DecodingLimits limits, UnknownFields unknown) {
        text = new JsonText(budget);
        json = new ValueJson(text, limits, unknown);
        text.append('{');
    }

    List<ExactField> exactFields() {
        return exactFields;
    }

    DimensionColumns flag(String column, boolean value) {
        name(column);
        text.appendText(Boolean.toString(value));
        return this;
    }

    DimensionColumns number(String column, long value) {
        name(column);
        text.appendText(Long.toString(value));
        return this;
    }

    DimensionColumns text(String column, String valueOrNull) {
        if (valueOrNull == null) {
            return this;
        }
        if (valueOrNull.indexOf('\0') >= 0) {
            exactFields.add(new ExactField(column, valueOrNull));
        }
        name(column);
        json.quoted(valueOrNull.replace('\0', '\u2400'));
        return this;
    }

    /** @param jsonOrNull written as it is */
    DimensionColumns json(String column, String jsonOrNull) {
        if (jsonOrNull != null) {
            name(column);
            text.appendText(jsonOrNull);
        }
        return this;
    }

    DimensionColumns entityRefs(List<EntityRef> refs) {
        if (refs.isEmpty()) {
            return this;
        }
        name("entity_refs");
        text.append('[');
        boolean firstRef = true;
        for (EntityRef ref : refs) {
            firstRef = json.separate(firstRef);
            text.appendText("{\"schema_url\":");
            json.string(ref.getSchemaUrl());
            text.appendText(",\"type\":");
            json.string(ref.getType());
            text.appendText(",\"id_keys\":");
            strings(ref.getIdKeysList());
            text.appendText(",\"description_keys\":");
            strings(ref.getDescriptionKeysList());
            text.append('}');
        }
        text.append(']');
        return this;
    }

    /** Ends the object and returns it. */
    String end() {
        text.append('}');
        return text.toString();
    }

    private void strings(List<String> values) {
        text.append('[');
        boolean firstValue = true;
        for (String value : values) {
            firstValue = json.separate(firstValue);
            json.string(value);
        }
        text.append(']');
    }

    private void name(String column) {
        first = json.separate(first);
        json.quoted(column);
        text.append(':');
    }
}
