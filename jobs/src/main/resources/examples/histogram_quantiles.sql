-- Averages and percentiles of histograms, by service, of the points that arrived within the last hour.
-- A percentile is interpolated within its bucket; one in the last bucket, which has no end, is that bucket's beginning.
WITH points AS (
    SELECT
        service_name, name, unit, series_id, temporality, start_timestamp, count, sum, bucket_counts, explicit_bounds,
        lag(count) OVER before AS previous_count,
        lag(sum) OVER before AS previous_sum,
        lag(bucket_counts) OVER before AS previous_buckets,
        lag(explicit_bounds) OVER before AS previous_bounds,
        lag(start_timestamp) OVER before AS previous_start
    FROM otel.metric_points
    WHERE id >= otel.id_at(now() - interval '1 hour')
        AND type = 'HISTOGRAM'
        AND cardinality(bucket_counts) = cardinality(explicit_bounds) + 1
    WINDOW before AS (PARTITION BY series_id ORDER BY timestamp, nanos_fraction)
), increases AS (
    SELECT
        *,
        -- Of a cumulative histogram that did not begin anew, what the point before had is not new.
        temporality = 'CUMULATIVE' AND count >= previous_count AND explicit_bounds = previous_bounds
            AND start_timestamp IS NOT DISTINCT FROM previous_start AS continues
    FROM points
    -- The first point of a cumulative series has nothing to compare with.
    WHERE temporality = 'DELTA' OR previous_count IS NOT NULL
), totals AS (
    SELECT
        service_name, name, unit,
        count(DISTINCT series_id) AS series,
        sum(count - CASE WHEN continues THEN previous_count ELSE 0 END) AS measurements,
        sum(sum - CASE WHEN continues THEN previous_sum ELSE 0 END) AS total
    FROM increases
    GROUP BY service_name, name, unit
), buckets AS (
    SELECT
        i.service_name, i.name, i.unit,
        i.explicit_bounds[b.n] AS upper_bound,
        i.explicit_bounds[b.n - 1] AS lower_bound,
        sum(b.measurements - CASE WHEN i.continues THEN i.previous_buckets[b.n] ELSE 0 END) AS measurements
    FROM increases AS i
    CROSS JOIN LATERAL unnest(i.bucket_counts) WITH ORDINALITY AS b (measurements, n)
    GROUP BY i.service_name, i.name, i.unit, upper_bound, lower_bound
), cumulated AS (
    SELECT
        *,
        sum(measurements) OVER (PARTITION BY service_name, name, unit ORDER BY upper_bound NULLS LAST) AS up_to,
        sum(measurements) OVER (PARTITION BY service_name, name, unit) AS measurements_of_all
    FROM buckets
), percentiles AS (
    SELECT DISTINCT ON (c.service_name, c.name, c.unit, q.quantile)
        c.service_name, c.name, c.unit, q.quantile,
        CASE
            WHEN c.upper_bound IS NULL THEN c.lower_bound
            ELSE least(coalesce(c.lower_bound, 0), c.upper_bound)
                + (c.upper_bound - least(coalesce(c.lower_bound, 0), c.upper_bound))
                * (q.quantile * c.measurements_of_all - (c.up_to - c.measurements)) / c.measurements
        END AS value
    FROM cumulated AS c
    CROSS JOIN (VALUES (0.5), (0.95), (0.99)) AS q (quantile)
    WHERE c.measurements > 0 AND c.up_to >= q.quantile * c.measurements_of_all
    ORDER BY c.service_name, c.name, c.unit, q.quantile, c.upper_bound NULLS LAST
)
SELECT
    t.service_name,
    t.name,
    t.unit,
    t.series,
    t.measurements,
    round((t.total / nullif(t.measurements, 0)::double precision)::numeric, 3) AS average,
    round(max(p.value) FILTER (WHERE p.quantile = 0.5)::numeric, 3) AS p50,
    round(max(p.value) FILTER (WHERE p.quantile = 0.95)::numeric, 3) AS p95,
    round(max(p.value) FILTER (WHERE p.quantile = 0.99)::numeric, 3) AS p99
FROM totals AS t
LEFT JOIN percentiles AS p ON p.service_name IS NOT DISTINCT FROM t.service_name AND p.name = t.name AND p.unit = t.unit
GROUP BY t.service_name, t.name, t.unit, t.series, t.measurements, t.total
ORDER BY t.measurements DESC, t.name
LIMIT 50;
