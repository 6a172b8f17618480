package io.ollyscale.schema.rollup;

import java.util.Arrays;

/** A set of ids, mostly of one or a few. Not thread-safe. */
final class DistinctIds {
    private long[] ids = new long[2];
    private int count;

    void add(long id) {
        if (count > 0 && ids[count - 1] == id) {
            return;
        }
        if (count == ids.length) {
            removeDuplicates();
            if (count > ids.length / 2) {
                ids = Arrays.copyOf(ids, ids.length * 2);
            }
        }
        ids[count++] = id;
    }

    /** Ascending. */
    long[] sorted() {
        removeDuplicates();
        return Arrays.copyOf(ids, count);
    }

    private void removeDuplicates() {
        Arrays.sort(ids, 0, count);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (distinct == 0 || ids[distinct - 1] != ids[i]) {
                ids[distinct++] = ids[i];
            }
        }
        count = distinct;
    }
}
