-- Requests, errors, response times and active instances by service, of the last hour.
SELECT
    service_name,
    service_namespace,
    environment,
    request_count AS requests,
    -- By the time since the first of them, so that it is right while the store is younger than an hour.
    round(60 * request_count / extract(epoch FROM now() - since.first_window), 1) AS per_minute,
    error_count AS errors,
    round(100 * error_rate::numeric, 2) AS error_percent,
    round(avg_ms::numeric, 2) AS average_ms,
    round(p95_ms::numeric, 2) AS p95_ms,
    round(max_ms::numeric, 2) AS max_ms,
    active_instances AS instances
FROM otel.service_overview
CROSS JOIN (
    SELECT least(min(window_start), now() - interval '1 second') AS first_window
    FROM otel.service_minutes
    WHERE window_start > now() - interval '1 hour'
) AS since
-- What has none is never entered by a request or a message: a browser, a batch.
WHERE request_count > 0
ORDER BY requests DESC;
