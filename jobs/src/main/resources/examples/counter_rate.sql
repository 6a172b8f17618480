-- How fast counters rose, by service, of the points that arrived within the last hour.
-- A delta counts what was added; of a cumulative counter it is the difference from the point before, or all of it where the counter began anew.
WITH points AS (
    SELECT
        service_name, name, unit, series_id, temporality, timestamp, start_timestamp, value,
        lag(value) OVER before AS previous_value,
        lag(timestamp) OVER before AS previous_timestamp,
        lag(start_timestamp) OVER before AS previous_start
    FROM otel.metric_points
    WHERE id >= otel.id_at(now() - interval '1 hour')
        AND type = 'SUM'
        AND is_monotonic
        AND value IS NOT NULL
    WINDOW before AS (PARTITION BY series_id ORDER BY timestamp, nanos_fraction)
), increases AS (
    SELECT
        service_name, name, unit, series_id, timestamp,
        CASE WHEN temporality = 'DELTA' THEN start_timestamp ELSE previous_timestamp END AS since,
        CASE
            WHEN temporality = 'DELTA' THEN value
            WHEN value >= previous_value AND start_timestamp IS NOT DISTINCT FROM previous_start THEN value - previous_value
            ELSE value
        END AS increase
    FROM points
    -- The first point of a cumulative series has nothing to compare with.
    WHERE temporality = 'DELTA' OR previous_value IS NOT NULL
)
SELECT
    service_name,
    name,
    unit,
    count(DISTINCT series_id) AS series,
    sum(increase) AS increase,
    round((sum(increase) / nullif(extract(epoch FROM max(timestamp) - min(since)), 0)::double precision)::numeric, 3) AS per_second
FROM increases
GROUP BY service_name, name, unit
ORDER BY per_second DESC NULLS LAST, name
LIMIT 50;
