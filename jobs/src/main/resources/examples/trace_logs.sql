-- What was logged during the newest trace that has log records.
WITH newest AS (
    SELECT trace_id_bytes
    FROM otel.logs
    WHERE id >= otel.id_at(now() - interval '1 hour') AND trace_id_bytes IS NOT NULL
    ORDER BY id DESC
    LIMIT 1
)
SELECT
    l.time,
    l.service_name,
    (
        SELECT s.name
        FROM otel.spans AS s
        WHERE s.trace_id_bytes = l.trace_id_bytes AND s.span_id_bytes = l.span_id_bytes AND s.id >= otel.id_at(now() - interval '3 hours')
        LIMIT 1
    ) AS span,
    l.severity,
    left(l.body, 200) AS message,
    l.attributes,
    l.trace_id
FROM newest
JOIN otel.logs AS l ON l.trace_id_bytes = newest.trace_id_bytes
-- A trace is seldom longer than that; without a bound all partitions would be searched.
WHERE l.id >= otel.id_at(now() - interval '3 hours')
ORDER BY l.time, l.nanos_fraction, l.id;
