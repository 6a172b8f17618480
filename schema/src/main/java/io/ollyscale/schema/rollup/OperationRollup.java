package io.ollyscale.schema.rollup;

import io.ollyscale.schema.copy.CopyBuffer;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordPart;
import io.ollyscale.schema.tables.Table;
import java.util.ArrayList;
import java.util.List;

/** The rows of {@code operation_rollup_partial}: what the spans of a transaction add to the rollups. */
public final class OperationRollup {

    private OperationRollup() {}

    /**
     * A row for each operation and minute, of relative ids from 0 on; never more rows than spans.
     *
     * @param stored spans that the transaction stores, in any order
     */
    public static EncodedRecord of(List<RecordPart> stored) {
        OperationMinutes minutes = new OperationMinutes();
        for (RecordPart part : stored) {
            minutes.add(part.record().spans(), part.units());
        }
        List<CopyChunk> chunks = new ArrayList<>();
        CopyBuffer rows = new CopyBuffer(Table.OPERATION_ROLLUP_PARTIAL, chunks, new MemoryBudget(Long.MAX_VALUE));
        int id = 0;
        for (OperationMinute minute : minutes.all()) {
            rows.beginRow();
            rows.putRowId(id++);
            minute.write(rows);
            rows.endRow();
        }
        rows.finish();
        return EncodedRecord.ofRows(chunks, id);
    }
}
