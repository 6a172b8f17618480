package io.ollyscale.functions.sink;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.schema.otlp.Dimension;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the dimensions of a transaction's records before the transaction, in autocommit: a dimension without facts does
 * no harm, and rows that several writers share are not locked for the length of a COPY.
 */
final class DimensionUpserts {

    /** Latest record timestamp that counts as seen: clocks of producers run ahead. */
    private static final long CLOCK_TOLERANCE_MILLIS = 5 * 60 * 1000;

    private DimensionUpserts() {}

    private record Sighting(Dimension dimension, long millis) {}

    static void write(Connection connection, Collection<RowBatch> batches) throws SQLException {
        // In one order, because all of a batch's statements are one transaction to PostgreSQL.
        Map<String, Sighting> sightings = new TreeMap<>();
        for (RowBatch batch : batches) {
            long seen = seenAt(batch.record().timestamp());
            for (Dimension dimension : batch.rows().dimensions()) {
                sightings.merge(
                        dimension.kind() + dimension.hash(),
                        new Sighting(dimension, seen),
                        (a, b) -> a.millis() >= b.millis() ? a : b);
            }
        }
        if (sightings.isEmpty()) {
            return;
        }
        try (CallableStatement call = connection.prepareCall(
                "CALL otel.upsert_dimension(?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb)")) {
            for (Sighting sighting : sightings.values()) {
                bind(connection, call, sighting);
                call.addBatch();
            }
            call.executeBatch();
        }
    }

    private static long seenAt(long recordTimestamp) {
        long now = System.currentTimeMillis();
        return recordTimestamp < 0 ? now : Math.min(recordTimestamp, now + CLOCK_TOLERANCE_MILLIS);
    }

    private static void bind(Connection connection, CallableStatement call, Sighting sighting) throws SQLException {
        Dimension dimension = sighting.dimension();
        Dimension.TypedAttributes typed = dimension.attributes();
        call.setString(1, dimension.kind());
        call.setLong(2, dimension.id());
        call.setString(3, dimension.hash());
        call.setTimestamp(4, new Timestamp(sighting.millis()));
        call.setString(5, dimension.columns());
        bind(connection, call, 6, "integer", typed.stringKeys());
        bind(connection, call, 7, "text", typed.strings());
        bind(connection, call, 8, "integer", typed.intKeys());
        bind(connection, call, 9, "bigint", typed.ints());
        bind(connection, call, 10, "integer", typed.doubleKeys());
        bind(connection, call, 11, "double precision", typed.doubles());
        bind(connection, call, 12, "integer", typed.boolKeys());
        bind(connection, call, 13, "boolean", typed.bools());
        bind(connection, call, 14, "integer", typed.bytesKeys());
        call.setArray(15, connection.createArrayOf("bytea", typed.bytes().toArray(new byte[0][])));
        if (dimension.other() == null) {
            call.setNull(16, Types.VARCHAR);
        } else {
            call.setString(16, dimension.other());
        }
    }

    private static void bind(Connection connection, CallableStatement call, int index, String type, List<?> values)
            throws SQLException {
        call.setArray(index, connection.createArrayOf(type, values.toArray()));
    }
}
