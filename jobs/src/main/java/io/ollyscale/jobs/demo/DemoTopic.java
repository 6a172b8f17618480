package io.ollyscale.jobs.demo;

import io.ollyscale.schema.otlp.RecordEncoding;

/**
 * Where a signal's records are published.
 *
 * @param encoding of the topic's records
 */
public record DemoTopic(String name, RecordEncoding encoding) {}
