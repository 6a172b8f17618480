-- How large the tables are on disk, the largest first.
SELECT
    table_name,
    partitions,
    rows_estimate,
    pg_size_pretty(table_bytes) AS table_size,
    pg_size_pretty(index_bytes) AS index_size,
    pg_size_pretty(toast_bytes) AS toast_size,
    pg_size_pretty(total_bytes) AS total_size,
    average_row_bytes
FROM otel.table_sizes
ORDER BY total_bytes DESC, table_name;
