package io.ollyscale.schema.policy;

import java.io.Serializable;

/**
 * An attribute that has rows in a typed table.
 *
 * @param type the type that a value must have; others go to the catch-all
 * @param indexed whether (key, value) is in the table's value index
 * @param keyId {@code attribute_keys.key_id}; 0 until the policy is registered
 */
public record PromotedKey(String key, ValueType type, boolean indexed, int keyId) implements Serializable {

    PromotedKey withKeyId(int id) {
        return new PromotedKey(key, type, indexed, id);
    }
}
