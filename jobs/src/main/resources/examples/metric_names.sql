-- Which metrics there are, with how many series, from how many resources and services.
SELECT
    m.name,
    t.name AS type,
    m.unit,
    a.name AS temporality,
    m.is_monotonic,
    count(*) AS series,
    count(DISTINCT s.resource_id) AS resources,
    count(DISTINCT r.service_name) AS services,
    max(s.last_seen) AS last_seen,
    left(max(m.description), 80) AS description
FROM otel.metrics_dim AS m
JOIN otel.metric_series_dim AS s ON s.metric_id = m.metric_id
LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
LEFT JOIN otel.metric_types AS t ON t.id = m.metric_type
LEFT JOIN otel.aggregation_temporalities AS a ON a.id = m.aggregation_temporality
-- Variants that differ in their description alone are one metric.
GROUP BY m.metric_identity_hash, m.name, t.name, m.unit, a.name, m.is_monotonic
ORDER BY m.name, t.name;
