-- The versions of each service side by side, of the last day: did the new one make it worse?
SELECT
    service_name,
    environment,
    service_version AS version,
    first_window,
    request_count AS requests,
    round(100 * error_rate::numeric, 2) AS error_percent,
    round(p50_ms::numeric, 2) AS median_ms,
    round(p95_ms::numeric, 2) AS p95_ms,
    round(p99_ms::numeric, 2) AS p99_ms,
    active_instances AS instances
FROM otel.service_versions
WHERE request_count > 0
ORDER BY service_name, service_namespace, environment, first_window;
