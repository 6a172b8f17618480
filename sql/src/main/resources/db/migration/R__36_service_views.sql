-- Rollups for people: services and operations with their names. They read rollups alone, never a span.

CREATE OR REPLACE VIEW otel.service_overview AS
SELECT s.service_name, s.service_namespace, s.environment, s.request_count,
    -- The first window of those that the hour has: 59 to 60 minutes ago.
    s.request_count / extract(epoch FROM now() - date_bin(interval '1 minute', now() - interval '59 minutes', timestamptz '2000-01-01 00:00:00+00'))::double precision
        AS requests_per_second,
    s.error_count,
    s.error_count / nullif(s.request_count, 0)::double precision AS error_rate,
    (s.duration_sum_ns / nullif(s.request_count, 0))::double precision / 1000000 AS avg_ms,
    s.duration_max_ns / double precision '1000000' AS max_ms,
    otel.sketch_quantile(s.sketch, 0.95) / 1000000 AS p95_ms,
    s.active_instances
FROM (
    SELECT d.name AS service_name, d.namespace AS service_namespace, d.environment, sum(m.span_count)::bigint AS request_count,
        sum(m.error_count)::bigint AS error_count, sum(m.duration_sum_ns) AS duration_sum_ns, max(m.duration_max_ns) AS duration_max_ns,
        otel.merge_sketches(m.sketch_zero_count, m.sketch_bins, m.sketch_counts) AS sketch,
        otel.distinct_estimate(otel.merge_ids(m.instance_ids)) AS active_instances
    FROM otel.service_minutes AS m
    LEFT JOIN otel.service_dim AS d ON d.service_id = m.service_id
    WHERE m.window_start > now() - interval '1 hour' AND m.window_start <= now()
    GROUP BY d.name, d.namespace, d.environment
) AS s;
COMMENT ON VIEW otel.service_overview IS
    'The services of the last hour, all versions of one together: the windows of a minute that began within it, the current one included, so 59 to 60 minutes. Requests are spans of kind SERVER and CONSUMER; a service that has only others is there with 0.';
COMMENT ON COLUMN otel.service_overview.service_name IS 'service.name; NULL where the resource has none, or the service isn''t in service_dim yet.';
COMMENT ON COLUMN otel.service_overview.service_namespace IS 'service.namespace; NULL where the resource has none.';
COMMENT ON COLUMN otel.service_overview.environment IS 'deployment.environment.name, else the older deployment.environment; NULL where the resource has neither.';
COMMENT ON COLUMN otel.service_overview.request_count IS 'How many requests.';
COMMENT ON COLUMN otel.service_overview.requests_per_second IS 'request_count by the seconds from the beginning of the first of the hour''s windows, whether it has requests or not, to now.';
COMMENT ON COLUMN otel.service_overview.error_count IS 'How many of them have the status ERROR.';
COMMENT ON COLUMN otel.service_overview.error_rate IS 'error_count by request_count, 0 to 1; NULL without requests.';
COMMENT ON COLUMN otel.service_overview.avg_ms IS 'Their average duration in milliseconds; one whose end is unset or before the start counts as 0. NULL without requests.';
COMMENT ON COLUMN otel.service_overview.max_ms IS 'The longest duration in milliseconds; NULL without requests.';
COMMENT ON COLUMN otel.service_overview.p95_ms IS 'The duration in milliseconds that 95 % of them do not exceed, to 1 %; NULL without requests.';
COMMENT ON COLUMN otel.service_overview.active_instances IS 'How many resources had spans of any kind; exact below 1,024, then with a standard error of 3 %.';

