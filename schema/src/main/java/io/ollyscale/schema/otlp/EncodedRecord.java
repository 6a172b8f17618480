package io.ollyscale.schema.otlp;

import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.rollup.SpanMeasures;
import java.util.List;

/**
 * The rows of one Kafka record, encoded, with ids that are relative to the record.
 *
 * @param chunks the rows by table; the chunks of one table are in the order of its rows
 * @param rowIds how many relative ids are used, from 0 on
 * @param unitStarts the relative id that each unit (span, log record or data point) begins with, ascending; all rows of a
 *     unit have ids from its own start up to the next one's
 * @param spans what rollups need of the units, in their order; of spans alone, empty for other signals
 * @param dimensions what the rows refer to and isn't known yet, each once
 * @param attributesDropped by policy; of dimensions, those of the described ones alone
 * @param attributesDuplicated attributes whose key occurs more than once in its list; counted likewise
 * @param unknownFields fields of a newer OTLP that were passed over
 * @param emptyEnvelopes resources, scopes and metrics that hold no unit; they carry nothing and aren't kept
 */
public record EncodedRecord(
        List<CopyChunk> chunks,
        int rowIds,
        int[] unitStarts,
        SpanMeasures spans,
        List<Dimension> dimensions,
        long attributesDropped,
        long attributesDuplicated,
        long unknownFields,
        long emptyEnvelopes) {

    /** A record that holds nothing, as a tombstone does. */
    public static final EncodedRecord EMPTY = ofRows(List.of(), 0);

    /** Rows alone, which are of no unit. */
    public static EncodedRecord ofRows(List<CopyChunk> chunks, int rowIds) {
        return new EncodedRecord(chunks, rowIds, new int[0], SpanMeasures.NONE, List.of(), 0, 0, 0, 0);
    }

    /** The same rows alone, once the dimensions are on their own way. */
    public EncodedRecord withoutDimensions() {
        return new EncodedRecord(
                chunks,
                rowIds,
                unitStarts,
                spans,
                List.of(),
                attributesDropped,
                attributesDuplicated,
                unknownFields,
                emptyEnvelopes);
    }

    /** Number of spans, log records or data points. */
    public int units() {
        return unitStarts.length;
    }

    /** The relative id behind a unit's last row. */
    public int unitEnd(int unit) {
        return unit + 1 < unitStarts.length ? unitStarts[unit + 1] : rowIds;
    }

    /** Bytes of memory that the rows take, roughly; without the dimensions, which go another way. */
    public long memory() {
        long memory = (long) Integer.BYTES * unitStarts.length + spans.memory();
        for (CopyChunk chunk : chunks) {
            memory += chunk.bytes().length + 2L * Integer.BYTES * chunk.idPositions().length;
        }
        return memory;
    }
}
