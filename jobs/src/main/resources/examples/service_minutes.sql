-- Requests, errors and durations of each service by minute, of the last 15 minutes.
SELECT
    m.window_start,
    d.name AS service_name,
    sum(m.span_count) AS requests,
    -- As many as there were before sampling.
    round(sum(m.adjusted_count)::numeric) AS requests_before_sampling,
    sum(m.error_count) AS errors,
    round(sum(m.duration_sum_ns) / sum(m.span_count) / 1000000, 2) AS average_ms,
    -- Quantiles of several rows are those of their merged sketches, never an average of quantiles.
    round((otel.sketch_quantile(otel.merge_sketches(m.sketch_zero_count, m.sketch_bins, m.sketch_counts), 0.95) / 1000000)::numeric, 2) AS p95_ms,
    round(max(m.duration_max_ns) / 1000000.0, 2) AS max_ms
FROM otel.service_minutes AS m
LEFT JOIN otel.service_dim AS d ON d.service_id = m.service_id
WHERE m.window_start >= now() - interval '15 minutes' AND m.window_start <= now() AND m.span_count > 0
GROUP BY m.window_start, d.name
ORDER BY m.window_start DESC, requests DESC;
