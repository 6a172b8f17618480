package io.ollyscale.schema.otlp;

import io.ollyscale.schema.rollup.OperationMinutes;
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
            minutes.add(part.record().spans(), part.units().from(), part.units().to());
        }
        return EncodedRecord.ofRows(minutes.rows(), minutes.size());
    }
}
