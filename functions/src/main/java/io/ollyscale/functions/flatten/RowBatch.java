package io.ollyscale.functions.flatten;

import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.EncodedRecord;

/**
 * What one Kafka record becomes: its position and bytes, and its rows. Every record has one, those that hold nothing too,
 * so that the ledger follows the log without gaps.
 *
 * @param record the record itself, which goes to quarantine where it, or a part of it, can't be stored
 * @param rows empty where the record is refused
 * @param refusal why the record goes to quarantine as a whole; null if it doesn't
 */
public record RowBatch(RawRecord record, EncodedRecord rows, Refusal refusal) {

    /** Roughly the memory that it holds, in bytes. */
    public long memory() {
        return rows.memory() + (record.value() == null ? 0 : record.value().length);
    }
}
