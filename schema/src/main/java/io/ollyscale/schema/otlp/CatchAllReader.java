package io.ollyscale.schema.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a catch-all's JSON back into OTLP: the inverse of {@link ValueJson}. Takes it as it was written and as PostgreSQL
 * prints it from JSONB, with keys in another order. Every method throws IllegalArgumentException for anything else: broken
 * JSON, a key twice, an unknown reserved key.
 */
public final class CatchAllReader {

    /** Of JSON, of which a level of a value takes up to three: several times what the encoder lets pass, and no stack's end. */
    private static final int MAX_NESTING = 2_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Keys are foreign text: not for the JVM's intern table, nor to be remembered.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNestingDepth(MAX_NESTING)
                    .build())
            .build();

    private static final Object NULL = new Object();

    private CatchAllReader() {}

    /** The attributes of a catch-all, or a metric's metadata, in the JSON's order; none for null. */
    public static List<KeyValue> attributes(String json) {
        List<KeyValue> attributes = new ArrayList<>();
        read(json).forEach((key, value) -> {
            if (key.equals("$keys")) {
                pairs(value, attributes);
            } else if (!key.equals("$fields")) {
                addAll(key, value, attributes);
            }
        });
        return attributes;
    }

    /** The exact texts of columns that can't hold them, by column; none for null. */
    public static Map<String, String> exactTexts(String json) {
        Object fields = read(json).get("$fields");
        if (fields == null) {
            return Map.of();
        }
        Map<String, String> texts = new LinkedHashMap<>();
        map(fields).forEach((column, text) -> texts.put((String) column, text(text)));
        return texts;
    }

    /** A value that stands alone, as a log record's body does. */
    public static AnyValue value(String json) {
        return any(parse(json));
    }

    /** A resource's entity_refs; none for null. */
    public static List<EntityRef> entityRefs(String json) {
        List<EntityRef> refs = new ArrayList<>();
        if (json != null) {
            for (Object element : list(parse(json))) {
                Map<?, ?> ref = map(element);
                refs.add(EntityRef.newBuilder()
                        .setSchemaUrl(text(ref.get("schema_url")))
                        .setType(text(ref.get("type")))
                        .addAllIdKeys(texts(ref.get("id_keys")))
                        .addAllDescriptionKeys(texts(ref.get("description_keys")))
                        .build());
            }
        }
        return refs;
    }

    /** A JSON object as Map, List, String, Long, BigDecimal, Boolean, and an object of its own for null; empty for null. */
    static Map<String, Object> read(String json) {
        if (json == null) {
            return Map.of();
        }
        @SuppressWarnings("unchecked") // the parser makes no other maps
        Map<String, Object> object = (Map<String, Object>) map(parse(json));
        return object;
    }

    private static void addAll(String key, Object value, List<KeyValue> attributes) {
        if (value instanceof Map<?, ?> map && map.size() == 1 && map.containsKey("$list")) {
            for (Object element : list(map.get("$list"))) {
                attributes.add(keyValue(key, element));
            }
        } else {
            attributes.add(keyValue(key, value));
        }
    }

    private static void pairs(Object pairs, List<KeyValue> attributes) {
        for (Object element : list(pairs)) {
            List<?> pair = list(element);
            if (pair.size() != 2) {
                throw new IllegalArgumentException("a key and a value are expected, not " + pair.size() + " elements");
            }
            attributes.add(keyValue(text(pair.get(0)), pair.get(1)));
        }
    }

    private static KeyValue keyValue(String key, Object value) {
        KeyValue.Builder attribute = KeyValue.newBuilder().setKey(key);
        return (value == NULL ? attribute : attribute.setValue(any(value))).build();
    }

    private static AnyValue any(Object value) {
        AnyValue.Builder any = AnyValue.newBuilder();
        if (value instanceof String text) {
            any.setStringValue(text);
        } else if (value instanceof Long number) {
            any.setIntValue(number);
        } else if (value instanceof BigDecimal number) {
            any.setDoubleValue(number.doubleValue());
        } else if (value instanceof Boolean bool) {
            any.setBoolValue(bool);
        } else if (value instanceof List<?> elements) {
            ArrayValue.Builder array = any.getArrayValueBuilder();
            for (Object element : elements) {
                array.addValues(any(element));
            }
        } else {
            object(map(value), any);
        }
        return any.build();
    }

    /** A reserved key stands alone; every kvlist with a key that looks like one is written as pairs. */
    private static void object(Map<?, ?> object, AnyValue.Builder any) {
        String first =
                object.isEmpty() ? "" : (String) object.keySet().iterator().next();
        if (first.isEmpty() || first.charAt(0) != '$') {
            KeyValueList.Builder kvlist = any.getKvlistValueBuilder();
            object.forEach((key, value) -> kvlist.addValues(keyValue((String) key, value)));
            return;
        }
        if (object.size() > 1) {
            throw new IllegalArgumentException("a reserved key with another one beside it");
        }
        Object content = object.get(first);
        switch (first) {
            case "$bytes" -> any.setBytesValue(base64(content));
            case "$string" -> any.setStringValue(base64(content).toStringUtf8());
            case "$double" ->
                any.setDoubleValue(Double.longBitsToDouble(Long.parseUnsignedLong(as(String.class, content), 16)));
            case "$empty" -> as(Boolean.class, content);
            case "$kvlist" -> {
                List<KeyValue> entries = new ArrayList<>();
                pairs(content, entries);
                any.setKvlistValue(KeyValueList.newBuilder().addAllValues(entries));
            }
            default -> throw new IllegalArgumentException("an unknown reserved key");
        }
    }

    private static List<String> texts(Object elements) {
        List<String> texts = new ArrayList<>();
        for (Object element : list(elements)) {
            texts.add(text(element));
        }
        return texts;
    }

    /** A string value, whichever its form. */
    private static String text(Object value) {
        AnyValue text = any(value);
        if (!text.hasStringValue()) {
            throw new IllegalArgumentException("a string is expected");
        }
        return text.getStringValue();
    }

    private static ByteString base64(Object text) {
        return ByteString.copyFrom(Base64.getDecoder().decode(as(String.class, text)));
    }

    private static Map<?, ?> map(Object value) {
        return as(Map.class, value);
    }

    private static List<?> list(Object value) {
        return as(List.class, value);
    }

    private static <T> T as(Class<T> type, Object value) {
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(type.getSimpleName() + " is expected");
        }
        return type.cast(value);
    }

    private static Object parse(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("more than one JSON value");
            }
            return value;
        } catch (IOException e) {
            // Of a text in memory: it isn't JSON.
            throw new IllegalArgumentException("broken JSON", e);
        }
    }

    private static Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token == null ? JsonToken.NOT_AVAILABLE : token) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = parser.currentName();
                    parser.nextToken();
                    object.put(key, value(parser));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<Object> array = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser));
                }
                yield array;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> NULL;
            default -> throw new IllegalArgumentException("a JSON value is expected");
        };
    }
}
