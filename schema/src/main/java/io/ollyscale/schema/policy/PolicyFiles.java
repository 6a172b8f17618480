package io.ollyscale.schema.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The attribute policy's two files, {@code promoted-keys.yaml} and {@code dropped-keys.yaml}, as they stand in a directory
 * or a mounted ConfigMap. Validated as a whole: a policy is used entirely or not at all.
 */
public final class PolicyFiles {
    public static final String PROMOTED = "promoted-keys.yaml";
    public static final String DROPPED = "dropped-keys.yaml";

    /** Longer keys would not fit the unique index of {@code attribute_keys}. */
    private static final int LONGEST_KEY = 512;

    private PolicyFiles() {}

    /**
     * @param directory where both files are
     * @throws PolicyException if a file is missing or empty, isn't YAML, or says something that can't be followed
     */
    public static AttributePolicy read(Path directory) throws PolicyException {
        return parse(text(directory.resolve(PROMOTED)), text(directory.resolve(DROPPED)));
    }

    static AttributePolicy parse(String promotedText, String droppedText) throws PolicyException {
        Map<AttributeContext, Map<String, PromotedKey>> promoted = promoted(promotedText);
        Map<AttributeContext, Set<String>> dropped = dropped(droppedText, promoted);
        Map<AttributeContext, ContextPolicy> contexts = new EnumMap<>(AttributeContext.class);
        for (AttributeContext context : AttributeContext.values()) {
            contexts.put(
                    context,
                    new ContextPolicy(
                            promoted.getOrDefault(context, Map.of()), dropped.getOrDefault(context, Set.of())));
        }
        return new AttributePolicy(contexts);
    }

    private static Map<AttributeContext, Map<String, PromotedKey>> promoted(String text) throws PolicyException {
        Map<AttributeContext, Map<String, PromotedKey>> promoted = new EnumMap<>(AttributeContext.class);
        for (Map.Entry<?, ?> section : sections(PROMOTED, text).entrySet()) {
            if (!(section.getValue() instanceof Map<?, ?> keys)) {
                throw wrong(PROMOTED, section.getKey(), "must map keys to types");
            }
            Map<String, PromotedKey> byKey = new HashMap<>();
            for (Map.Entry<?, ?> entry : keys.entrySet()) {
                PromotedKey key = promotedKey(section.getKey(), entry.getKey(), entry.getValue());
                byKey.put(key.key(), key);
            }
            promoted.put(context(PROMOTED, section.getKey()), byKey);
        }
        return promoted;
    }

    private static Map<AttributeContext, Set<String>> dropped(
            String text, Map<AttributeContext, Map<String, PromotedKey>> promoted) throws PolicyException {
        Map<AttributeContext, Set<String>> dropped = new EnumMap<>(AttributeContext.class);
        for (Map.Entry<?, ?> section : sections(DROPPED, text).entrySet()) {
            AttributeContext context = context(DROPPED, section.getKey());
            if (!(section.getValue() instanceof List<?> keys)) {
                throw wrong(DROPPED, section.getKey(), "must be a list of keys");
            }
            Set<String> names = new HashSet<>();
            for (Object entry : keys) {
                String name = key(DROPPED, section.getKey(), entry);
                if (!names.add(name)) {
                    throw wrong(DROPPED, section.getKey(), "lists " + name + " twice");
                }
                if (promoted.getOrDefault(context, Map.of()).containsKey(name)) {
                    throw wrong(DROPPED, section.getKey(), "drops " + name + ", which " + PROMOTED + " promotes");
                }
            }
            dropped.put(context, names);
        }
        return dropped;
    }

    private static String text(Path file) throws PolicyException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new PolicyException("cannot read the attribute policy " + file + ": " + e, e);
        }
    }

    private static Map<?, ?> sections(String file, String text) throws PolicyException {
        Object document;
        try {
            document = new Load(LoadSettings.builder()
                            .setLabel(file)
                            .setAllowDuplicateKeys(false)
                            .build())
                    .loadFromString(text);
        } catch (YamlEngineException e) {
            throw new PolicyException(file + ": not valid YAML: " + e.getMessage(), e);
        }
        if (!(document instanceof Map<?, ?> sections)) {
            throw new PolicyException(file + ": must have a section for at least one context");
        }
        return sections;
    }

    private static AttributeContext context(String file, Object name) throws PolicyException {
        for (AttributeContext context : AttributeContext.values()) {
            if (context.sectionName().equals(name)) {
                return context;
            }
        }
        throw new PolicyException(file + ": unknown context " + name);
    }

    private static PromotedKey promotedKey(Object section, Object name, Object value) throws PolicyException {
        String key = key(PROMOTED, section, name);
        Object type = value;
        boolean indexed = true;
        if (value instanceof Map<?, ?> settings) {
            for (Object setting : settings.keySet()) {
                if (!"type".equals(setting) && !"indexed".equals(setting)) {
                    throw wrong(PROMOTED, section, key + " has an unknown setting " + setting);
                }
            }
            type = settings.get("type");
            Object wanted = settings.containsKey("indexed") ? settings.get("indexed") : Boolean.TRUE;
            if (!(wanted instanceof Boolean yes)) {
                throw wrong(PROMOTED, section, key + ": indexed must be true or false");
            }
            indexed = yes;
        }
        for (ValueType candidate : ValueType.values()) {
            if (candidate.sqlName().equals(type)) {
                return new PromotedKey(key, candidate, indexed, 0);
            }
        }
        throw wrong(PROMOTED, section, key + " has the unknown type " + type);
    }

    private static String key(String file, Object section, Object name) throws PolicyException {
        if (!(name instanceof String key) || key.isEmpty() || key.length() > LONGEST_KEY || key.indexOf('\0') >= 0) {
            throw wrong(
                    file, section, "has a key that isn't a text of 1 to " + LONGEST_KEY + " characters without U+0000");
        }
        return key;
    }

    private static PolicyException wrong(String file, Object section, String what) {
        return new PolicyException(file + ": " + section + " " + what);
    }
}
