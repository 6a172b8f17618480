package io.ollyscale.schema.rollup;

import io.ollyscale.schema.copy.CopyBuffer;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.tables.Table;
import java.util.ArrayList;
import java.util.List;

/** Sums of spans by operation and minute: a hash table without an object for each look. Not thread-safe. */
public final class OperationMinutes {
    /** Spreads minutes over the bits; an operation's id is a hash already. */
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final List<OperationMinute> all = new ArrayList<>();
    private OperationMinute[] table = new OperationMinute[64];
    private OperationMinute latest;

    /** How many there are. */
    public int size() {
        return all.size();
    }

    /**
     * Adds some of a record's spans, until there are so many operations and minutes.
     *
     * @param from the first one's number
     * @param to the number behind the last one's
     * @return the number of the first that wasn't added
     */
    public int add(SpanMeasures spans, int from, int to, int most) {
        int span = from;
        for (; span < to && all.size() < most; span++) {
            of(spans, span).add(spans, span);
        }
        return span;
    }

    /** Rows of {@code operation_rollup_partial}, of relative ids from 0 on. */
    public List<CopyChunk> rows() {
        List<CopyChunk> chunks = new ArrayList<>();
        CopyBuffer rows = new CopyBuffer(Table.OPERATION_ROLLUP_PARTIAL, chunks, new MemoryBudget(Long.MAX_VALUE));
        for (int id = 0; id < all.size(); id++) {
            rows.beginRow();
            rows.putRowId(id);
            all.get(id).write(rows);
            rows.endRow();
        }
        rows.finish();
        return chunks;
    }

    private OperationMinute of(SpanMeasures spans, int span) {
        long operationId = spans.operationIds()[span];
        int minute = spans.minutes()[span];
        if (latest == null || !latest.is(operationId, minute)) {
            latest = find(operationId, minute, spans, span);
        }
        return latest;
    }

    private OperationMinute find(long operationId, int minute, SpanMeasures spans, int span) {
        int at = slot(operationId, minute);
        while (table[at] != null) {
            if (table[at].is(operationId, minute)) {
                return table[at];
            }
            at = at + 1 & table.length - 1;
        }
        OperationMinute added = new OperationMinute(operationId, spans.serviceIds()[span], spans.kinds()[span], minute);
        table[at] = added;
        all.add(added);
        if (all.size() > table.length / 2) {
            grow();
        }
        return added;
    }

    private int slot(long operationId, int minute) {
        long hash = (operationId ^ minute * SPREAD) * SPREAD;
        return (int) (hash >>> 32) & table.length - 1;
    }

    private void grow() {
        table = new OperationMinute[table.length * 2];
        for (OperationMinute minute : all) {
            int at = slot(minute.operationId(), minute.minute());
            while (table[at] != null) {
                at = at + 1 & table.length - 1;
            }
            table[at] = minute;
        }
    }
}
