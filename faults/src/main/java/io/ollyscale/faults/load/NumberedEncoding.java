package io.ollyscale.faults.load;

import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;

/** How the topics' records are encoded: one topic is of JSON, so that there is a chain of either encoding. */
public final class NumberedEncoding {
    private NumberedEncoding() {}

    public static RecordEncoding of(Signal signal) {
        return signal == Signal.LOGS ? RecordEncoding.OTLP_JSON : RecordEncoding.OTLP_PROTO;
    }
}
