package io.ollyscale.functions.flatten;

import io.ollyscale.functions.source.RawHeader;
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

    /** Of the objects around the bytes; a tombstone has nothing else. */
    private static final long OVERHEAD = 200;

    /** Roughly the memory that it holds, in bytes. */
    public long memory() {
        long memory = OVERHEAD + rows.memory() + length(record.key()) + length(record.value());
        for (RawHeader header : record.headers()) {
            memory += OVERHEAD + 2L * header.key().length() + length(header.value());
        }
        return memory;
    }

    private static int length(byte[] bytesOrNull) {
        return bytesOrNull == null ? 0 : bytesOrNull.length;
    }
}
