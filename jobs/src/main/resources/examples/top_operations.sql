-- The operations that took most time in all, of the last hour.
SELECT
    service_name,
    operation_name AS name,
    span_kind AS kind,
    call_count AS spans,
    error_count AS errors,
    round(avg_ms::numeric, 2) AS average_ms,
    round(p95_ms::numeric, 2) AS p95_ms,
    round(p99_ms::numeric, 2) AS p99_ms,
    round(total_ms::numeric / 1000, 1) AS total_seconds,
    -- How many there are beyond the limit of their service: they are one, otel.overflow.
    overflow_operations
FROM otel.top_operations
ORDER BY total_ms DESC
LIMIT 30;
