-- The trace of the slowest root span of the last hour, as a tree.
WITH slowest AS (
    SELECT trace_id_bytes, otel.arrival_of(id) AS arrived
    FROM otel.spans
    WHERE id >= otel.id_at(now() - interval '1 hour')
        AND parent_span_id_bytes IS NULL
        AND trace_id_bytes IS NOT NULL
    ORDER BY duration_ms DESC NULLS LAST
    LIMIT 1
)
SELECT
    repeat('  ', t.depth) || t.name AS span,
    t.service_name,
    t.kind,
    round(1000 * extract(epoch FROM t.start_timestamp - min(t.start_timestamp) OVER ()), 2) AS after_ms,
    round(t.duration_ms::numeric, 2) AS duration_ms,
    t.status,
    jsonb_array_length(t.events) AS events,
    encode(slowest.trace_id_bytes, 'hex') AS trace_id
FROM slowest
CROSS JOIN otel.trace_spans(slowest.trace_id_bytes, around => slowest.arrived) AS t
ORDER BY t.position;
