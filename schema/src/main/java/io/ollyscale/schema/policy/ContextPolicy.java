package io.ollyscale.schema.policy;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;

/**
 * What happens to the attributes of one context.
 *
 * @param promoted by key
 * @param dropped what isn't stored, only counted; no promoted key is among it
 */
public record ContextPolicy(Map<String, PromotedKey> promoted, DroppedKeys dropped) implements Serializable {

    public static final ContextPolicy EMPTY = new ContextPolicy(Map.of(), DroppedKeys.of(Set.of()));

    public ContextPolicy {
        promoted = Map.copyOf(promoted);
    }
}
