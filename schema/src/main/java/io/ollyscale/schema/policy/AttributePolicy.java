package io.ollyscale.schema.policy;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * Which attributes are promoted to typed tables and which are dropped, by context. Everything else goes to the catch-all.
 * Immutable.
 */
public final class AttributePolicy implements Serializable {
    private static final long serialVersionUID = 1;

    private final EnumMap<AttributeContext, ContextPolicy> contexts;
    private final long version;

    public AttributePolicy(Map<AttributeContext, ContextPolicy> contexts) {
        this(contexts, 0);
    }

    AttributePolicy(Map<AttributeContext, ContextPolicy> contexts, long version) {
        this.version = version;
        this.contexts = new EnumMap<>(AttributeContext.class);
        for (AttributeContext context : AttributeContext.values()) {
            this.contexts.put(context, contexts.getOrDefault(context, ContextPolicy.EMPTY));
        }
    }

    /** Of {@code attribute_policy}: ascends with each change. 0 before the database has given it one. */
    public long version() {
        return version;
    }

    public ContextPolicy of(AttributeContext context) {
        return contexts.get(context);
    }

    /**
     * Each (key, type) that is promoted in any context, once, in a stable order. A key is indexed unless a context says
     * that it isn't: the registry has one row for it, whatever it describes.
     */
    public List<PromotedKey> promotedKeys() {
        TreeMap<String, PromotedKey> keys = new TreeMap<>();
        for (ContextPolicy context : contexts.values()) {
            for (PromotedKey key : context.promoted().values()) {
                keys.merge(
                        key.key() + '\0' + key.type(),
                        key,
                        (a, b) -> new PromotedKey(a.key(), a.type(), a.indexed() && b.indexed(), a.keyId()));
            }
        }
        return new ArrayList<>(keys.values());
    }

    /** This policy with the version and the ids of keys that the database gave it. */
    public AttributePolicy registered(long asVersion, ToIntFunction<PromotedKey> keyId) {
        Map<AttributeContext, ContextPolicy> registered = new EnumMap<>(AttributeContext.class);
        contexts.forEach((context, policy) -> {
            Map<String, PromotedKey> promoted = new HashMap<>();
            policy.promoted().forEach((name, key) -> promoted.put(name, key.withKeyId(keyId.applyAsInt(key))));
            registered.put(context, new ContextPolicy(promoted, policy.dropped()));
        });
        return new AttributePolicy(registered, asVersion);
    }

    /**
     * The policy as JSON, for {@code attribute_policy}: by context {@code promoted} (key to type and indexed) and {@code
     * dropped} (keys, and beginnings with {@code *}), sorted, so that equal policies have equal texts.
     */
    public String toJson() {
        return PolicyJson.content(this);
    }

    /** As {@link #toJson}, with the version and the ids of keys: for {@link #ofRegisteredJson}. */
    public String toRegisteredJson() {
        return PolicyJson.registered(this);
    }

    /** @throws IllegalArgumentException if the text isn't of {@link #toRegisteredJson} */
    public static AttributePolicy ofRegisteredJson(String registered) {
        return PolicyJson.read(registered);
    }
}
