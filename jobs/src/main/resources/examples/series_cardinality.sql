-- The metrics with the most series, and how many values their attributes have in a sample of 500 series each.
WITH most AS (
    SELECT
        metric_id,
        count(*) AS series,
        count(*) FILTER (WHERE first_seen > now() - interval '1 hour') AS new_within_the_hour,
        count(DISTINCT resource_id) AS resources
    FROM otel.metric_series_dim
    GROUP BY metric_id
    ORDER BY series DESC
    LIMIT 20
)
SELECT m.name, most.series, most.new_within_the_hour, most.resources, a.attributes
FROM most
LEFT JOIN otel.metrics_dim AS m ON m.metric_id = most.metric_id
CROSS JOIN LATERAL (
    SELECT string_agg(counted.key || ' ' || counted.values, ', ' ORDER BY counted.values DESC, counted.key) AS attributes
    FROM (
        SELECT u.key, count(DISTINCT coalesce(u.str_value, u.int_value::text, u.double_value::text, u.bool_value::text, u.other_value::text)) AS values
        FROM (SELECT series_id FROM otel.metric_series_dim AS s WHERE s.metric_id = most.metric_id LIMIT 500) AS sample
        CROSS JOIN LATERAL (
            SELECT *
            FROM otel.metric_attrs_unified AS x
            WHERE x.series_id = sample.series_id
            -- Not to be merged with the query around it: one series' attributes are looked up at a time.
            OFFSET 0
        ) AS u
        GROUP BY u.key
    ) AS counted
) AS a
ORDER BY most.series DESC, m.name;
