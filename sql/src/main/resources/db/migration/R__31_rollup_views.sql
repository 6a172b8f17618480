-- Rollups as they are now: what is folded, and what is not. Folded rows to which nothing is to be added are passed on as they are,
-- so that bounds reach their partitions and indexes; the others are merged. Both parts are of one snapshot, in which folding has
-- moved a row or has not.

DO $generate$
DECLARE
    -- The upper bound is always true. Of a range whose ends it doesn't know the planner expects a two-hundredth; of what lies above
    -- one end it would expect a third, millions, and read everything else to join it.
    unfolded constant text :=
        'otel.xact_number(p.xact_id) >= (SELECT otel.xact_number(f.folded_below) FROM otel.rollup_progress AS f)
            AND otel.xact_number(p.xact_id) <= 9223372036854775807';
    minute constant text := 'p.window_start';
    hour constant text := 'date_bin(interval ''1 hour'', p.window_start, timestamptz ''1970-01-01 00:00:00+00'')';
    measures constant text[] := ARRAY['span_count', 'error_count', 'invalid_duration_count', 'adjusted_count', 'duration_sum_ns',
        'error_duration_sum_ns', 'duration_min_ns', 'duration_max_ns', 'sketch_zero_count', 'sketch_bins', 'sketch_counts'];
    folded_measures constant text := (SELECT string_agg('r.' || m, ', ') FROM unnest(measures) AS m);
    rollup record;
    col record;
