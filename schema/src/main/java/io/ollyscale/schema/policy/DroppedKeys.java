package io.ollyscale.schema.policy;

import java.io.Serializable;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Keys, and beginnings of keys, whose attributes aren't stored. Immutable. */
public final class DroppedKeys implements Serializable {
    private static final long serialVersionUID = 1;

    /** At the end of an entry: all keys that begin with what is before it. */
    private static final String WILDCARD = "*";

    private final Set<String> keys;

    /** Without their wildcards. */
    private final List<String> beginnings;

    private DroppedKeys(Set<String> keys, List<String> beginnings) {
        this.keys = keys;
        this.beginnings = beginnings;
    }

    /** @param entries a key each, or a beginning and {@code *}, such as {@code internal.*} */
    public static DroppedKeys of(Collection<String> entries) {
        Set<String> keys = new HashSet<>();
        TreeSet<String> beginnings = new TreeSet<>();
        for (String entry : entries) {
            if (entry.endsWith(WILDCARD)) {
                beginnings.add(entry.substring(0, entry.length() - WILDCARD.length()));
            } else {
                keys.add(entry);
            }
        }
        return new DroppedKeys(Set.copyOf(keys), List.copyOf(beginnings));
    }

    public boolean contains(String key) {
        // For each attribute of each record. Beginnings are few: a list of them is quicker than anything that is
        // sorted.
        if (keys.contains(key)) {
            return true;
        }
        for (int i = 0; i < beginnings.size(); i++) {
            if (key.startsWith(beginnings.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** As they were given, sorted. */
    public List<String> entries() {
        TreeSet<String> entries = new TreeSet<>(keys);
        beginnings.forEach(beginning -> entries.add(beginning + WILDCARD));
        return List.copyOf(entries);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DroppedKeys that && keys.equals(that.keys) && beginnings.equals(that.beginnings);
    }

    @Override
    public int hashCode() {
        return 31 * keys.hashCode() + beginnings.hashCode();
    }

    @Override
    public String toString() {
        return entries().toString();
    }
}
