package io.ollyscale.jobs.export;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Dimensions of one kind by their ids, of which those that were asked for last are kept. Not for several threads.
 *
 * @param <V> a dimension
 */
abstract class DimensionTable<V> {

    /** Of the kept ones, as messages; objects take several times as much. */
    private static final long MOST_BYTES = 8 << 20;

    /** Of a kept one besides itself. */
    private static final long BYTES_OF_ENTRY = 100;

    private final Map<Long, V> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;

    /** Reads those that are there. */
    abstract Map<Long, V> read(Collection<Long> ids) throws SQLException;

    /** How large one is, roughly. */
    abstract long size(V dimension);

    /** Those of the ids that are there; all at once, however many are kept. */
    final Map<Long, V> get(Collection<Long> ids) throws SQLException {
        Map<Long, V> found = new HashMap<>();
        List<Long> missing = new ArrayList<>();
        for (Long id : new HashSet<>(ids)) {
            V dimension = kept.get(id);
            if (dimension == null) {
                missing.add(id);
            } else {
                found.put(id, dimension);
            }
        }
        read(missing).forEach((id, dimension) -> {
            found.put(id, dimension);
            keep(id, dimension);
        });
        return found;
    }

    private void keep(Long id, V dimension) {
        kept.put(id, dimension);
        keptBytes += BYTES_OF_ENTRY + size(dimension);
        Iterator<V> eldest = kept.values().iterator();
        while (keptBytes > MOST_BYTES) {
            keptBytes -= BYTES_OF_ENTRY + size(eldest.next());
            eldest.remove();
        }
    }
}
