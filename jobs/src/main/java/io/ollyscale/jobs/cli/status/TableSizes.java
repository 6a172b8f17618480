package io.ollyscale.jobs.cli.status;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** How many rows the tables have: counted where that is quick, else estimated. */
final class TableSizes {

    private static final long COUNTED_UP_TO_BYTES = 32 << 20;

    /** Without the tables that migrations fill. */
    private static final String ESTIMATES = """
            SELECT table_name, table_bytes, total_bytes, rows_estimate,
                has_table_privilege(format('otel.%I', table_name), 'SELECT') AS readable
            FROM otel.table_sizes
            WHERE table_name <> ALL (ARRAY['flyway_schema_history', 'span_kinds', 'status_codes',
                'log_severity_numbers', 'log_body_types', 'metric_types', 'aggregation_temporalities'])
            ORDER BY table_name
            """;

    private TableSizes() {}

    private record Estimate(String table, boolean readable, long tableBytes, long bytes, long rows) {}

    static List<TableSize> read(Statement statement) throws SQLException {
        List<Estimate> estimates = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(ESTIMATES)) {
            while (rows.next()) {
                estimates.add(new Estimate(
                        rows.getString("table_name"),
                        rows.getBoolean("readable"),
                        rows.getLong("table_bytes"),
                        rows.getLong("total_bytes"),
                        rows.getLong("rows_estimate")));
            }
        }
        List<TableSize> sizes = new ArrayList<>();
        for (Estimate estimate : estimates) {
            boolean exact = estimate.readable() && estimate.tableBytes() <= COUNTED_UP_TO_BYTES;
            long rows = exact ? count(statement, estimate.table()) : estimate.rows();
            sizes.add(new TableSize(estimate.table(), rows, exact, estimate.bytes()));
        }
        return sizes;
    }

    private static long count(Statement statement, String table) throws SQLException {
        String sql = "SELECT count(*) FROM otel." + statement.enquoteIdentifier(table, true);
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
