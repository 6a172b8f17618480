-- Requests, errors, response times and active instances by service, of the last hour.
SELECT
    service_name,
    service_namespace,
    environment,
    count(*) AS requests,
    -- By the time since the first of them arrived, so that it is right while the store is younger than an hour.
    round(60 * count(*) / extract(epoch FROM now() - least(min(otel.arrival_of(min(id))) OVER (), now() - interval '1 second')), 1) AS per_minute,
    count(*) FILTER (WHERE status = 'ERROR') AS errors,
    round(100.0 * count(*) FILTER (WHERE status = 'ERROR') / count(*), 2) AS error_percent,
    round(avg(duration_ms)::numeric, 2) AS average_ms,
    round(percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms)::numeric, 2) AS p95_ms,
    round(max(duration_ms)::numeric, 2) AS max_ms,
    count(DISTINCT resource_id) AS instances
FROM otel.spans
-- The bound on the id is one on the time of arrival: only that hour's partitions are read.
WHERE id >= otel.id_at(now() - interval '1 hour')
    -- What enters a service: requests that it answers and messages that it takes.
    AND kind IN ('SERVER', 'CONSUMER')
GROUP BY service_name, service_namespace, environment
ORDER BY requests DESC;
