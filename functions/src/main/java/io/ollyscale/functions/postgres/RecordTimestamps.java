package io.ollyscale.functions.postgres;

import java.sql.Timestamp;

/** Kafka's timestamps in PostgreSQL. Producers set them, to anything. */
public final class RecordTimestamps {

    /** The last millisecond of the year 294276, where PostgreSQL's calendar ends. */
    private static final long LAST_MILLIS = 9_224_318_015_999_999L;

    private RecordTimestamps() {}

    /**
     * @param millis since 1970; negative where the record has none
     * @return null where there is none, or one that PostgreSQL can't hold: no reason to refuse the record
     */
    public static Timestamp of(long millis) {
        return millis < 0 || millis > LAST_MILLIS ? null : new Timestamp(millis);
    }
}
