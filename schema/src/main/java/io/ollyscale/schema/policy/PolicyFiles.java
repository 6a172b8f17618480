package io.ollyscale.schema.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
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

    /** What a ConfigMap holds. */
    private static final long MOST_BYTES = 1 << 20;

    /** A ConfigMap changes once a minute at most: after a second look it stands still. */
    private static final int LOOKS = 3;

    private PolicyFiles() {}

    /** What both files say at one moment. */
    public record Texts(String promoted, String dropped) {}

    /**
     * @param directory where both files are
     * @throws PolicyException if a file is missing or empty, isn't YAML, or says something that can't be followed
     */
    public static AttributePolicy read(Path directory) throws PolicyException {
        return parse(texts(directory));
    }

    /**
     * Reads both files. Where they are links, as those of a mounted ConfigMap are, both are read from where they point to at one
     * moment, and not one from before and one from after a change.
     *
     * @throws PolicyException if a file is missing or isn't text
     */
    public static Texts texts(Path directory) throws PolicyException {
        PolicyException failure = null;
        for (int i = 0; i < LOOKS; i++) {
            try {
                Path promoted = target(directory.resolve(PROMOTED));
                Path dropped = target(directory.resolve(DROPPED));
                Texts texts = new Texts(text(promoted), text(dropped));
                if (promoted.equals(target(directory.resolve(PROMOTED)))
                        && dropped.equals(target(directory.resolve(DROPPED)))) {
                    return texts;
                }
                failure = new PolicyException("the attribute policy in " + directory + " changes while it is read");
            } catch (PolicyException e) {
                // What a link pointed to is removed once it points elsewhere.
                failure = e;
            }
        }
        throw failure;
    }

    static AttributePolicy parse(String promoted, String dropped) throws PolicyException {
        return parse(new Texts(promoted, dropped));
    }

    /** @throws PolicyException if a text isn't YAML, or says something that can't be followed */
    public static AttributePolicy parse(Texts texts) throws PolicyException {
        Map<AttributeContext, Map<String, PromotedKey>> promoted = promoted(texts.promoted());
        Map<AttributeContext, DroppedKeys> dropped = dropped(texts.dropped(), promoted);
        Map<AttributeContext, ContextPolicy> contexts = new EnumMap<>(AttributeContext.class);
        for (AttributeContext context : AttributeContext.values()) {
            contexts.put(
                    context,
                    new ContextPolicy(
                            promoted.getOrDefault(context, Map.of()),
                            dropped.getOrDefault(context, ContextPolicy.EMPTY.dropped())));
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

    private static Map<AttributeContext, DroppedKeys> dropped(
            String text, Map<AttributeContext, Map<String, PromotedKey>> promoted) throws PolicyException {
        Map<AttributeContext, DroppedKeys> dropped = new EnumMap<>(AttributeContext.class);
        for (Map.Entry<?, ?> section : sections(DROPPED, text).entrySet()) {
            AttributeContext context = context(DROPPED, section.getKey());
            if (!(section.getValue() instanceof List<?> keys)) {
                throw wrong(DROPPED, section.getKey(), "must be a list of keys");
            }
            Set<String> entries = new HashSet<>();
            for (Object entry : keys) {
                String name = key(DROPPED, section.getKey(), entry);
                int wildcard = name.indexOf('*');
                if (wildcard >= 0 && wildcard < name.length() - 1) {
                    throw wrong(DROPPED, section.getKey(), "has a * in " + name + " that isn't at its end");
                }
                if (!entries.add(name)) {
                    throw wrong(DROPPED, section.getKey(), "lists " + name + " twice");
                }
                DroppedKeys alone = DroppedKeys.of(List.of(name));
                for (String key : promoted.getOrDefault(context, Map.of()).keySet()) {
                    if (alone.contains(key)) {
                        String by = key.equals(name) ? "" : " by " + name;
                        throw wrong(
                                DROPPED, section.getKey(), "drops " + key + by + ", which " + PROMOTED + " promotes");
                    }
                }
            }
            dropped.put(context, DroppedKeys.of(entries));
        }
        return dropped;
    }

    private static Path target(Path file) throws PolicyException {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static String text(Path file) throws PolicyException {
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                throw new PolicyException("the attribute policy " + file + " has " + size + " bytes; at most "
                        + MOST_BYTES + " are read");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static PolicyException unreadable(Path file, IOException e) {
        return new PolicyException("cannot read the attribute policy " + file + ": " + e, e);
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
        } catch (StackOverflowError e) {
            throw new PolicyException(file + ": not valid YAML: nested too deeply");
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
        throw new PolicyException(file + ": unknown context " + shown(name));
    }

    private static PromotedKey promotedKey(Object section, Object name, Object value) throws PolicyException {
        String key = key(PROMOTED, section, name);
        if (key.startsWith("$")) {
            throw wrong(PROMOTED, section, key + " can't be promoted: such keys are reserved in the catch-all");
        }
        Object type = value;
        boolean indexed = true;
        if (value instanceof Map<?, ?> settings) {
            for (Object setting : settings.keySet()) {
                if (!"type".equals(setting) && !"indexed".equals(setting)) {
                    throw wrong(PROMOTED, section, key + " has an unknown setting " + shown(setting));
                }
            }
            type = settings.get("type");
            Object wanted = settings.containsKey("indexed") ? settings.get("indexed") : Boolean.TRUE;
            if (!(wanted instanceof Boolean yes)) {
                throw wrong(PROMOTED, section, key + ": indexed must be true or false");
            }
            indexed = yes;
        }
        ValueType known = ValueType.ofSqlName(type);
        if (known == null) {
            throw wrong(PROMOTED, section, key + " has the unknown type " + shown(type));
        }
        return new PromotedKey(key, known, indexed, 0);
    }

    private static String key(String file, Object section, Object name) throws PolicyException {
        if (!(name instanceof String key) || key.isEmpty() || key.length() > LONGEST_KEY || key.indexOf('\0') >= 0) {
            throw wrong(
                    file, section, "has a key that isn't a text of 1 to " + LONGEST_KEY + " characters without U+0000");
        }
        return key;
    }

    private static PolicyException wrong(String file, Object section, String what) {
        return new PolicyException(file + ": " + shown(section) + " " + what);
    }

    /** Lists and maps not: YAML may refer to them from within, or from so many places that no memory holds their text. */
    private static String shown(Object value) {
        if (value instanceof Collection<?> || value instanceof Map<?, ?>) {
            return "(a list or map)";
        }
        String text = String.valueOf(value);
        return text.length() <= LONGEST_KEY ? text : text.substring(0, LONGEST_KEY) + "…";
    }
}
