-- The slowest operations by name, of the spans that arrived within the last hour.
SELECT
    r.service_name,
    s.name,
    k.name AS kind,
    count(*) AS spans,
    round(avg(s.duration_ns) / 1e6, 3) AS average_ms,
    round(percentile_disc(0.95) WITHIN GROUP (ORDER BY s.duration_ns) / 1e6, 3) AS p95_ms,
    round(max(s.duration_ns) / 1e6, 3) AS max_ms
FROM otel.spans_fact AS s
LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
LEFT JOIN otel.span_kinds AS k ON k.id = s.kind
-- The bound on the id is one on the time of arrival: only that hour's partitions are read.
WHERE s.id >= otel.id_at(now() - interval '1 hour')
    AND s.start_timestamp IS NOT NULL
    AND s.duration_ns >= 0
GROUP BY r.service_name, s.name, k.name
ORDER BY p95_ms DESC
LIMIT 20;
