package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import org.apache.flink.configuration.Configuration;

/**
 * Where records are published.
 *
 * @param topic of all of them; null for each signal's own
 * @param encoding of all of them; null for each signal's own
 * @param options of the job, which say what the signals' own are
 */
record LoadTarget(String topic, RecordEncoding encoding, Configuration options) {

    String topic(Signal signal) {
        return topic != null ? topic : options.get(SignalOptions.of(signal).topic());
    }

    RecordEncoding encoding(Signal signal) {
        return encoding != null
                ? encoding
                : options.get(SignalOptions.of(signal).encoding());
    }
}