CREATE OR REPLACE VIEW otel.top_operations AS
WITH minutes AS MATERIALIZED (
    SELECT m.operation_id, m.service_id, m.span_kind, m.span_count, m.error_count, m.duration_sum_ns, m.sketch_zero_count, m.sketch_bins, m.sketch_counts,
        m.overflow_operations
    FROM otel.operation_minutes AS m
    WHERE m.window_start > now() - interval '1 hour' AND m.window_start <= now()
), operations AS MATERIALIZED (
    -- An operation is another one in each version of its service: key is one of those that are called the same.
    SELECT o.*, n.name AS operation_name, d.name AS service_name, d.namespace AS service_namespace, d.environment,
        min(o.operation_id) OVER (PARTITION BY d.name, d.namespace, d.environment, n.name, o.span_kind) AS key
    FROM (
        SELECT m.operation_id, min(m.service_id) AS service_id, min(m.span_kind) AS span_kind, sum(m.span_count) AS call_count, sum(m.error_count) AS error_count,
            sum(m.duration_sum_ns) AS duration_sum_ns, bool_or(m.overflow_operations IS NOT NULL) AS is_overflow
        FROM minutes AS m
        GROUP BY m.operation_id
    ) AS o
    LEFT JOIN otel.operation_dim AS n ON n.operation_id = o.operation_id
    LEFT JOIN otel.service_dim AS d ON d.service_id = o.service_id
), named AS (
    SELECT o.key, o.service_name, o.service_namespace, o.environment, o.operation_name, o.span_kind, sum(o.call_count)::bigint AS call_count,
        sum(o.error_count)::bigint AS error_count, sum(o.duration_sum_ns) AS duration_sum_ns
    FROM operations AS o
    GROUP BY o.key, o.service_name, o.service_namespace, o.environment, o.operation_name, o.span_kind
), quantiles AS (
    -- As merge_sketches and sketch_quantile have it, but all operations at once, without a call for each row.
    SELECT b.key, min(b.bin) FILTER (WHERE b.up_to >= ceil(0.95::double precision * b.total)) AS p95_bin,
        min(b.bin) FILTER (WHERE b.up_to >= ceil(0.99::double precision * b.total)) AS p99_bin
    FROM (
        SELECT b.key, b.bin, sum(b.count) OVER (PARTITION BY b.key ORDER BY b.bin) AS up_to, sum(b.count) OVER (PARTITION BY b.key) AS total
        FROM (
            SELECT o.key, b.bin, sum(b.count)::bigint AS count
            FROM (
                SELECT b.operation_id, b.bin, sum(b.count) AS count
                FROM (
                    SELECT m.operation_id, unnest(m.sketch_bins) AS bin, unnest(m.sketch_counts) AS count FROM minutes AS m
                    UNION ALL
                    SELECT m.operation_id, -1, m.sketch_zero_count FROM minutes AS m WHERE m.sketch_zero_count > 0
                ) AS b
                GROUP BY b.operation_id, b.bin
            ) AS b
            JOIN operations AS o ON o.operation_id = b.operation_id
            GROUP BY o.key, b.bin
        ) AS b
    ) AS b
    GROUP BY b.key
), overflows AS (
    SELECT o.key, otel.distinct_estimate(otel.merge_ids(r.overflow_operation_ids)) AS overflow_operations
    FROM otel.operation_rollup_1m AS r
    JOIN operations AS o ON o.operation_id = r.operation_id
    WHERE o.is_overflow AND r.overflow_operation_ids IS NOT NULL AND r.window_start > now() - interval '1 hour' AND r.window_start <= now()
        -- Then there is nothing to look for.
        AND EXISTS (SELECT FROM operations AS any_operation WHERE any_operation.is_overflow)
    GROUP BY o.key
)
SELECT n.service_name, n.service_namespace, n.environment, n.operation_name, coalesce(k.name, n.span_kind::text) AS span_kind, n.call_count,
    -- The first window of those that the hour has: 59 to 60 minutes ago.
    n.call_count / extract(epoch FROM now() - date_bin(interval '1 minute', now() - interval '59 minutes', timestamptz '2000-01-01 00:00:00+00'))::double precision
        AS calls_per_second,
    n.error_count,
    n.error_count / n.call_count::double precision AS error_rate,
    (n.duration_sum_ns / n.call_count)::double precision / 1000000 AS avg_ms,
    CASE WHEN q.p95_bin < 0 THEN 0 ELSE otel.duration_bin_ns(q.p95_bin) / 1000000 END AS p95_ms,
    CASE WHEN q.p99_bin < 0 THEN 0 ELSE otel.duration_bin_ns(q.p99_bin) / 1000000 END AS p99_ms,
    n.duration_sum_ns::double precision / 1000000 AS total_ms,
    w.overflow_operations
FROM named AS n
LEFT JOIN quantiles AS q ON q.key = n.key
LEFT JOIN overflows AS w ON w.key = n.key
LEFT JOIN otel.span_kinds AS k ON k.id = n.span_kind;
COMMENT ON VIEW otel.top_operations IS
    'The operations of the last hour, those of all versions of a service together: the windows of a minute that began within it, the current one included, so 59 to 60 minutes. Order it by what matters: total_ms, call_count, error_count, p99_ms. otel.overflow is all operations beyond a service''s limit.';
COMMENT ON COLUMN otel.top_operations.service_name IS 'service.name; NULL where the resource has none, or the service isn''t in service_dim yet.';
COMMENT ON COLUMN otel.top_operations.service_namespace IS 'service.namespace; NULL where the resource has none.';
COMMENT ON COLUMN otel.top_operations.environment IS 'deployment.environment.name, else the older deployment.environment; NULL where the resource has neither.';
COMMENT ON COLUMN otel.top_operations.operation_name IS
    'The spans'' name; otel.overflow for those beyond the limit; NULL, for seconds, where operations aren''t in operation_dim and not folded yet.';
