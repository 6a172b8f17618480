package io.ollyscale.jobs.cli.doctor;

import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;

/**
 * The topic that a signal is read from.
 *
 * @param encoding that its records should have
 * @param subtasks that read it
 */
public record SignalTopic(Signal signal, String name, RecordEncoding encoding, int subtasks) {}
