-- Spans and errors by service, of the spans that arrived within the last hour.
SELECT
    r.service_name,
    count(*) AS spans,
    count(*) FILTER (WHERE s.status_code = 2) AS errors,
    round(100.0 * count(*) FILTER (WHERE s.status_code = 2) / count(*), 2) AS error_percent,
    max(s.start_timestamp) FILTER (WHERE s.status_code = 2) AS last_error
FROM otel.spans_fact AS s
LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
-- The bound on the id is one on the time of arrival: only that hour's partitions are read.
WHERE s.id >= otel.id_at(now() - interval '1 hour')
GROUP BY r.service_name
ORDER BY errors DESC, spans DESC;
