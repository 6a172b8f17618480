package io.ollyscale.functions.source;

/**
 * A header of a Kafka record.
 *
 * @param value null is legal in Kafka
 */
public record RawHeader(String key, byte[] value) {}
