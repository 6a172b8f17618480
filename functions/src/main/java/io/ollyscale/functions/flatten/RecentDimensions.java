package io.ollyscale.functions.flatten;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The dimensions that a subtask has reported lately, so that it doesn't report them with each record. Lost at a restart,
 * as are reports that were under way. Not thread-safe.
 */
final class RecentDimensions {
    private final long intervalMillis;

    /** When each was reported, by hash, in milliseconds since 1970. What was asked for last is kept longest. */
    private final Map<String, Long> reported;

    /**
     * @param interval after which a dimension is reported again
     * @param maxEntries how many are remembered; about 200 bytes each
     */
    RecentDimensions(Duration interval, int maxEntries) {
        intervalMillis = interval.toMillis();
        reported = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                return size() > maxEntries;
            }
        };
    }

    boolean contains(String hash, long now) {
        Long at = reported.get(hash);
        // Not of the future: the clock may have been set back.
        return at != null && at <= now && now - at < intervalMillis;
    }

    void add(String hash, long now) {
        reported.put(hash, now);
    }
}
