package io.ollyscale.schema.copy;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.tables.Table;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Encodes the rows of one table for binary COPY. Columns are put in the catalogue's order, a row's ids first.
 *
 * <p>Grows by whole chunks instead of doubling one array, so that a large record neither copies its rows twice nor
 * allocates humongous objects; only a row that doesn't fit moves to the next chunk. Not thread-safe.
 */
public final class CopyBuffer implements JsonOutput {

    /** Small, because most tables of most records get a few rows or none. */
    private static final int FIRST_CHUNK = 2 * 1024;

    /** A quarter of the smallest G1 region, so that a chunk is never humongous. */
    private static final int LARGEST_CHUNK = 256 * 1024;

    /** Microseconds from 1970 to 2000, PostgreSQL's epoch. */
    private static final long POSTGRES_EPOCH_MICROS = 946_684_800_000_000L;

    private static final int JSONB_VERSION = 1;

    /** PostgreSQL's numbers of the types of arrays' elements: pg_type.oid of float8, int8 and int4. */
    private static final int FLOAT8_OID = 701;

    private static final int INT8_OID = 20;
    private static final int INT4_OID = 23;

    /** A numeric's digits are of this base. */
    private static final int NUMERIC_BASE = 10_000;

    private static final BigInteger BIG_NUMERIC_BASE = BigInteger.valueOf(NUMERIC_BASE);
    private static final int[] NONE = new int[0];

    private final Table table;
    private final List<CopyChunk> finished;
    private final MemoryBudget budget;

    private byte[] bytes = new byte[0];
    private int position;
    private int rows;
    private int rowStart;
    private int columnsLeft;
    private int[] idPositions = NONE;
    private int[] relativeIds = NONE;
    private int ids;
    private int rowFirstId;
    private int nextChunk = FIRST_CHUNK;
    private int lengthAt;

    /**
     * @param finished where full chunks are added, in the order of their rows
     * @param budget of the record, shared by its buffers; every put and append may exhaust it
     */
    public CopyBuffer(Table table, List<CopyChunk> finished, MemoryBudget budget) {
        this.table = table;
        this.finished = finished;
        this.budget = budget;
    }

    /** Starts a row; every column of the table must follow. */
    public void beginRow() {
        checkWhole();
        rowStart = position;
        rowFirstId = ids;
        columnsLeft = table.columns().size();
        ensure(2);
        BigEndian.putShort(bytes, position, columnsLeft);
        position += 2;
    }

    public void endRow() {
        checkWhole();
        rows++;
    }

    /** A row id, relative to the record. */
    public void putRowId(int relativeId) {
        column(8);
        if (ids == idPositions.length) {
            int capacity = Math.max(16, ids * 2);
            idPositions = Arrays.copyOf(idPositions, capacity);
            relativeIds = Arrays.copyOf(relativeIds, capacity);
        }
        idPositions[ids] = position;
        relativeIds[ids] = relativeId;
        ids++;
        position += 8;
    }

    public void putNull() {
        columnsLeft--;
        ensure(4);
        BigEndian.putInt(bytes, position, -1);
        position += 4;
    }

    public void putShort(int value) {
        column(2);
        BigEndian.putShort(bytes, position, value);
        position += 2;
    }

    public void putInt(int value) {
        column(4);
        BigEndian.putInt(bytes, position, value);
        position += 4;
    }

    public void putLong(long value) {
        column(8);
        BigEndian.putLong(bytes, position, value);
        position += 8;
    }

    /** Keeps the bits of a NaN. */
    public void putDouble(double value) {
        putLong(Double.doubleToRawLongBits(value));
    }

    public void putBoolean(boolean value) {
        column(1);
        bytes[position++] = (byte) (value ? 1 : 0);
    }

    public void putBytes(ByteString value) {
        column(value.size());
        value.copyTo(bytes, position);
        position += value.size();
    }

    /** NULL for no bytes, which is how OTLP says that an id is unset. */
    public void putId(ByteString value) {
        if (value.isEmpty()) {
            putNull();
        } else {
            putBytes(value);
        }
    }

    /**
     * An OTLP time as microseconds; NULL for 0, which means unset.
     *
     * @param unixNanos unsigned nanoseconds since 1970
     */
    public void putTimestamp(long unixNanos) {
        if (unixNanos == 0) {
            putNull();
        } else {
            putLong(Long.divideUnsigned(unixNanos, 1000) - POSTGRES_EPOCH_MICROS);
        }
    }

    /** What {@link #putTimestamp} leaves: nanoseconds below the microsecond, 0 to 999; NULL for an unset time. */
    public void putNanosFraction(long unixNanos) {
        if (unixNanos == 0) {
            putNull();
        } else {
            putShort((int) Long.remainderUnsigned(unixNanos, 1000));
        }
    }

    /** A time as it is, 1970 too. */
    public void putTimestampMicros(long unixMicros) {
        putLong(unixMicros - POSTGRES_EPOCH_MICROS);
    }

    /** A whole number of any size, at least 0. */
    public void putNumeric(BigInteger value) {
        Deque<Short> digits = new ArrayDeque<>();
        for (BigInteger rest = value; rest.signum() > 0; ) {
            BigInteger[] parts = rest.divideAndRemainder(BIG_NUMERIC_BASE);
            digits.push(parts[1].shortValueExact());
            rest = parts[0];
        }
        beginVariable();
        ensure(8 + 2 * digits.size());
        BigEndian.putShort(bytes, position, digits.size());
        // The first digit's power of the base, then the sign and the digits behind the point.
        BigEndian.putShort(bytes, position + 2, Math.max(0, digits.size() - 1));
        BigEndian.putInt(bytes, position + 4, 0);
        position += 8;
        for (short digit : digits) {
            BigEndian.putShort(bytes, position, digit);
            position += 2;
        }
        endVariable();
    }

