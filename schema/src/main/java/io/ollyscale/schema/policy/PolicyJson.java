package io.ollyscale.schema.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Policies as JSON: by context {@code promoted} (key to type and indexed) and {@code dropped} (entries), sorted, so that equal
 * policies have equal texts. Of a registered one also {@code version}, and of each promoted key its {@code id}.
 */
final class PolicyJson {
    private static final JsonFactory JSON = new JsonFactory();

    private static final String VERSION = "version";
    private static final String PROMOTED = "promoted";
    private static final String DROPPED = "dropped";
    private static final String TYPE = "type";
    private static final String INDEXED = "indexed";
    private static final String ID = "id";

    private PolicyJson() {}

    static String content(AttributePolicy policy) {
        return write(policy, false);
    }

    static String registered(AttributePolicy policy) {
        return write(policy, true);
    }

    private static String write(AttributePolicy policy, boolean registered) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            if (registered) {
                json.writeNumberField(VERSION, policy.version());
            }
            for (AttributeContext context : AttributeContext.values()) {
                json.writeObjectFieldStart(context.sectionName());
                write(policy.of(context), registered, json);
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(ContextPolicy policy, boolean registered, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart(PROMOTED);
        for (PromotedKey key : new TreeMap<>(policy.promoted()).values()) {
            json.writeObjectFieldStart(key.key());
            json.writeStringField(TYPE, key.type().sqlName());
            json.writeBooleanField(INDEXED, key.indexed());
            if (registered) {
                json.writeNumberField(ID, key.keyId());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeArrayFieldStart(DROPPED);
        for (String entry : policy.dropped().entries()) {
            json.writeString(entry);
        }
        json.writeEndArray();
    }

    /** @throws IllegalArgumentException if it isn't what {@link #registered} writes */
    static AttributePolicy read(String registered) {
        Map<AttributeContext, ContextPolicy> contexts = new EnumMap<>(AttributeContext.class);
        long version = 0;
        try (JsonParser json = JSON.createParser(registered)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not an object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (VERSION.equals(name)) {
                    version = json.getLongValue();
                } else {
                    contexts.put(AttributeContext.valueOf(name.toUpperCase(Locale.ROOT)), context(json));
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("not a registered policy: " + e.getMessage(), e);
        }
        return new AttributePolicy(contexts, version);
    }

    private static ContextPolicy context(JsonParser json) throws IOException {
        Map<String, PromotedKey> promoted = new HashMap<>();
        List<String> dropped = new ArrayList<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (PROMOTED.equals(name)) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String key = json.currentName();
                    json.nextToken();
                    promoted.put(key, key(key, json));
                }
            } else {
                while (json.nextToken() == JsonToken.VALUE_STRING) {
                    dropped.add(json.getText());
                }
            }
        }
        return new ContextPolicy(promoted, DroppedKeys.of(dropped));
    }

    private static PromotedKey key(String key, JsonParser json) throws IOException {
        ValueType type = null;
        boolean indexed = true;
        int id = 0;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case TYPE -> type = ValueType.ofSqlName(json.getText());
                case INDEXED -> indexed = json.getBooleanValue();
                case ID -> id = json.getIntValue();
                default -> throw new IOException("unknown field " + name);
            }
        }
        if (type == null) {
            throw new IOException(key + " has no known type");
        }
        return new PromotedKey(key, type, indexed, id);
    }
}
