package io.ollyscale.functions.sink;

import io.ollyscale.schema.otlp.UnitRange;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;

/** Cuts parts out of a record as messages of their own: what the sink, which knows no telemetry, is given for it. */
@FunctionalInterface
public interface Excerpt extends Serializable {

    /**
     * A message for each part, in their order, made when it is asked for.
     *
     * @param parts ascending and disjoint
     */
    Stream<byte[]> of(byte[] record, List<UnitRange> parts);
}
