package io.ollyscale.functions.testing;

import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusedRecordException;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.TestPolicy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Numbers of rows by table, of all tables of a signal that are filled by COPY. */
public final class RowCounts {
    private RowCounts() {}

    /** What the decoder makes of records under {@link TestPolicy}. */
    public static Map<String, Long> decoded(Signal signal, RecordEncoding encoding, Collection<byte[]> records) {
        RecordEncoder encoder = new RecordEncoder(signal, encoding, TestPolicy.POLICY, DecodingLimits.DEFAULT);
        Map<String, Long> counts = new TreeMap<>();
        tables(signal).forEach(table -> counts.put(table, 0L));
        for (byte[] record : records) {
            try {
                for (CopyChunk chunk : encoder.encode(record).chunks()) {
                    counts.merge(chunk.table().tableName(), (long) chunk.rows(), Long::sum);
                }
            } catch (RefusedRecordException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return counts;
    }

    public static Map<String, Long> stored(Connection connection, Signal signal) throws SQLException {
        String sql = tables(signal).stream()
                .map(table -> "SELECT '" + table + "', count(*) FROM otel." + table)
                .collect(Collectors.joining(" UNION ALL "));
        Map<String, Long> counts = new TreeMap<>();
        for (String row : Rows.of(connection, sql)) {
            String[] columns = row.split("\\|");
            counts.put(columns[0], Long.valueOf(columns[1]));
        }
        return counts;
    }

    private static List<String> tables(Signal signal) {
        String names = switch (signal) {
            case TRACES -> "span.*";
            case LOGS -> "log.*";
            case METRICS -> ".*data_points|summary_quantiles|exemplar.*";
        };
        return Arrays.stream(Table.values())
                .map(Table::tableName)
                .filter(table -> table.matches(names))
                .toList();
    }
}
