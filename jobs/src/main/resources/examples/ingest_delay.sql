-- How long spans took from their end to the store by service, of those that arrived within the last 10 minutes.
SELECT
    service_name,
    count(*) AS spans,
    round(percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM otel.arrival_of(id) - end_timestamp)), 1) AS median_seconds,
    round(percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM otel.arrival_of(id) - end_timestamp)), 1) AS p95_seconds,
    round(max(extract(epoch FROM otel.arrival_of(id) - end_timestamp)), 1) AS max_seconds
FROM otel.spans
WHERE id >= otel.id_at(now() - interval '10 minutes')
GROUP BY service_name
ORDER BY p95_seconds DESC NULLS LAST;
