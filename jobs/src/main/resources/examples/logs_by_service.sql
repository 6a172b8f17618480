-- Log records by service and severity, of those that arrived within the last hour.
SELECT
    service_name,
    severity,
    count(*) AS records,
    round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY service_name), 1) AS percent_of_service,
    count(*) FILTER (WHERE trace_id_bytes IS NOT NULL) AS in_traces,
    max(time) AS latest
FROM otel.logs
-- The bound on the id is one on the time of arrival: only that hour's partitions are read.
WHERE id >= otel.id_at(now() - interval '1 hour')
GROUP BY service_name, severity, severity_number
ORDER BY service_name, severity_number DESC;
