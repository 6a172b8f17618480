package io.ollyscale.schema.testing;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.copy.RowIds;
import io.ollyscale.schema.tables.Column;
import io.ollyscale.schema.tables.ColumnType;
import io.ollyscale.schema.tables.Table;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads binary COPY back into rows, by the catalogue, and as strictly as PostgreSQL does: an AssertionError for what it would
 * refuse.
 */
public final class CopyTuples {
    private static final int INT8_OID = 20;
    private static final int INT4_OID = 23;
    private static final int FLOAT8_OID = 701;
    private static final BigInteger NUMERIC_BASE = BigInteger.valueOf(10_000);

    /** Microseconds from 1970 to 2000, PostgreSQL's epoch. */
    private static final long POSTGRES_EPOCH_MICROS = 946_684_800_000_000L;

    private CopyTuples() {}

    /**
     * The rows of some tuples by column name: Short, Integer, Long, Double, BigInteger, Boolean, String (text, and JSONB as its text),
     * ByteString, Long (a timestamp, in microseconds since 1970), or null.
     */
    public static List<Map<String, Object>> read(Table table, byte[] bytes, int from, int to) {
        ByteBuffer tuples = ByteBuffer.wrap(bytes, from, to - from);
        List<Map<String, Object>> rows = new ArrayList<>();
        while (tuples.hasRemaining()) {
            int fields = tuples.getShort();
            check(fields == table.columns().size(), table + " has a tuple of " + fields + " fields");
            Map<String, Object> row = new LinkedHashMap<>();
            for (Column column : table.columns()) {
                int length = tuples.getInt();
                if (length < 0) {
                    check(length == -1, column + " has the length " + length);
                    row.put(column.name(), null);
                } else {
                    row.put(column.name(), value(column, tuples.slice().limit(length)));
                    tuples.position(tuples.position() + length);
                }
            }
            rows.add(row);
        }
        return rows;
    }

    /** All rows of a table; row ids are those that were stamped. */
    public static List<Map<String, Object>> read(Table table, List<CopyChunk> chunks) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (CopyChunk chunk : chunks) {
            if (chunk.table() == table) {
                List<Map<String, Object>> read = read(table, chunk.bytes(), 0, chunk.length());
                check(read.size() == chunk.rows(), table + " has a chunk with a wrong number of rows");
                rows.addAll(read);
            }
        }
        return rows;
    }

    /** Stamps chunks so that each row id is its relative id. */
    public static void stampRelative(List<CopyChunk> chunks, int rowIds) {
        int[] blocks = new int[rowIds / RowIds.BLOCK_SIZE + 1];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = i;
        }
        chunks.forEach(chunk -> chunk.stamp(new RowIds(0, blocks, 0)));
    }

    private static Object value(Column column, ByteBuffer field) {
        int length = field.remaining();
        return switch (column.type()) {
            case INT2 -> field.asShortBuffer().get(exactly(column, length, Short.BYTES));
            case INT4 -> field.asIntBuffer().get(exactly(column, length, Integer.BYTES));
            case INT8 -> field.asLongBuffer().get(exactly(column, length, Long.BYTES));
            case FLOAT8 -> field.asDoubleBuffer().get(exactly(column, length, Double.BYTES));
            case BOOL -> {
                byte bool = field.get(exactly(column, length, 1));
                check(bool == 0 || bool == 1, column + " holds " + bool);
                yield bool == 1;
            }
            case TIMESTAMPTZ ->
                Math.addExact(field.asLongBuffer().get(exactly(column, length, Long.BYTES)), POSTGRES_EPOCH_MICROS);
            case BYTEA -> ByteString.copyFrom(field);
            case TEXT, JSONB -> {
                check(column.type() != ColumnType.JSONB || field.get() == 1, column + " isn't version 1 of JSONB");
                String text = text(column, field);
                check(text.indexOf('\0') < 0, column + " holds U+0000");
                yield text;
            }
            case NUMERIC -> wholeNumber(column, field);
            case INT4_ARRAY -> elements(column, field, INT4_OID, Integer.BYTES, ByteBuffer::getInt);
            case INT8_ARRAY -> elements(column, field, INT8_OID, Long.BYTES, ByteBuffer::getLong);
            case FLOAT8_ARRAY -> elements(column, field, FLOAT8_OID, Double.BYTES, ByteBuffer::getDouble);
        };
    }

    private static BigInteger wholeNumber(Column column, ByteBuffer field) {
        int digits = field.getShort();
        int weight = field.getShort();
        check(field.getShort() == 0 && field.getShort() == 0, column + " has a sign or digits behind the point");
        check(weight == Math.max(0, digits - 1), column + " has " + digits + " digits of weight " + weight);
        BigInteger value = BigInteger.ZERO;
        for (int i = 0; i < digits; i++) {
            short digit = field.getShort();
            check(digit >= 0 && digit < NUMERIC_BASE.intValue(), column + " has the digit " + digit);
            value = value.multiply(NUMERIC_BASE).add(BigInteger.valueOf(digit));
        }
        check(!field.hasRemaining(), column + " has more than its digits");
        return value;
    }

    private static <T> List<T> elements(
            Column column, ByteBuffer field, int type, int elementLength, Function<ByteBuffer, T> reader) {
        int dimensions = field.getInt();
        check(dimensions <= 1, column + " has " + dimensions + " dimensions");
        check(field.getInt() == 0, column + " may have NULLs");
        check(field.getInt() == type, column + " has elements of another type");
        List<T> elements = new ArrayList<>();
        if (dimensions == 1) {
            int length = field.getInt();
            check(length > 0, column + " has a dimension of no elements");
            check(field.getInt() == 1, column + " doesn't begin at 1");
            for (int i = 0; i < length; i++) {
                exactly(column, field.getInt(), elementLength);
                elements.add(reader.apply(field));
            }
        }
        check(!field.hasRemaining(), column + " has more than its elements");
        return elements;
    }

    private static String text(Column column, ByteBuffer utf8) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError(column + " holds invalid UTF-8", e);
        }
    }

    /** Position 0 of a field of the length that its type has. */
    private static int exactly(Column column, int length, int expected) {
        check(length == expected, column + " has " + length + " bytes");
        return 0;
    }

    private static void check(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