BEGIN
    FOR rollup IN
        SELECT v.*, w.window_start, w.unit, 'otel.' || v.view || '_rollup_' || w.suffix AS folded, v.view || '_' || w.unit || 's' AS name
        FROM (VALUES
            (
                'operation', 'operation_id', ARRAY['operation_id', 'service_id', 'span_kind'],
                (SELECT string_agg('p.' || m, ', ') FROM unnest(measures) AS m), 'overflow_operation_ids', 'NULL::bigint[]',
                -- Only the folded row has any.
                'max(a.overflow_operation_ids)', 'otel.distinct_estimate(%s.overflow_operation_ids) AS overflow_operations',
                'Spans by operation and %1$s of their start: how many, errors, durations; all that are stored at this moment. Give a bound on window_start. What isn''t folded yet shows under its own operation, later that of an operation without a row in operation_dim under otel.overflow of its service.'
            ),
            (
                'service', 'service_id', ARRAY['service_id'],
                (
                    SELECT string_agg(
                        format('CASE WHEN p.span_kind IN (2, 5) THEN p.%1$s%2$s END AS %1$s', m, CASE WHEN m ~ '^(sketch|duration_m)' THEN '' ELSE ' ELSE 0' END), ', ')
                    FROM unnest(measures) AS m
                ),
                'instance_ids', 'p.resource_ids', 'otel.merge_ids(a.instance_ids)',
                'otel.distinct_estimate(%1$s.instance_ids) AS active_instances, %1$s.instance_ids',
                'The entry spans (SERVER and CONSUMER) of each service by the %1$s of their start: how many, errors, durations; all that are stored at this moment. Give a bound on window_start. A service that has only spans of other kinds has a row that counts 0.'
            )
        ) AS v (view, key, keys, partial_measures, ids, partial_ids, merged_ids, distinct_columns, described)
        CROSS JOIN (VALUES ('1m', 'minute', minute), ('1h', 'hour', hour)) AS w (suffix, unit, window_start)
    LOOP
        EXECUTE format(
            $view$
CREATE OR REPLACE VIEW otel.%1$I AS
SELECT r.window_start, %3$s, r.span_count, r.error_count, r.invalid_duration_count, r.adjusted_count, r.duration_sum_ns,
    r.error_duration_sum_ns, r.duration_min_ns, r.duration_max_ns, r.p50_ns, r.p90_ns, r.p95_ns, r.p99_ns,
    r.sketch_zero_count, r.sketch_bins, r.sketch_counts, %5$s, r.updated_at
FROM %2$s AS r
WHERE NOT EXISTS (SELECT FROM otel.operation_rollup_partial AS p WHERE %12$s AND %7$s = r.window_start AND p.%8$s = r.%8$s)
UNION ALL
SELECT m.window_start, %4$s, m.span_count, m.error_count, m.invalid_duration_count, m.adjusted_count, m.duration_sum_ns,
    m.error_duration_sum_ns, m.duration_min_ns, m.duration_max_ns, m.quantiles[1], m.quantiles[2], m.quantiles[3], m.quantiles[4],
    coalesce((m.sketch).zero_count, 0), coalesce((m.sketch).bins, '{}'), coalesce((m.sketch).counts, '{}'), %6$s, m.updated_at
FROM (
    SELECT a.window_start, %9$s, sum(a.span_count)::bigint AS span_count, sum(a.error_count)::bigint AS error_count,
        sum(a.invalid_duration_count)::bigint AS invalid_duration_count, sum(a.adjusted_count) AS adjusted_count,
        sum(a.duration_sum_ns) AS duration_sum_ns, sum(a.error_duration_sum_ns) AS error_duration_sum_ns,
        min(a.duration_min_ns) AS duration_min_ns, max(a.duration_max_ns) AS duration_max_ns,
        otel.merge_sketches(a.sketch_zero_count, a.sketch_bins, a.sketch_counts) AS sketch,
        otel.sketch_quantiles(
            sum(a.span_count)::bigint,
            (otel.merge_sketches(a.sketch_zero_count, a.sketch_bins, a.sketch_counts)).zero_count,
            (otel.merge_sketches(a.sketch_zero_count, a.sketch_bins, a.sketch_counts)).bins,
            (otel.merge_sketches(a.sketch_zero_count, a.sketch_bins, a.sketch_counts)).counts,
            '{0.5,0.9,0.95,0.99}') AS quantiles,
        %13$s AS %14$I, max(a.updated_at) AS updated_at
    FROM (
        SELECT %7$s AS window_start, %10$s, %11$s AS %14$I, otel.arrival_of(p.id) AS updated_at
        FROM otel.operation_rollup_partial AS p
        WHERE %12$s AND p.window_start IS NOT NULL
        UNION ALL
        SELECT r.window_start, %3$s, %15$s, r.%14$I, r.updated_at
        FROM %2$s AS r
        WHERE EXISTS (SELECT FROM otel.operation_rollup_partial AS p WHERE %12$s AND %7$s = r.window_start AND p.%8$s = r.%8$s)
    ) AS a
    GROUP BY a.window_start, %9$s
) AS m
$view$,
            rollup.name, rollup.folded,
            (SELECT string_agg('r.' || k, ', ') FROM unnest(rollup.keys) AS k), (SELECT string_agg('m.' || k, ', ') FROM unnest(rollup.keys) AS k),
            format(rollup.distinct_columns, 'r'), format(rollup.distinct_columns, 'm'),
            rollup.window_start, rollup.key, (SELECT string_agg('a.' || k, ', ') FROM unnest(rollup.keys) AS k),
            (SELECT string_agg('p.' || k, ', ') FROM unnest(rollup.keys) AS k) || ', ' || rollup.partial_measures,
            rollup.partial_ids, unfolded, rollup.merged_ids, rollup.ids, folded_measures);
        EXECUTE format('COMMENT ON VIEW otel.%I IS %L', rollup.name, format(rollup.described, rollup.unit));
        FOR col IN
            SELECT a.attname, CASE a.attname
                WHEN 'updated_at' THEN 'When the row was folded last, or what isn''t folded yet arrived.'
                WHEN 'overflow_operations' THEN 'Of otel.overflow, how many operations are in it, exact below 1,024, then with a standard error of 3 %; else NULL.'
                WHEN 'active_instances' THEN 'How many resources had spans of any kind, exact below 1,024, then with a standard error of 3 %.'
                ELSE col_description(rollup.folded::regclass, f.attnum)
                END AS description
            FROM pg_attribute AS a
            LEFT JOIN pg_attribute AS f ON f.attrelid = rollup.folded::regclass AND f.attname = a.attname
            WHERE a.attrelid = format('otel.%I', rollup.name)::regclass AND a.attnum > 0
        LOOP
            EXECUTE format('COMMENT ON COLUMN otel.%I.%I IS %L', rollup.name, col.attname, col.description);
        END LOOP;
    END LOOP;
END
$generate$;

CREATE OR REPLACE VIEW otel.spans_without_start AS
SELECT a.service_id, sum(a.span_count)::bigint AS span_count, sum(a.error_count)::bigint AS error_count, sum(a.adjusted_count) AS adjusted_count
FROM (
    SELECT r.service_id, r.span_count, r.error_count, r.adjusted_count FROM otel.rollup_without_start AS r
    UNION ALL
    SELECT p.service_id, p.span_count, p.error_count, p.adjusted_count
    FROM otel.operation_rollup_partial AS p
    WHERE otel.xact_number(p.xact_id) >= (SELECT otel.xact_number(f.folded_below) FROM otel.rollup_progress AS f)
        AND otel.xact_number(p.xact_id) <= 9223372036854775807 AND p.window_start IS NULL
) AS a
GROUP BY a.service_id;
COMMENT ON VIEW otel.spans_without_start IS 'Spans whose start is unset, by service: they belong to no window. All that are stored at this moment.';
COMMENT ON COLUMN otel.spans_without_start.service_id IS 'The service, in service_dim.';
COMMENT ON COLUMN otel.spans_without_start.span_count IS 'How many spans.';
COMMENT ON COLUMN otel.spans_without_start.error_count IS 'How many of them have the status ERROR.';
COMMENT ON COLUMN otel.spans_without_start.adjusted_count IS 'How many spans there were before sampling, as in operation_minutes.';
