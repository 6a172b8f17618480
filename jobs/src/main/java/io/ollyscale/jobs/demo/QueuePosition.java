package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;

/** Where a message is in the topic of orders. */
record QueuePosition(KeyValue partition, KeyValue offset) {
    private static final int PARTITIONS = 6;
    private static final long FIRST_OFFSET = 1_048_576;

    /** @param story number of the story that sends it */
    static QueuePosition of(long story) {
        return new QueuePosition(
                Attribute.text("messaging.destination.partition.id", Long.toString(story % PARTITIONS)),
                Attribute.integer("messaging.kafka.offset", FIRST_OFFSET + story / PARTITIONS));
    }
}
