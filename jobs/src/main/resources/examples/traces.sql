-- The newest traces: root span, number of spans, duration and errors.
WITH newest AS (
    SELECT trace_id, max(id) AS last_id
    FROM (
        SELECT trace_id, id
        FROM otel.spans_fact
        WHERE id >= otel.id_at(now() - interval '1 hour') AND trace_id IS NOT NULL
        ORDER BY id DESC
        LIMIT 10000
    ) AS s
    GROUP BY trace_id
    ORDER BY last_id DESC
    LIMIT 20
)
SELECT t.started, t.root_service, t.root, t.spans, t.services, t.errors, round(t.duration_ms::numeric, 2) AS duration_ms, encode(newest.trace_id, 'hex') AS trace_id
FROM newest
CROSS JOIN LATERAL (
    SELECT
        min(s.start_timestamp) AS started,
        -- Where the root isn't there, the earliest span stands for it.
        (array_agg(s.service_name ORDER BY s.parent_span_id_bytes IS NOT NULL, s.start_timestamp))[1] AS root_service,
        (array_agg(s.name ORDER BY s.parent_span_id_bytes IS NOT NULL, s.start_timestamp))[1] AS root,
        count(*) AS spans,
        count(DISTINCT s.service_id) AS services,
        count(*) FILTER (WHERE s.status = 'ERROR') AS errors,
        1000 * extract(epoch FROM max(s.end_timestamp) - min(s.start_timestamp)) AS duration_ms
    FROM otel.spans AS s
    WHERE s.trace_id_bytes = newest.trace_id
        -- A trace is seldom longer than that; without a bound all partitions would be searched.
        AND s.id >= otel.id_at(now() - interval '3 hours')
) AS t
ORDER BY newest.last_id DESC;
