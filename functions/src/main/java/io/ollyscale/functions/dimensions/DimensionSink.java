package io.ollyscale.functions.dimensions;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.schema.otlp.Dimension;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.connector.jdbc.core.datastream.sink.JdbcSink;

/**
 * Writes dimensions, each by one call with all that is known of it; a call that is repeated changes nothing. Written are
 * those before a checkpoint when it completes, so the ledger's {@code safe_offset} covers them, and otherwise within about
 * a second.
 */
public final class DimensionSink implements Sink<Sighting> {
    private static final long serialVersionUID = 1;

    private static final String CALL = "CALL otel.upsert_dimension(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final PostgresConnection postgres;
    private final int maxOperations;

    /** @param maxOperations of a service, which the database has the last word on: the registry forgets */
    public DimensionSink(PostgresConnection postgres, int maxOperations) {
        this.postgres = postgres;
        this.maxOperations = maxOperations;
    }

    @Override
    public SinkWriter<Sighting> createWriter(WriterInitContext context) throws IOException {
        DimensionConnection connection = new DimensionConnection(postgres);
        int limit = maxOperations;
        JdbcSink<Sighting> connector = JdbcSink.<Sighting>builder()
                .withQueryStatement(CALL, (call, sighting) -> bind(call, sighting, limit))
                // It has batches of its own, which count rows alone and whose timer loses errors.
                .withExecutionOptions(JdbcExecutionOptions.builder()
                        .withBatchSize(0)
                        .withBatchIntervalMs(0)
                        .build())
                .buildAtLeastOnce(connection);
        return new DimensionWriter(
                connector.createWriter(context),
                connection,
                context.getMailboxExecutor(),
                context.getProcessingTimeService());
    }

    private static void bind(PreparedStatement call, Sighting sighting, int maxOperations) throws SQLException {
        Dimension dimension = sighting.dimension();
        Dimension.TypedAttributes typed = dimension.attributes();
        call.setString(1, dimension.kind().sqlName());
        call.setLong(2, dimension.id());
        call.setString(3, dimension.hash());
        call.setTimestamp(4, new Timestamp(sighting.seen()));
        call.setString(5, dimension.columns());
        bind(call, 6, "integer", typed.stringKeys());
        bind(call, 7, "text", typed.strings());
        bind(call, 8, "integer", typed.intKeys());
        bind(call, 9, "bigint", typed.ints());
        bind(call, 10, "integer", typed.doubleKeys());
        // In binary, as arrays of primitives are: the text of a NaN doesn't say which.
        call.setObject(
                11,
                typed.doubleBits().stream()
                        .mapToDouble(Double::longBitsToDouble)
                        .toArray());
        bind(call, 12, "integer", typed.boolKeys());
        bind(call, 13, "boolean", typed.bools());
        bind(call, 14, "integer", typed.bytesKeys());
        Connection connection = call.getConnection();
        call.setArray(15, connection.createArrayOf("bytea", typed.bytes().toArray(new byte[0][])));
        call.setString(16, dimension.other());
        call.setInt(17, maxOperations);
    }

    private static void bind(PreparedStatement call, int index, String type, List<?> values) throws SQLException {
        call.setArray(index, call.getConnection().createArrayOf(type, values.toArray()));
    }
}
