package io.ollyscale.faults.load;

/** A record that Kafka acknowledged. */
record SentRecord(NumberedMessage message, int partition, long offset) {}
