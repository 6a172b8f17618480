package io.ollyscale.schema.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a catch-all's JSON back into OTLP, which proves that every value has a form of its own. Strict: no key twice. */
public final class CatchAllReader {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final Object NULL = new Object();

    private CatchAllReader() {}

    /** The attributes of a catch-all, in its order; none for null. */
    public static List<KeyValue> attributes(String json) {
        List<KeyValue> attributes = new ArrayList<>();
        read(json).forEach((key, value) -> {
            if (key.equals("$keys")) {
                ((List<?>) value).forEach(pair -> attributes.add(keyValue(pair)));
            } else if (value instanceof Map<?, ?> map && map.get("$list") instanceof List<?> list) {
                list.forEach(element -> attributes.add(keyValue(key, element)));
            } else if (!key.equals("$fields")) {
                attributes.add(keyValue(key, value));
            }
        });
        return attributes;
    }

    /** The exact texts of columns that can't hold them, by column. */
    public static Map<String, String> exactTexts(String json) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (read(json).get("$fields") instanceof Map<?, ?> fields) {
            fields.forEach(
                    (column, text) -> texts.put((String) column, any(text).getStringValue()));
        }
        return texts;
    }

    /** A JSON object as Map, List, String, Long, BigDecimal, Boolean, and an object of its own for null. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> read(String json) {
        if (json == null) {
            return Map.of();
        }
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new AssertionError("more than one document: " + json);
            }
            return (Map<String, Object>) value;
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }

    private static KeyValue keyValue(Object pair) {
        List<?> parts = (List<?>) pair;
        return keyValue(any(parts.get(0)).getStringValue(), parts.get(1));
    }

    private static KeyValue keyValue(String key, Object value) {
        return value == NULL ? OtlpValues.withoutValue(key) : OtlpValues.attribute(key, any(value));
    }

    private static AnyValue any(Object value) {
        if (value instanceof BigDecimal number) {
            return OtlpValues.value(number.doubleValue());
        }
        if (value instanceof List<?> elements) {
            return OtlpValues.value(elements.stream().map(CatchAllReader::any).toList());
        }
        return value instanceof Map<?, ?> object ? object(object) : OtlpValues.value(value);
    }

    private static AnyValue object(Map<?, ?> object) {
        Map.Entry<?, ?> first = object.isEmpty()
                ? Map.entry("", "")
                : object.entrySet().iterator().next();
        String reserved = object.size() == 1 ? (String) first.getKey() : "";
        return switch (reserved) {
            case "$bytes" -> OtlpValues.value(base64(first.getValue()));
            case "$string" -> OtlpValues.value(new String(base64(first.getValue()), StandardCharsets.UTF_8));
            case "$double" ->
                AnyValue.newBuilder()
                        .setDoubleValue(Double.longBitsToDouble(Long.parseUnsignedLong((String) first.getValue(), 16)))
                        .build();
            case "$empty" -> OtlpValues.EMPTY;
            case "$kvlist" ->
                OtlpValues.kvlist(((List<?>) first.getValue())
                        .stream().map(CatchAllReader::keyValue).toArray(KeyValue[]::new));
            default ->
                OtlpValues.kvlist(object.entrySet().stream()
                        .map(entry -> keyValue((String) entry.getKey(), entry.getValue()))
                        .toArray(KeyValue[]::new));
        };
    }

    private static byte[] base64(Object text) {
        return Base64.getDecoder().decode((String) text);
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
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
            default -> throw new AssertionError("unexpected " + parser.currentToken());
        };
    }
}
