-- The spans that arrived last.
SELECT
    s.start_timestamp,
    r.service_name,
    s.name,
    k.name AS kind,
    round(s.duration_ns / 1e6, 3) AS duration_ms,
    c.name AS status
FROM otel.spans_fact AS s
LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
LEFT JOIN otel.span_kinds AS k ON k.id = s.kind
LEFT JOIN otel.status_codes AS c ON c.id = coalesce(s.status_code, 0)
ORDER BY s.id DESC
LIMIT 20;
