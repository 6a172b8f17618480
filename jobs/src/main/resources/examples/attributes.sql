-- Which attributes spans have and where they are kept, in a sample of the newest 2,000.
WITH sample AS MATERIALIZED (
    SELECT id, attributes_other
    FROM otel.spans_fact
    WHERE id >= otel.id_at(now() - interval '1 hour')
    ORDER BY id DESC
    LIMIT 2000
)
SELECT
    u.key,
    u.type,
    CASE WHEN sample.attributes_other ? u.key OR u.key LIKE '$%' THEN 'catch-all' ELSE 'typed' END AS kept_in,
    count(*) AS spans,
    round(100.0 * count(*) / (SELECT count(*) FROM sample), 1) AS percent,
    left(min(coalesce(u.str_value, u.int_value::text, u.double_value::text, u.bool_value::text, u.bytes_value::text, u.other_value::text)), 60) AS example
FROM sample
CROSS JOIN LATERAL (
    SELECT *
    FROM otel.span_attrs_unified AS a
    WHERE a.parent_id = sample.id
    -- Not to be merged with the query around it: one span's attributes are looked up at a time, instead of all spans' read.
    OFFSET 0
) AS u
GROUP BY u.key, u.type, kept_in
ORDER BY spans DESC, u.key;
