-- How many resources, scopes, services, operations, metrics and series there are, and what could not be stored as one.
SELECT 'resources' AS dimension, count(*), min(first_seen) AS first_seen, max(last_seen) AS last_seen FROM otel.resources_dim
UNION ALL
SELECT 'scopes', count(*), min(first_seen), max(last_seen) FROM otel.scopes_dim
UNION ALL
SELECT 'services', count(*), min(first_seen), max(last_seen) FROM otel.service_dim
UNION ALL
SELECT 'operations', count(*), min(first_seen), max(last_seen) FROM otel.operation_dim
UNION ALL
SELECT 'metrics', count(*), min(first_seen), max(last_seen) FROM otel.metrics_dim
UNION ALL
SELECT 'series', count(*), min(first_seen), max(last_seen) FROM otel.metric_series_dim
UNION ALL
SELECT rtrim('refused ' || kind, 's') || 's', count(*), min(noticed_at), max(noticed_at) FROM otel.refused_dimensions GROUP BY kind
UNION ALL
SELECT rtrim('colliding ' || kind, 's') || 's', count(*), min(noticed_at), max(noticed_at) FROM otel.dimension_collisions GROUP BY kind;
