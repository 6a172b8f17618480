package io.ollyscale.functions.sink;

import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordPart;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** Makes rows of all that a transaction stores, for the same transaction: what the sink, which knows no telemetry, is given for it. */
@FunctionalInterface
public interface TransactionRows extends Serializable {

    /** For signals that need none. */
    TransactionRows NONE = stored -> Collections.emptyIterator();

    /**
     * Rows without units, bit by bit: memory holds those that were returned last.
     *
     * @param stored parts of records, disjoint
     * @return of at most as many row ids in all as units are stored
     */
    Iterator<EncodedRecord> of(List<RecordPart> stored);
}
