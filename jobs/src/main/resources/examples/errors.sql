-- The newest spans with an error and what they say, of the last hour.
SELECT
    s.start_timestamp,
    s.service_name,
    s.name,
    coalesce(
        nullif(s.status_message, ''),
        (
            SELECT a.value
            FROM otel.span_events AS e
            JOIN otel.span_event_attrs_string AS a ON a.parent_id = e.id
            WHERE e.parent_id = s.id
                AND a.key_id IN (otel.key_id('exception.message', 'string'), otel.key_id('exception.type', 'string'))
            ORDER BY e.id DESC, a.key_id = otel.key_id('exception.message', 'string') DESC
            LIMIT 1
        )
    ) AS message,
    s.trace_id
FROM otel.spans AS s
WHERE s.id >= otel.id_at(now() - interval '1 hour')
    AND s.status = 'ERROR'
ORDER BY s.id DESC
LIMIT 20;
