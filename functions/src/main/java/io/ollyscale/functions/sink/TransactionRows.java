package io.ollyscale.functions.sink;

import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordPart;
import java.io.Serializable;
import java.util.List;

/** Makes rows of all that a transaction stores, for the same transaction: what the sink, which knows no telemetry, is given for it. */
@FunctionalInterface
public interface TransactionRows extends Serializable {

    /** For signals that need none. */
    TransactionRows NONE = stored -> EncodedRecord.EMPTY;

    /**
     * Rows without units.
     *
     * @param stored parts of records, disjoint
     * @return of at most as many row ids as units are stored
     */
    EncodedRecord of(List<RecordPart> stored);
}
