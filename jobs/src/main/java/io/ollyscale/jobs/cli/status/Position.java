package io.ollyscale.jobs.cli.status;

import java.time.Duration;
import java.time.Instant;

/**
 * How far one partition of a topic is stored.
 *
 * @param topicId Kafka's id, as the ledger has it
 * @param nextOffset of the first record that isn't stored
 * @param recordTimestamp Kafka's, of the last stored record; null where it has none
 * @param updatedAgo since the ledger was written, by the database's clock
 */
record Position(
        String clusterId,
        String topicId,
        String topic,
        int partition,
        long nextOffset,
        Instant recordTimestamp,
        Duration updatedAgo) {}
