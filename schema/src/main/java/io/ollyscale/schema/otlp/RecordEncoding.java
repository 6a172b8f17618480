package io.ollyscale.schema.otlp;

import java.util.Locale;

/** How the records of a topic are encoded, by the names that the Collector's Kafka exporter has for it. */
public enum RecordEncoding {
    /** Protobuf. */
    OTLP_PROTO,
    /** OTLP/JSON, one document a record. */
    OTLP_JSON;

    /** As the options write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
