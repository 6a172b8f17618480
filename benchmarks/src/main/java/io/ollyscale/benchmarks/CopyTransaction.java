package io.ollyscale.benchmarks;

import io.ollyscale.schema.copy.CopyChunk;
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

/**
 * Everything that one transaction copies, ready to be sent.
 *
 * @param rows stamped with their final ids, by table
 */
record CopyTransaction(int units, Map<Table, byte[]> rows) {
    private static final byte[] HEADER = "PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

    /** Bytes of one message to the server. */
    private static final int MESSAGE = 1 << 16;

    /** Joins stamped chunks. */
    static CopyTransaction of(int units, List<CopyChunk> chunks) {
        Map<Table, List<CopyChunk>> byTable = new EnumMap<>(Table.class);
        for (CopyChunk chunk : chunks) {
            byTable.computeIfAbsent(chunk.table(), table -> new ArrayList<>()).add(chunk);
        }
        Map<Table, byte[]> rows = new EnumMap<>(Table.class);
        byTable.forEach((table, tableChunks) -> rows.put(table, join(tableChunks)));
        return new CopyTransaction(units, rows);
    }

    /** One COPY for each table, and COMMIT. */
    void run(Connection connection) throws SQLException {
        CopyManager copyManager = connection.unwrap(PGConnection.class).getCopyAPI();
        for (Map.Entry<Table, byte[]> table : rows.entrySet()) {
            byte[] bytes = table.getValue();
            CopyIn copy = copyManager.copyIn(table.getKey().copyStatement());
            copy.writeToCopy(HEADER, 0, HEADER.length);
            for (int from = 0; from < bytes.length; from += MESSAGE) {
                copy.writeToCopy(bytes, from, Math.min(MESSAGE, bytes.length - from));
            }
            copy.writeToCopy(TRAILER, 0, TRAILER.length);
            copy.endCopy();
        }
        connection.commit();
    }

    private static byte[] join(List<CopyChunk> chunks) {
        byte[] bytes = new byte[chunks.stream().mapToInt(CopyChunk::length).sum()];
        int position = 0;
        for (CopyChunk chunk : chunks) {
            System.arraycopy(chunk.bytes(), 0, bytes, position, chunk.length());
            position += chunk.length();
        }
        return bytes;
    }
}
