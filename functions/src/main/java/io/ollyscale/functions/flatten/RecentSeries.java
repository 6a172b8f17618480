package io.ollyscale.functions.flatten;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The series that a subtask has reported lately, as {@link RecentDimensions} has what is fewer. Not thread-safe.
 *
 * <p>Who is in stays in until its interval is over. Series come in turns, as they are scraped: of more than it can hold, a
 * cache that gives the longest unused away would hold none when it comes round.
 */
final class RecentSeries {
    private final long intervalMillis;
    private final int maxEntries;

    /** When each was reported, by hash, in milliseconds since 1970; the oldest first. */
    private final Map<String, Long> reported = new LinkedHashMap<>();

    /**
     * @param interval after which a series is reported again
     * @param maxEntries how many are remembered; about 200 bytes each
     */
    RecentSeries(Duration interval, int maxEntries) {
        intervalMillis = interval.toMillis();
        this.maxEntries = maxEntries;
    }

    boolean contains(String hash, long now) {
        Long at = reported.get(hash);
        return at != null && counts(at, now);
    }

    /** Remembers it, if there is room. */
    void add(String hash, long now) {
        reported.remove(hash);
        if (reported.size() >= maxEntries && !forgetOldest(now)) {
            return;
        }
        reported.put(hash, now);
    }

    private boolean forgetOldest(long now) {
        Iterator<Long> oldest = reported.values().iterator();
        if (!oldest.hasNext() || counts(oldest.next(), now)) {
            return false;
        }
        oldest.remove();
        return true;
    }

    /** Not of the future: the clock may have been set back. */
    private boolean counts(long at, long now) {
        return at <= now && now - at < intervalMillis;
    }
}