COMMENT ON COLUMN otel.top_operations.span_kind IS 'The spans'' kind by name, an unknown one as its number; UNSPECIFIED for otel.overflow, whose spans have any.';
COMMENT ON COLUMN otel.top_operations.call_count IS 'How many spans.';
COMMENT ON COLUMN otel.top_operations.calls_per_second IS 'call_count by the seconds from the beginning of the first of the hour''s windows, whether it has calls or not, to now.';
COMMENT ON COLUMN otel.top_operations.error_count IS 'How many of them have the status ERROR.';
COMMENT ON COLUMN otel.top_operations.error_rate IS 'error_count by call_count, 0 to 1.';
COMMENT ON COLUMN otel.top_operations.avg_ms IS 'Their average duration in milliseconds; one whose end is unset or before the start counts as 0.';
COMMENT ON COLUMN otel.top_operations.p95_ms IS 'The duration in milliseconds that 95 % of them do not exceed, to 1 %.';
COMMENT ON COLUMN otel.top_operations.p99_ms IS 'The duration in milliseconds that 99 % of them do not exceed, to 1 %.';
COMMENT ON COLUMN otel.top_operations.total_ms IS 'The sum of their durations in milliseconds.';
COMMENT ON COLUMN otel.top_operations.overflow_operations IS 'How many operations otel.overflow stands for, exact below 1,024, then with a standard error of 3 %; NULL for others.';

CREATE OR REPLACE VIEW otel.service_versions AS
SELECT d.name AS service_name, d.namespace AS service_namespace, d.environment, d.version AS service_version, v.first_window, v.last_window, v.request_count,
    v.request_count / nullif(extract(epoch FROM LEAST(v.last_window + interval '1 hour', now()) - v.first_window), 0)::double precision AS requests_per_second,
    v.error_count,
    v.error_count / nullif(v.request_count, 0)::double precision AS error_rate,
    (v.duration_sum_ns / nullif(v.request_count, 0))::double precision / 1000000 AS avg_ms,
    otel.sketch_quantile(v.sketch, 0.5) / 1000000 AS p50_ms,
    otel.sketch_quantile(v.sketch, 0.95) / 1000000 AS p95_ms,
    otel.sketch_quantile(v.sketch, 0.99) / 1000000 AS p99_ms,
    v.active_instances
FROM (
    SELECT h.service_id, min(h.window_start) AS first_window, max(h.window_start) AS last_window, sum(h.span_count)::bigint AS request_count,
        sum(h.error_count)::bigint AS error_count, sum(h.duration_sum_ns) AS duration_sum_ns,
        otel.merge_sketches(h.sketch_zero_count, h.sketch_bins, h.sketch_counts) AS sketch,
        otel.distinct_estimate(otel.merge_ids(h.instance_ids)) AS active_instances
    FROM otel.service_hours AS h
    WHERE h.window_start > now() - interval '1 day' AND h.window_start <= now()
    GROUP BY h.service_id
) AS v
LEFT JOIN otel.service_dim AS d ON d.service_id = v.service_id;
COMMENT ON VIEW otel.service_versions IS
    'The versions of each service side by side, over the last day: the windows of an hour that began within it, the current one included, so 23 to 24 hours. Requests are spans of kind SERVER and CONSUMER. Order it by service_name, service_namespace, environment, first_window.';
COMMENT ON COLUMN otel.service_versions.service_name IS 'service.name; NULL where the resource has none, or the service isn''t in service_dim yet.';
COMMENT ON COLUMN otel.service_versions.service_namespace IS 'service.namespace; NULL where the resource has none.';
COMMENT ON COLUMN otel.service_versions.environment IS 'deployment.environment.name, else the older deployment.environment; NULL where the resource has neither.';
COMMENT ON COLUMN otel.service_versions.service_version IS 'service.version; NULL where the resource has none.';
COMMENT ON COLUMN otel.service_versions.first_window IS 'The first hour of the day in which the version had a span of any kind.';
COMMENT ON COLUMN otel.service_versions.last_window IS 'The last one.';
COMMENT ON COLUMN otel.service_versions.request_count IS 'How many requests.';
COMMENT ON COLUMN otel.service_versions.requests_per_second IS
    'request_count by the seconds from the beginning of first_window to the end of last_window, or to now where that is earlier: a version that began at noon isn''t slower for it.';
COMMENT ON COLUMN otel.service_versions.error_count IS 'How many of them have the status ERROR.';
COMMENT ON COLUMN otel.service_versions.error_rate IS 'error_count by request_count, 0 to 1; NULL without requests.';
COMMENT ON COLUMN otel.service_versions.avg_ms IS 'Their average duration in milliseconds; one whose end is unset or before the start counts as 0. NULL without requests.';
COMMENT ON COLUMN otel.service_versions.p50_ms IS 'Their median duration in milliseconds, to 1 %; NULL without requests.';
COMMENT ON COLUMN otel.service_versions.p95_ms IS 'The duration in milliseconds that 95 % of them do not exceed, to 1 %; NULL without requests.';
COMMENT ON COLUMN otel.service_versions.p99_ms IS 'The duration in milliseconds that 99 % of them do not exceed, to 1 %; NULL without requests.';
COMMENT ON COLUMN otel.service_versions.active_instances IS 'How many resources had spans of any kind; exact below 1,024, then with a standard error of 3 %.';
