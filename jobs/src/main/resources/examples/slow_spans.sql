-- The slowest spans that arrived within the last hour, with their attributes.
SELECT start_timestamp, service_name, name, kind, round(duration_ms::numeric, 2) AS duration_ms, status, trace_id, attributes
FROM otel.spans
WHERE id >= otel.id_at(now() - interval '1 hour')
ORDER BY spans.duration_ms DESC NULLS LAST
LIMIT 20;
