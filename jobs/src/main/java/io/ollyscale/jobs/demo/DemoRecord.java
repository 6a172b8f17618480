package io.ollyscale.jobs.demo;

/**
 * A record for Kafka.
 *
 * @param traces a {@code TracesData} message, as {@code otlp_proto}
 * @param spans how many it has
 * @param dueNanos when it is to be sent, in Unix nanoseconds; no span of it ends later
 */
public record DemoRecord(byte[] traces, int spans, long dueNanos) {}
