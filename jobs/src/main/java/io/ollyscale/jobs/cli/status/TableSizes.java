package io.ollyscale.jobs.cli.status;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** How many rows the tables have: counted where that is quick, else estimated. */
final class TableSizes {

    private static final long COUNTED_UP_TO_BYTES = 32 << 20;

    /**
     * Tables without those that migrations fill. The estimate of a partition is the planner's: the rows that ANALYZE saw,
     * by how the file has grown since; before the first ANALYZE it is the server's count of what was written.
     */
    private static final String ESTIMATES = """
            WITH roots AS (
                SELECT c.oid, c.relname::text AS name
                FROM pg_class AS c
                WHERE c.relnamespace = 'otel'::regnamespace
                    AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                    AND c.relname <> ALL (ARRAY['flyway_schema_history', 'span_kinds', 'status_codes',
                        'log_severity_numbers', 'log_body_types', 'metric_types', 'aggregation_temporalities'])
            ), leaves AS (
                SELECT roots.name, leaf.oid, leaf.reltuples, leaf.relpages,
                    pg_relation_size(leaf.oid) AS heap_bytes, pg_total_relation_size(leaf.oid) AS bytes
                FROM roots
                -- No row for a table without partitions.
                LEFT JOIN LATERAL pg_partition_tree(roots.oid) AS tree ON true
                JOIN pg_class AS leaf ON leaf.oid = coalesce(tree.relid, roots.oid)
                WHERE leaf.relkind = 'r'
            )
            SELECT roots.name,
                has_table_privilege(roots.oid, 'SELECT') AS readable,
                coalesce(sum(leaves.heap_bytes), 0) AS heap_bytes,
                coalesce(sum(leaves.bytes), 0) AS bytes,
                coalesce(sum(
                    CASE
                        WHEN leaves.relpages > 0 AND leaves.reltuples >= 0
                            THEN leaves.reltuples * (leaves.heap_bytes / current_setting('block_size')::numeric / leaves.relpages)
                        ELSE pg_stat_get_live_tuples(leaves.oid)
                    END), 0)::bigint AS estimate
            FROM roots
            LEFT JOIN leaves ON leaves.name = roots.name
            GROUP BY roots.oid, roots.name
            ORDER BY roots.name
            """;

    private TableSizes() {}

    private record Estimate(String table, boolean readable, long heapBytes, long bytes, long rows) {}

    static List<TableSize> read(Statement statement) throws SQLException {
        List<Estimate> estimates = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(ESTIMATES)) {
            while (rows.next()) {
                estimates.add(new Estimate(
                        rows.getString("name"),
                        rows.getBoolean("readable"),
                        rows.getLong("heap_bytes"),
                        rows.getLong("bytes"),
                        rows.getLong("estimate")));
            }
        }
        List<TableSize> sizes = new ArrayList<>();
        for (Estimate estimate : estimates) {
            boolean exact = estimate.readable() && estimate.heapBytes() <= COUNTED_UP_TO_BYTES;
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
