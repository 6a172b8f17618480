package io.ollyscale.functions.source;

import java.util.List;

/**
 * A Kafka record as it came, undecoded.
 *
 * @param leaderEpoch of the batch that it came in; -1 where the broker doesn't say
 * @param timestamp milliseconds since 1970 by the record's own clock; -1 if it has none
 * @param key null if there is none
 * @param value null for a tombstone
 */
public record RawRecord(
        String topic,
        int partition,
        long offset,
        int leaderEpoch,
        long timestamp,
        byte[] key,
        byte[] value,
        List<RawHeader> headers) {}