    /**
     * A text, with U+2400 for each U+0000, which PostgreSQL's text can't hold.
     *
     * @return whether there was a U+0000, so that the exact text must be kept elsewhere
     */
    public boolean putText(String value) {
        boolean exact = value.indexOf('\0') < 0;
        beginVariable();
        appendText(exact ? value : value.replace('\0', '\u2400'));
        endVariable();
        return !exact;
    }

    /** Starts a JSONB column, to be written with the {@code append} methods; ends with {@link #endVariable}. */
    public void beginJsonb() {
        beginVariable();
        append(JSONB_VERSION);
    }

    /** Starts a {@code bigint[]} column of this many elements; each must follow, then {@link #endVariable}. */
    public void beginLongArray(int elements) {
        beginArray(INT8_OID, elements);
    }

    /** Starts an {@code integer[]} column of this many elements; each must follow, then {@link #endVariable}. */
    public void beginIntArray(int elements) {
        beginArray(INT4_OID, elements);
    }

    /** Starts a {@code double precision[]} column of this many elements; each must follow, then {@link #endVariable}. */
    public void beginDoubleArray(int elements) {
        beginArray(FLOAT8_OID, elements);
    }

    /** An element of an array of ints. */
    public void appendIntElement(int value) {
        ensure(8);
        BigEndian.putInt(bytes, position, Integer.BYTES);
        BigEndian.putInt(bytes, position + 4, value);
        position += 8;
    }

    /** An element of an array of longs. */
    public void appendElement(long value) {
        ensure(12);
        BigEndian.putInt(bytes, position, Long.BYTES);
        BigEndian.putLong(bytes, position + 4, value);
        position += 12;
    }

    /** An element of an array of doubles; keeps the bits of a NaN. */
    public void appendElement(double value) {
        appendElement(Double.doubleToRawLongBits(value));
    }

    /** Ends the column that was begun last. */
    public void endVariable() {
        int at = rowStart + lengthAt;
        BigEndian.putInt(bytes, at, position - at - 4);
    }

    @Override
    public void append(int value) {
        ensure(1);
        bytes[position++] = (byte) value;
    }

    @Override
    public void append(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, bytes, position, value.length);
        position += value.length;
    }

    @Override
    public void appendText(String value) {
        append(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Hands over what is buffered; the buffer is not used afterwards. */
    public void finish() {
        checkWhole();
        if (rows > 0) {
            finishChunk(position, ids);
        }
    }

    private void checkWhole() {
        if (columnsLeft != 0) {
            throw new IllegalStateException("a row of " + table + " lacks " + columnsLeft + " columns");
        }
    }

    /** Number of dimensions, no NULLs, the elements' type, then length and lower bound of the only dimension. */
    private void beginArray(int elementType, int elements) {
        beginVariable();
        ensure(20);
        BigEndian.putInt(bytes, position, elements == 0 ? 0 : 1);
        BigEndian.putInt(bytes, position + 4, 0);
        BigEndian.putInt(bytes, position + 8, elementType);
        position += 12;
        if (elements > 0) {
            BigEndian.putInt(bytes, position, elements);
            BigEndian.putInt(bytes, position + 4, 1);
            position += 8;
        }
    }

    /** Starts a column of a length not yet known. */
    private void beginVariable() {
        columnsLeft--;
        ensure(4);
        lengthAt = position - rowStart;
        position += 4;
    }

    private void column(int length) {
        columnsLeft--;
        ensure(4 + length);
        BigEndian.putInt(bytes, position, length);
        position += 4;
    }

    private void ensure(int more) {
        if (bytes.length - position < more) {
            grow(more);
        }
    }

    /** Closes the chunk before the row at hand and moves that row's beginning to a new one. */
    private void grow(int more) {
        byte[] old = bytes;
        int oldStart = rowStart;
        int partial = position - rowStart;
        int needed = Math.addExact(partial, more);
        int[] rowPositions = Arrays.copyOfRange(idPositions, rowFirstId, ids);
        int[] rowRelativeIds = Arrays.copyOfRange(relativeIds, rowFirstId, ids);
        if (rows > 0) {
            finishChunk(rowStart, rowFirstId);
        }
        // A row that would fill more than half of the next chunk gets room to grow in.
        int size = Math.max(nextChunk, needed > nextChunk / 2 ? Math.addExact(needed, needed / 2) : 0);
        budget.take(size);
        bytes = new byte[size];
        System.arraycopy(old, oldStart, bytes, 0, partial);
        ids = rowPositions.length;
        for (int i = 0; i < ids; i++) {
            idPositions[i] = rowPositions[i] - oldStart;
            relativeIds[i] = rowRelativeIds[i];
        }
        rowFirstId = 0;
        rowStart = 0;
        position = partial;
        nextChunk = Math.min(nextChunk * 2, LARGEST_CHUNK);
    }

    private void finishChunk(int length, int idCount) {
        budget.take(2L * Integer.BYTES * idCount);
        finished.add(new CopyChunk(
                table, rows, bytes, length, Arrays.copyOf(idPositions, idCount), Arrays.copyOf(relativeIds, idCount)));
        rows = 0;
    }
}
