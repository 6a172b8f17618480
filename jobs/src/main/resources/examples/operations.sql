-- The operations that took most time in all, of the spans that arrived within the last hour.
SELECT
    service_name,
    name,
    kind,
    count(*) AS spans,
    count(*) FILTER (WHERE status = 'ERROR') AS errors,
    round(avg(duration_ms)::numeric, 2) AS average_ms,
    round(percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms)::numeric, 2) AS p95_ms,
    round(max(duration_ms)::numeric, 2) AS max_ms,
    round(sum(duration_ms)::numeric / 1000, 1) AS total_seconds
FROM otel.spans
WHERE id >= otel.id_at(now() - interval '1 hour')
GROUP BY service_name, name, kind
ORDER BY sum(duration_ms) DESC NULLS LAST
LIMIT 30;
