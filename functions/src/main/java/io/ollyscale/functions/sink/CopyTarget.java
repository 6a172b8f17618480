package io.ollyscale.functions.sink;

import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordPart;
import io.ollyscale.schema.otlp.UnitRange;
import io.ollyscale.schema.tables.Table;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/** Streams stamped rows into their tables: one COPY for each table that has any. */
final class CopyTarget {
    private static final byte[] HEADER = header();
    private static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

    private final CopyManager copyManager;

    CopyTarget(Connection connection) throws SQLException {
        copyManager = connection.unwrap(PGConnection.class).getCopyAPI();
    }

    /** All rows of records. */
    void copy(List<EncodedRecord> records) throws SQLException {
        Map<Table, List<Slice>> slices = new EnumMap<>(Table.class);
        for (EncodedRecord record : records) {
            for (CopyChunk chunk : record.chunks()) {
                add(slices, new Slice(chunk, 0, chunk.length()));
            }
        }
        copy(slices);
    }

    /** The rows of some units of a record. */
    void copy(RecordPart part) throws SQLException {
        EncodedRecord record = part.record();
        UnitRange units = part.units();
        int firstId = record.unitStarts()[units.from()];
        int endId = record.unitEnd(units.to() - 1);
        Map<Table, List<Slice>> slices = new EnumMap<>(Table.class);
        for (CopyChunk chunk : record.chunks()) {
            int from = chunk.offsetOf(firstId);
            int to = chunk.offsetOf(endId);
            if (from < to) {
                add(slices, new Slice(chunk, from, to));
            }
        }
        copy(slices);
    }

    private record Slice(CopyChunk chunk, int from, int to) {}

    private static void add(Map<Table, List<Slice>> slices, Slice slice) {
        slices.computeIfAbsent(slice.chunk().table(), table -> new ArrayList<>())
                .add(slice);
    }

    private void copy(Map<Table, List<Slice>> slices) throws SQLException {
        for (Map.Entry<Table, List<Slice>> table : slices.entrySet()) {
            CopyIn copy = copyManager.copyIn(table.getKey().copyStatement());
            try {
                copy.writeToCopy(HEADER, 0, HEADER.length);
                for (Slice slice : table.getValue()) {
                    copy.writeToCopy(slice.chunk().bytes(), slice.from(), slice.to() - slice.from());
                }
                copy.writeToCopy(TRAILER, 0, TRAILER.length);
                copy.endCopy();
            } finally {
                if (copy.isActive()) {
                    copy.cancelCopy();
                }
            }
        }
    }

    /** Signature, no flags, no extension: 19 bytes. */
    private static byte[] header() {
        byte[] header = new byte[19];
        byte[] signature = "PGCOPY\n\u00ff\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(signature, 0, header, 0, signature.length);
        return header;
    }
}
