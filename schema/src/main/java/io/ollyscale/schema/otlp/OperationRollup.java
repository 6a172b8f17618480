package io.ollyscale.schema.otlp;

import io.ollyscale.schema.rollup.OperationMinutes;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The rows of {@code operation_rollup_partial}: what the spans of a transaction add to the rollups. A row for each operation and
 * minute, as long as those fit into memory; of more of them, an operation and minute may have several rows. Never more rows than
 * spans. Not thread-safe.
 */
public final class OperationRollup implements Iterator<EncodedRecord> {

    /** Some 600 bytes of memory each, with its counts: spans can have a minute each, and be so small that millions make a record. */
    private static final int MOST_ROWS = 20_000;

    private final Iterator<RecordPart> stored;
    private final int mostRows;
    private RecordPart part;
    private int nextSpan;

    OperationRollup(Iterator<RecordPart> stored, int mostRows) {
        this.stored = stored;
        this.mostRows = mostRows;
    }

    /** @param stored spans that the transaction stores, in any order */
    public static Iterator<EncodedRecord> of(List<RecordPart> stored) {
        return new OperationRollup(stored.iterator(), MOST_ROWS);
    }

    @Override
    public boolean hasNext() {
        while (part == null || nextSpan == part.units().to()) {
            if (!stored.hasNext()) {
                return false;
            }
            part = stored.next();
            nextSpan = part.units().from();
        }
        return true;
    }

    /** Of relative ids from 0 on. */
    @Override
    public EncodedRecord next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        OperationMinutes minutes = new OperationMinutes();
        while (minutes.size() < mostRows && hasNext()) {
            nextSpan = minutes.add(part.record().spans(), nextSpan, part.units().to(), mostRows);
        }
        return EncodedRecord.ofRows(minutes.rows(), minutes.size());
    }
}
