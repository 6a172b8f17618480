package io.ollyscale.jobs.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.ollyscale.schema.otlp.CatchAllReader;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * The current row of a result, its values exactly as they are stored. Times, doubles and arrays are selected in their binary
 * form, as {@link #time}, {@link #number} and {@link #array} write it: as text a NaN loses its payload, and the driver's
 * types of times end before OTLP's.
 */
final class Row {

    /** Microseconds from 1970 to 2000, PostgreSQL's epoch. */
    private static final long POSTGRES_EPOCH_MICROS = 946_684_800_000_000L;

    private final ResultSet row;
    private Map<String, String> exactTexts = Map.of();

    Row(ResultSet row) {
        this.row = row;
    }

    static String time(String column) {
        return "timestamptz_send(" + column + ") AS " + column;
    }

    static String number(String column) {
        return "float8send(" + column + ") AS " + column;
    }

    static String array(String column) {
        return "array_send(" + column + ") AS " + column;
    }

    /** The attributes that no typed table holds. Texts that are read behind it are exact, with their U+0000. */
    List<KeyValue> catchAll(String column) throws SQLException {
        String json = row.getString(column);
        exactTexts = json != null && json.contains("\"$fields\"") ? CatchAllReader.exactTexts(json) : Map.of();
        return CatchAllReader.attributes(json);
    }

    /** Null for NULL. */
    String json(String column) throws SQLException {
        return row.getString(column);
    }

    /** Empty for NULL. */
    String text(String column) throws SQLException {
        String text = exactTexts.get(column);
        if (text == null) {
            text = row.getString(column);
        }
        return text == null ? "" : text;
    }

    /** Empty for NULL. */
    ByteString bytes(String column) throws SQLException {
        byte[] value = row.getBytes(column);
        return value == null ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(value);
    }

    boolean isNull(String column) throws SQLException {
        return row.getObject(column) == null;
    }

    boolean bool(String column) throws SQLException {
        return row.getBoolean(column);
    }

    /** 0 for NULL. */
    int int32(String column) throws SQLException {
        return row.getInt(column);
    }

    /** 0 for NULL. */
    long int64(String column) throws SQLException {
        return row.getLong(column);
    }

    /** Unsigned nanoseconds since 1970, of which the fraction's column has those below the microsecond; 0 for NULL. */
    long unixNanos(String column, String fractionColumn) throws SQLException {
        byte[] value = row.getBytes(column);
        return value == null
                ? 0
                : (ByteBuffer.wrap(value).getLong() + POSTGRES_EPOCH_MICROS) * 1000 + int32(fractionColumn);
    }

    /** 0 for NULL. */
    double float64(String column) throws SQLException {
        byte[] value = row.getBytes(column);
        return value == null ? 0 : ByteBuffer.wrap(value).getDouble();
    }

    /** The elements of an array of 8-byte values, of doubles their bits; none for NULL. */
    long[] longs(String column) throws SQLException {
        byte[] value = row.getBytes(column);
        if (value == null) {
            return new long[0];
        }
        ByteBuffer array = ByteBuffer.wrap(value);
        int dimensions = array.getInt();
        // Whether there are NULLs, and the type of the elements.
        array.position(array.position() + 2 * Integer.BYTES);
        if (dimensions == 0) {
            return new long[0];
        }
        long[] elements = new long[array.getInt()];
        // The index of the first element.
        array.getInt();
        for (int i = 0; i < elements.length; i++) {
            // Its length.
            array.getInt();
            elements[i] = array.getLong();
        }
        return elements;
    }
}
