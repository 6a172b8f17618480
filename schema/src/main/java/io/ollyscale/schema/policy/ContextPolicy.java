package io.ollyscale.schema.policy;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;

/**
 * What happens to the attributes of one context.
 *
 * @param promoted by key
 * @param dropped keys that aren't stored, only counted; disjoint from {@code promoted}
 */
public record ContextPolicy(Map<String, PromotedKey> promoted, Set<String> dropped) implements Serializable {

    public static final ContextPolicy EMPTY = new ContextPolicy(Map.of(), Set.of());

    public ContextPolicy {
        promoted = Map.copyOf(promoted);
        dropped = Set.copyOf(dropped);
    }
}
