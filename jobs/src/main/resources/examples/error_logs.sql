-- The newest log records that are errors, of the last hour.
SELECT
    l.time,
    l.service_name,
    l.severity,
    left(coalesce(l.body, l.event_name), 200) AS message,
    (
        SELECT a.value
        FROM otel.log_attrs_string AS a
        WHERE a.parent_id = l.id AND a.key_id = otel.key_id('exception.type', 'string')
    ) AS exception,
    l.trace_id
FROM otel.logs AS l
WHERE l.id >= otel.id_at(now() - interval '1 hour')
    AND l.severity_number >= 17
-- As a partial index has them.
ORDER BY l.time DESC
LIMIT 20;
