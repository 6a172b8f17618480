package io.ollyscale.schema.copy;

import io.ollyscale.schema.tables.Table;

/**
 * Whole tuples of one table, encoded for binary COPY, without header and trailer.
 *
 * @param table the table they belong to
 * @param rows number of tuples
 * @param bytes the tuples, from 0 to {@code length}; owned by the chunk
 * @param length number of bytes in use
 * @param idPositions where in {@code bytes} the 8 bytes of each row id stand, ascending; {@link Table#idColumns()}
 *     entries for each row
 * @param relativeIds the row ids relative to their record, one for each position; what {@code bytes} holds there is
 *     undefined until {@link #stamp}
 */
public record CopyChunk(Table table, int rows, byte[] bytes, int length, int[] idPositions, int[] relativeIds) {

    /** Offset of the first row id in a tuple: behind the field count (2 bytes) and the field's length (4 bytes). */
    private static final int FIRST_ID_OFFSET = 6;

    /** Writes the final row ids; may be called again with other ids, as a retried transaction does. */
    public void stamp(RowIds ids) {
        for (int i = 0; i < idPositions.length; i++) {
            BigEndian.putLong(bytes, idPositions[i], ids.absolute(relativeIds[i]));
        }
    }

    /** Byte offset of the first row whose placing id is at least {@code relativeId}; {@code length} if there is none. */
    public int offsetOf(int relativeId) {
        int step = table.idColumns();
        int low = 0;
        int high = rows;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (relativeIds[middle * step] < relativeId) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == rows ? length : idPositions[low * step] - FIRST_ID_OFFSET;
    }
}
