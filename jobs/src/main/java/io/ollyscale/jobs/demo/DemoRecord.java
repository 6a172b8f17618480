package io.ollyscale.jobs.demo;

import io.ollyscale.schema.otlp.Signal;

/**
 * A record for Kafka.
 *
 * @param message a {@code …Data} message of the signal, as {@code otlp_proto}
 * @param units how many spans, log records or data points it has; at least one
 * @param dueNanos when it is to be sent, in Unix nanoseconds; no span of it ends later, and nothing of it was logged or
 *     measured later
 */
public record DemoRecord(Signal signal, byte[] message, int units, long dueNanos) {}
