package io.ollyscale.functions.dimensions;

import io.ollyscale.schema.otlp.Dimension;
import io.ollyscale.schema.otlp.DimensionKind;

/**
 * That a record refers to a dimension. Has the whole of it, so that writing it never depends on what is stored.
 *
 * @param key what the registry keeps it under: an operation's service, so that a service's operations can be counted, and
 *     otherwise its own id
 * @param policyVersion of the attribute policy that it is described by; 0 for what has no attributes
 * @param seen time of the record in milliseconds since 1970, by Kafka's timestamp
 */
public record Sighting(long key, long policyVersion, long seen, Dimension dimension) {

    /** Latest record timestamp that counts: clocks of producers run ahead. */
    private static final long CLOCK_TOLERANCE_MILLIS = 5 * 60 * 1000;

    /**
     * @param recordTimestamp Kafka's, in milliseconds; negative where the record has none
     * @param now in milliseconds since 1970
     */
    public static Sighting of(Dimension dimension, long policyVersion, long recordTimestamp, long now) {
        return new Sighting(
                dimension.kind() == DimensionKind.OPERATION ? dimension.serviceId() : dimension.id(),
                dimension.kind().hasAttributes() ? policyVersion : 0,
                recordTimestamp < 0 ? now : Math.min(recordTimestamp, now + CLOCK_TOLERANCE_MILLIS),
                dimension);
    }
}
