package io.ollyscale.functions.sink;

import io.ollyscale.schema.otlp.UnitRange;
import java.io.Serializable;
import java.util.List;

/** Cuts parts out of a record as messages of their own: what the sink, which knows no telemetry, is given for it. */
@FunctionalInterface
public interface Excerpt extends Serializable {

    /** A message for each part, in their order. */
    List<byte[]> of(byte[] record, List<UnitRange> parts);
}
