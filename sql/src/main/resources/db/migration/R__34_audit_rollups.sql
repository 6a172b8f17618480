-- Rollups against the facts. What is compared is what people read: the views, with what isn't folded yet.

CREATE OR REPLACE FUNCTION otel.measured_spans(from_time timestamptz, to_time timestamptz)
    RETURNS TABLE (
        minute timestamptz, service_id bigint, operation_id bigint, resource_id bigint, span_kind integer, is_error boolean, is_invalid boolean,
        adjusted_count double precision, duration_ns bigint, bin integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    -- Inlined, so that the planner knows the bounds.
AS $$
    SELECT
        date_bin(interval '1 minute', s.start_timestamp, timestamptz '2000-01-01 00:00:00+00'),
        s.service_id, s.operation_id, s.resource_id, s.kind, s.status_code IS NOT DISTINCT FROM 2, s.valid_ns IS NULL,
        s.adjusted_count, coalesce(s.valid_ns, 0), CASE WHEN s.valid_ns > 0 THEN otel.duration_bin(s.valid_ns) ELSE -1 END
    FROM (
        SELECT
            f.start_timestamp, f.service_id, f.operation_id, f.resource_id, f.kind, f.status_code,
            otel.span_duration_ns(f.start_timestamp, f.start_nanos_fraction, f.duration_ns) AS valid_ns, otel.adjusted_count(f.trace_state) AS adjusted_count
        FROM otel.spans_fact AS f
        WHERE f.start_timestamp >= from_time AND f.start_timestamp < to_time
        -- What is computed here is used several times, but computed once.
        OFFSET 0
    ) AS s
$$;
COMMENT ON FUNCTION otel.measured_spans(timestamptz, timestamptz) IS
    'Part of audit_rollups and rebuild_rollups: what rollups count of the spans that started from from_time to before to_time. bin is -1 where the duration is or counts as 0.';

CREATE OR REPLACE FUNCTION otel.dropped_spans(OUT partitions bigint, OUT event_times tstzmultirange)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT count(*),
        -- Of one that was never sealed nothing is known but that its spans had arrived, from clocks that may be a day ahead.
        coalesce(range_agg(coalesce(p.event_times, tstzmultirange(tstzrange(NULL, p.arrival_to + interval '1 day')))), '{}')
    FROM otel.partitions AS p
    WHERE p.table_name = 'spans_fact'
        AND NOT EXISTS (
            SELECT FROM pg_inherits AS i
            WHERE i.inhparent = 'otel.spans_fact'::regclass AND i.inhrelid = to_regclass(format('otel.%I', p.partition_name)) AND NOT i.inhdetachpending);
END;
COMMENT ON FUNCTION otel.dropped_spans() IS
    'How many partitions of spans_fact were dropped, and which event times their spans may have had: those in partitions.event_times, and everything before a day after arrival_to where the partition was not sealed.';

CREATE OR REPLACE FUNCTION otel.is_close(expected double precision, actual double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN expected IS NOT DISTINCT FROM actual OR (expected IS NOT NULL AND actual IS NOT NULL AND abs(actual - expected) <= 1e-9::double precision * abs(expected));
COMMENT ON FUNCTION otel.is_close(double precision, double precision) IS 'Whether both are NULL, or equal to 1e-9 of the first: sums of doubles depend on their order.';

CREATE OR REPLACE FUNCTION otel.audit_rollups(from_time timestamptz DEFAULT '-infinity', to_time timestamptz DEFAULT 'infinity')
    RETURNS TABLE (rollup text, window_start timestamptz, service_id bigint, operation_id bigint, measure text, expected text, actual text)
    -- STABLE is what makes it exact: all of its queries see the snapshot of the statement that calls it.
    LANGUAGE plpgsql STABLE
    -- The planner can't know how many windows and operations there are. Where it takes them for few, it would compare each with each.
    SET enable_nestloop = off
AS $$
#variable_conflict use_column
DECLARE
    epoch constant timestamptz := '2000-01-01 00:00:00+00';
    progress otel.rollup_progress;
    dropped record;
BEGIN
    IF (audit_rollups.from_time <= audit_rollups.to_time) IS NOT TRUE THEN
        RAISE EXCEPTION 'from_time must not be after to_time, and neither NULL' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO STRICT progress FROM otel.rollup_progress;
    SELECT * INTO STRICT dropped FROM otel.dropped_spans();

    RETURN QUERY
    WITH cells AS MATERIALIZED (
        SELECT f.minute, f.service_id, f.operation_id, f.span_kind, f.bin, count(*) AS span_count, count(*) FILTER (WHERE f.is_error) AS error_count,
            count(*) FILTER (WHERE f.is_invalid) AS invalid_duration_count, sum(f.adjusted_count) AS adjusted_count,
            sum(f.duration_ns) AS duration_sum_ns, coalesce(sum(f.duration_ns) FILTER (WHERE f.is_error), 0) AS error_duration_sum_ns,
            min(f.duration_ns) AS duration_min_ns, max(f.duration_ns) AS duration_max_ns
        -- As far as the last window goes, if that is an hour.
        FROM otel.measured_spans(audit_rollups.from_time, audit_rollups.to_time + interval '1 hour') AS f
        GROUP BY f.minute, f.service_id, f.operation_id, f.span_kind, f.bin
    ), instances AS (
        SELECT DISTINCT f.minute, f.service_id, f.resource_id
        FROM otel.measured_spans(audit_rollups.from_time, audit_rollups.to_time + interval '1 hour') AS f
    ), expected_bins AS (
        -- Levels: 1 operations by minute, 2 operations by hour, 3 services by minute, 4 services by hour. operation_id is 0 for a service.
        SELECT l.level, l.window_start, l.service_id, CASE WHEN l.level <= 2 THEN l.operation_id ELSE 0 END AS operation_id, l.bin,
            CASE WHEN l.level <= 2 THEN min(l.span_kind) END AS span_kind, sum(l.span_count)::bigint AS span_count, sum(l.error_count)::bigint AS error_count,
            sum(l.invalid_duration_count)::bigint AS invalid_duration_count, sum(l.adjusted_count) AS adjusted_count,
            sum(l.duration_sum_ns) AS duration_sum_ns, sum(l.error_duration_sum_ns) AS error_duration_sum_ns,
            min(l.duration_min_ns) AS duration_min_ns, max(l.duration_max_ns) AS duration_max_ns, NULL::bigint[] AS instance_ids
        FROM (
            SELECT c.*, CASE WHEN c.level IN (1, 3) THEN c.minute ELSE date_bin(interval '1 hour', c.minute, epoch) END AS window_start
            FROM (
                SELECT c.*, unnest(CASE WHEN c.span_kind IN (2, 5) THEN '{1,2,3,4}'::integer[] ELSE '{1,2}'::integer[] END) AS level FROM cells AS c
            ) AS c
        ) AS l
        GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        -- A service has a row where it has any span, also if none is an entry.
        SELECT i.level, i.window_start, i.service_id, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, NULL, (array_agg(i.resource_id ORDER BY i.resource_id))[1:1024]
        FROM (
            SELECT DISTINCT i.level, CASE i.level WHEN 3 THEN i.minute ELSE date_bin(interval '1 hour', i.minute, epoch) END AS window_start,
                i.service_id, i.resource_id
            FROM (SELECT i.*, unnest('{3,4}'::integer[]) AS level FROM instances AS i) AS i
        ) AS i
        GROUP BY i.level, i.window_start, i.service_id
    ), expected AS (
        SELECT b.level, b.window_start, b.service_id, b.operation_id, min(b.span_kind) AS span_kind,
            sum(b.span_count)::bigint AS span_count, sum(b.error_count)::bigint AS error_count,
            sum(b.invalid_duration_count)::bigint AS invalid_duration_count, sum(b.adjusted_count) AS adjusted_count,
            sum(b.duration_sum_ns) AS duration_sum_ns, sum(b.error_duration_sum_ns) AS error_duration_sum_ns,
            min(b.duration_min_ns) AS duration_min_ns, max(b.duration_max_ns) AS duration_max_ns,
            coalesce(sum(b.span_count) FILTER (WHERE b.bin < 0), 0)::bigint AS sketch_zero_count,
            coalesce(array_agg(b.bin ORDER BY b.bin) FILTER (WHERE b.bin >= 0), '{}') AS sketch_bins,
            coalesce(array_agg(b.span_count ORDER BY b.bin) FILTER (WHERE b.bin >= 0), '{}') AS sketch_counts,
            min(b.value_ns) FILTER (WHERE b.up_to >= ceil(0.5::double precision * b.total)) AS p50_ns,
            min(b.value_ns) FILTER (WHERE b.up_to >= ceil(0.9::double precision * b.total)) AS p90_ns,
            min(b.value_ns) FILTER (WHERE b.up_to >= ceil(0.95::double precision * b.total)) AS p95_ns,
            min(b.value_ns) FILTER (WHERE b.up_to >= ceil(0.99::double precision * b.total)) AS p99_ns,
            max(b.instance_ids) AS instance_ids
        FROM (
            SELECT b.*,
                CASE WHEN b.bin < 0 THEN 0 ELSE otel.duration_bin_ns(b.bin) END AS value_ns,
                sum(b.span_count) OVER (PARTITION BY b.level, b.window_start, b.service_id, b.operation_id ORDER BY b.bin) AS up_to,
                sum(b.span_count) OVER (PARTITION BY b.level, b.window_start, b.service_id, b.operation_id) AS total
            FROM expected_bins AS b
            WHERE b.window_start >= audit_rollups.from_time AND b.window_start < audit_rollups.to_time
        ) AS b
        GROUP BY b.level, b.window_start, b.service_id, b.operation_id
    ), actual AS (
        SELECT 1 AS level, v.window_start, v.service_id, v.operation_id, v.span_kind, v.span_count, v.error_count, v.invalid_duration_count,
            v.adjusted_count, v.duration_sum_ns, v.error_duration_sum_ns, v.duration_min_ns, v.duration_max_ns, v.sketch_zero_count,
            v.sketch_bins, v.sketch_counts, v.p50_ns, v.p90_ns, v.p95_ns, v.p99_ns, NULL::bigint[] AS instance_ids, v.overflow_operations
        FROM otel.operation_minutes AS v
        WHERE v.window_start >= audit_rollups.from_time AND v.window_start < audit_rollups.to_time
        UNION ALL
        SELECT 2, v.window_start, v.service_id, v.operation_id, v.span_kind, v.span_count, v.error_count, v.invalid_duration_count,
            v.adjusted_count, v.duration_sum_ns, v.error_duration_sum_ns, v.duration_min_ns, v.duration_max_ns, v.sketch_zero_count,
            v.sketch_bins, v.sketch_counts, v.p50_ns, v.p90_ns, v.p95_ns, v.p99_ns, NULL, v.overflow_operations
        FROM otel.operation_hours AS v
        WHERE v.window_start >= audit_rollups.from_time AND v.window_start < audit_rollups.to_time
        UNION ALL
        SELECT 3, v.window_start, v.service_id, 0, NULL, v.span_count, v.error_count, v.invalid_duration_count,
            v.adjusted_count, v.duration_sum_ns, v.error_duration_sum_ns, v.duration_min_ns, v.duration_max_ns, v.sketch_zero_count,
            v.sketch_bins, v.sketch_counts, v.p50_ns, v.p90_ns, v.p95_ns, v.p99_ns, v.instance_ids, NULL
        FROM otel.service_minutes AS v
        WHERE v.window_start >= audit_rollups.from_time AND v.window_start < audit_rollups.to_time
        UNION ALL
        SELECT 4, v.window_start, v.service_id, 0, NULL, v.span_count, v.error_count, v.invalid_duration_count,
            v.adjusted_count, v.duration_sum_ns, v.error_duration_sum_ns, v.duration_min_ns, v.duration_max_ns, v.sketch_zero_count,
            v.sketch_bins, v.sketch_counts, v.p50_ns, v.p90_ns, v.p95_ns, v.p99_ns, v.instance_ids, NULL
        FROM otel.service_hours AS v
        WHERE v.window_start >= audit_rollups.from_time AND v.window_start < audit_rollups.to_time
    ), suspects AS MATERIALIZED (
        -- Few, if any: rows that aren't equal to the last bit or so, and those of overflow.
        SELECT k.level, k.window_start, k.service_id, k.operation_id, e, a, e.level IS NOT NULL AS is_expected, a.level IS NOT NULL AS is_there
        FROM expected AS e
        FULL JOIN actual AS a ON a.level = e.level AND a.window_start = e.window_start AND a.service_id = e.service_id AND a.operation_id = e.operation_id
        CROSS JOIN LATERAL (
            SELECT coalesce(e.level, a.level), coalesce(e.window_start, a.window_start), coalesce(e.service_id, a.service_id),
                coalesce(e.operation_id, a.operation_id)
        ) AS k (level, window_start, service_id, operation_id)
        WHERE (
                a.overflow_operations IS NOT NULL
                OR (e.span_kind, e.span_count, e.error_count, e.invalid_duration_count, e.duration_sum_ns, e.error_duration_sum_ns, e.duration_min_ns,
                        e.duration_max_ns, e.sketch_zero_count, e.sketch_bins, e.sketch_counts, e.instance_ids)
                    IS DISTINCT FROM (a.span_kind, a.span_count, a.error_count, a.invalid_duration_count, a.duration_sum_ns, a.error_duration_sum_ns,
                        a.duration_min_ns, a.duration_max_ns, a.sketch_zero_count, a.sketch_bins, a.sketch_counts, a.instance_ids)
                OR NOT (otel.is_close(e.adjusted_count, a.adjusted_count) AND otel.is_close(e.p50_ns, a.p50_ns) AND otel.is_close(e.p90_ns, a.p90_ns)
                    AND otel.is_close(e.p95_ns, a.p95_ns) AND otel.is_close(e.p99_ns, a.p99_ns))
            )
            AND k.window_start >= CASE WHEN k.level IN (1, 3) THEN progress.minutes_from ELSE progress.hours_from END
            AND NOT dropped.event_times
                && tstzrange(k.window_start, k.window_start + CASE WHEN k.level IN (1, 3) THEN interval '1 minute' ELSE '1 hour' END)
    ), members AS MATERIALIZED (
        -- With an overflow, an operation's spans may be in that instead, as many as its own row lacks. Nothing else excuses a difference.
        SELECT s.*, (s.a).overflow_operations IS NOT NULL AS is_overflow,
            (s.level, s.window_start, s.service_id) IN (SELECT o.level, o.window_start, o.service_id FROM suspects AS o WHERE (o.a).overflow_operations IS NOT NULL)
                AND ((s.a).overflow_operations IS NOT NULL OR (s.is_expected AND (s.e).span_count > coalesce((s.a).span_count, 0))) AS is_pooled
        FROM suspects AS s
    ), pool_bins AS (
        SELECT b.level, b.window_start, b.service_id, array_agg(b.bin ORDER BY b.bin) FILTER (WHERE b.expected > 0) AS expected_bins,
            array_agg(b.expected ORDER BY b.bin) FILTER (WHERE b.expected > 0) AS expected_counts,
            array_agg(b.bin ORDER BY b.bin) FILTER (WHERE b.actual > 0) AS actual_bins,
            array_agg(b.actual ORDER BY b.bin) FILTER (WHERE b.actual > 0) AS actual_counts
        FROM (
            SELECT b.level, b.window_start, b.service_id, b.bin, sum(b.expected)::bigint AS expected, sum(b.actual)::bigint AS actual
            FROM (
                SELECT m.level, m.window_start, m.service_id, unnest((m.e).sketch_bins) AS bin, unnest((m.e).sketch_counts) AS expected, 0 AS actual
                FROM members AS m WHERE m.is_pooled
                UNION ALL
                SELECT m.level, m.window_start, m.service_id, unnest((m.a).sketch_bins), 0, unnest((m.a).sketch_counts)
                FROM members AS m WHERE m.is_pooled
            ) AS b
            GROUP BY b.level, b.window_start, b.service_id, b.bin
        ) AS b
        GROUP BY b.level, b.window_start, b.service_id
    ), pools AS (
        SELECT m.level, m.window_start, m.service_id, max(m.operation_id) FILTER (WHERE m.is_overflow) AS operation_id,
            max((m.a).span_kind) FILTER (WHERE m.is_overflow) AS span_kind,
            sum((m.e).span_count) AS e_span_count, sum((m.a).span_count) AS a_span_count,
            sum((m.e).error_count) AS e_error_count, sum((m.a).error_count) AS a_error_count,
            sum((m.e).invalid_duration_count) AS e_invalid_duration_count, sum((m.a).invalid_duration_count) AS a_invalid_duration_count,
            sum((m.e).adjusted_count) AS e_adjusted_count, sum((m.a).adjusted_count) AS a_adjusted_count,
            sum((m.e).duration_sum_ns) AS e_duration_sum_ns, sum((m.a).duration_sum_ns) AS a_duration_sum_ns,
            sum((m.e).error_duration_sum_ns) AS e_error_duration_sum_ns, sum((m.a).error_duration_sum_ns) AS a_error_duration_sum_ns,
            min((m.e).duration_min_ns) AS e_duration_min_ns, min((m.a).duration_min_ns) AS a_duration_min_ns,
            max((m.e).duration_max_ns) AS e_duration_max_ns, max((m.a).duration_max_ns) AS a_duration_max_ns,
            sum((m.e).sketch_zero_count) AS e_sketch_zero_count, sum((m.a).sketch_zero_count) AS a_sketch_zero_count,
            -- Spans that a producer calls otel.overflow have the overflow's own id: whether they count as one of its operations depends on when they came.
            CASE WHEN NOT bool_or(m.is_overflow AND m.is_expected) THEN otel.distinct_estimate(coalesce(
                (array_agg(m.operation_id ORDER BY m.operation_id) FILTER (WHERE NOT m.is_overflow))[1:1024], '{}')) END AS e_overflow_operations,
            max((m.a).overflow_operations) AS a_overflow_operations
        FROM members AS m
        WHERE m.is_pooled
        GROUP BY m.level, m.window_start, m.service_id
    ), findings AS (
        SELECT m.level, m.window_start, m.service_id, m.operation_id, v.*
        FROM members AS m
        CROSS JOIN LATERAL (
            VALUES
                ('span_count', (m.e).span_count::text, (m.a).span_count::text, (m.e).span_count IS DISTINCT FROM (m.a).span_count),
                ('span_kind', (m.e).span_kind::text, (m.a).span_kind::text, (m.e).span_kind IS DISTINCT FROM (m.a).span_kind),
                ('error_count', (m.e).error_count::text, (m.a).error_count::text, (m.e).error_count IS DISTINCT FROM (m.a).error_count),
                ('invalid_duration_count', (m.e).invalid_duration_count::text, (m.a).invalid_duration_count::text,
                    (m.e).invalid_duration_count IS DISTINCT FROM (m.a).invalid_duration_count),
                ('adjusted_count', (m.e).adjusted_count::text, (m.a).adjusted_count::text, NOT otel.is_close((m.e).adjusted_count, (m.a).adjusted_count)),
                ('duration_sum_ns', (m.e).duration_sum_ns::text, (m.a).duration_sum_ns::text, (m.e).duration_sum_ns IS DISTINCT FROM (m.a).duration_sum_ns),
                ('error_duration_sum_ns', (m.e).error_duration_sum_ns::text, (m.a).error_duration_sum_ns::text,
                    (m.e).error_duration_sum_ns IS DISTINCT FROM (m.a).error_duration_sum_ns),
                ('duration_min_ns', (m.e).duration_min_ns::text, (m.a).duration_min_ns::text, (m.e).duration_min_ns IS DISTINCT FROM (m.a).duration_min_ns),
                ('duration_max_ns', (m.e).duration_max_ns::text, (m.a).duration_max_ns::text, (m.e).duration_max_ns IS DISTINCT FROM (m.a).duration_max_ns),
                ('sketch_zero_count', (m.e).sketch_zero_count::text, (m.a).sketch_zero_count::text,
                    (m.e).sketch_zero_count IS DISTINCT FROM (m.a).sketch_zero_count),
                ('sketch_bins', (m.e).sketch_bins::text, (m.a).sketch_bins::text, (m.e).sketch_bins IS DISTINCT FROM (m.a).sketch_bins),
                ('sketch_counts', (m.e).sketch_counts::text, (m.a).sketch_counts::text, (m.e).sketch_counts IS DISTINCT FROM (m.a).sketch_counts),
                ('p50_ns', (m.e).p50_ns::text, (m.a).p50_ns::text, NOT otel.is_close((m.e).p50_ns, (m.a).p50_ns)),
                ('p90_ns', (m.e).p90_ns::text, (m.a).p90_ns::text, NOT otel.is_close((m.e).p90_ns, (m.a).p90_ns)),
                ('p95_ns', (m.e).p95_ns::text, (m.a).p95_ns::text, NOT otel.is_close((m.e).p95_ns, (m.a).p95_ns)),
                ('p99_ns', (m.e).p99_ns::text, (m.a).p99_ns::text, NOT otel.is_close((m.e).p99_ns, (m.a).p99_ns)),
                ('instance_ids', (m.e).instance_ids::text, (m.a).instance_ids::text, (m.e).instance_ids IS DISTINCT FROM (m.a).instance_ids)
        ) AS v (measure, expected, actual, is_different)
        -- Of a row that is on one side alone, one measure says enough.
        WHERE NOT m.is_pooled AND ((m.is_expected AND m.is_there) OR v.measure = 'span_count')
        UNION ALL
        -- What is left of an operation in its own row is a part of its spans.
        SELECT m.level, m.window_start, m.service_id, m.operation_id, v.*
        FROM members AS m
        CROSS JOIN LATERAL (
            VALUES
                ('span_kind', (m.e).span_kind::text, (m.a).span_kind::text, (m.a).span_kind IS DISTINCT FROM (m.e).span_kind),
                ('error_count', (m.e).error_count::text, (m.a).error_count::text, (m.a).error_count > (m.e).error_count),
                ('invalid_duration_count', (m.e).invalid_duration_count::text, (m.a).invalid_duration_count::text,
                    (m.a).invalid_duration_count > (m.e).invalid_duration_count),
                ('adjusted_count', (m.e).adjusted_count::text, (m.a).adjusted_count::text,
                    (m.a).adjusted_count > (m.e).adjusted_count AND NOT otel.is_close((m.e).adjusted_count, (m.a).adjusted_count)),
                ('duration_sum_ns', (m.e).duration_sum_ns::text, (m.a).duration_sum_ns::text, (m.a).duration_sum_ns > (m.e).duration_sum_ns),
                ('error_duration_sum_ns', (m.e).error_duration_sum_ns::text, (m.a).error_duration_sum_ns::text,
                    (m.a).error_duration_sum_ns > (m.e).error_duration_sum_ns),
                ('duration_min_ns', (m.e).duration_min_ns::text, (m.a).duration_min_ns::text, (m.a).duration_min_ns < (m.e).duration_min_ns),
                ('duration_max_ns', (m.e).duration_max_ns::text, (m.a).duration_max_ns::text, (m.a).duration_max_ns > (m.e).duration_max_ns),
                ('sketch_zero_count', (m.e).sketch_zero_count::text, (m.a).sketch_zero_count::text, (m.a).sketch_zero_count > (m.e).sketch_zero_count),
                ('sketch_counts', (m.e).sketch_counts::text, (m.a).sketch_counts::text, EXISTS (
                    SELECT FROM unnest((m.a).sketch_bins, (m.a).sketch_counts) AS b (bin, count)
                    WHERE b.count > coalesce((m.e).sketch_counts[array_position((m.e).sketch_bins, b.bin)], 0)))
        ) AS v (measure, expected, actual, is_different)
        WHERE m.is_pooled AND NOT m.is_overflow AND m.is_there
        UNION ALL
        -- Which of its durations are where nobody knows, but quantiles are those of the row's own sketch.
        SELECT m.level, m.window_start, m.service_id, m.operation_id, q.name, q.expected::text, q.actual::text, NOT otel.is_close(q.expected, q.actual)
        FROM members AS m
        CROSS JOIN LATERAL (
            SELECT v.name, otel.sketch_quantile((m.a).sketch_zero_count, (m.a).sketch_bins, (m.a).sketch_counts, v.q) AS expected, v.actual
            FROM (VALUES ('p50_ns', 0.5, (m.a).p50_ns), ('p90_ns', 0.9, (m.a).p90_ns), ('p95_ns', 0.95, (m.a).p95_ns), ('p99_ns', 0.99, (m.a).p99_ns))
                AS v (name, q, actual)
        ) AS q
        WHERE m.is_pooled AND m.is_there
        UNION ALL
        SELECT p.level, p.window_start, p.service_id, p.operation_id, v.*
        FROM pools AS p
        LEFT JOIN pool_bins AS b ON b.level = p.level AND b.window_start = p.window_start AND b.service_id = p.service_id
        CROSS JOIN LATERAL (
            VALUES
                ('span_kind', '0', p.span_kind::text, p.span_kind IS DISTINCT FROM 0),
                ('span_count', p.e_span_count::text, p.a_span_count::text, p.e_span_count IS DISTINCT FROM p.a_span_count),
                ('error_count', p.e_error_count::text, p.a_error_count::text, p.e_error_count IS DISTINCT FROM p.a_error_count),
                ('invalid_duration_count', p.e_invalid_duration_count::text, p.a_invalid_duration_count::text,
                    p.e_invalid_duration_count IS DISTINCT FROM p.a_invalid_duration_count),
                ('adjusted_count', p.e_adjusted_count::text, p.a_adjusted_count::text, NOT otel.is_close(p.e_adjusted_count, p.a_adjusted_count)),
                ('duration_sum_ns', p.e_duration_sum_ns::text, p.a_duration_sum_ns::text, p.e_duration_sum_ns IS DISTINCT FROM p.a_duration_sum_ns),
                ('error_duration_sum_ns', p.e_error_duration_sum_ns::text, p.a_error_duration_sum_ns::text,
                    p.e_error_duration_sum_ns IS DISTINCT FROM p.a_error_duration_sum_ns),
                ('duration_min_ns', p.e_duration_min_ns::text, p.a_duration_min_ns::text, p.e_duration_min_ns IS DISTINCT FROM p.a_duration_min_ns),
                ('duration_max_ns', p.e_duration_max_ns::text, p.a_duration_max_ns::text, p.e_duration_max_ns IS DISTINCT FROM p.a_duration_max_ns),
                ('sketch_zero_count', p.e_sketch_zero_count::text, p.a_sketch_zero_count::text,
                    p.e_sketch_zero_count IS DISTINCT FROM p.a_sketch_zero_count),
                ('sketch_bins', b.expected_bins::text, b.actual_bins::text, b.expected_bins IS DISTINCT FROM b.actual_bins),
                ('sketch_counts', b.expected_counts::text, b.actual_counts::text, b.expected_counts IS DISTINCT FROM b.actual_counts),
                ('overflow_operations', p.e_overflow_operations::text, p.a_overflow_operations::text, p.e_overflow_operations <> p.a_overflow_operations)
        ) AS v (measure, expected, actual, is_different)
    )
    SELECT (ARRAY['operation_minutes', 'operation_hours', 'service_minutes', 'service_hours'])[f.level], f.window_start, f.service_id,
        CASE WHEN f.level <= 2 THEN f.operation_id END, f.measure, f.expected, f.actual
    FROM findings AS f
    WHERE f.is_different
    ORDER BY f.level, f.window_start, f.service_id, f.operation_id, f.measure;

    -- They are in no window, so that no range has them, and nobody knows how many of them went with a partition.
    IF audit_rollups.from_time = '-infinity' AND audit_rollups.to_time = 'infinity' AND dropped.partitions = 0 THEN
        RETURN QUERY
        SELECT 'spans_without_start', NULL::timestamptz, coalesce(e.service_id, a.service_id), NULL::bigint, v.*
        FROM (
            SELECT f.service_id, count(*) AS span_count, count(*) FILTER (WHERE f.status_code = 2) AS error_count,
                sum(otel.adjusted_count(f.trace_state)) AS adjusted_count
            FROM otel.spans_fact AS f
            WHERE f.start_timestamp IS NULL
            GROUP BY f.service_id
        ) AS e
        FULL JOIN otel.spans_without_start AS a ON a.service_id = e.service_id
        CROSS JOIN LATERAL (
            SELECT v.measure, v.expected, v.actual
            FROM (
                VALUES
                    ('span_count', e.span_count::text, a.span_count::text, e.span_count IS DISTINCT FROM a.span_count),
                    ('error_count', e.error_count::text, a.error_count::text, e.error_count <> a.error_count),
                    ('adjusted_count', e.adjusted_count::text, a.adjusted_count::text,
                        e.service_id IS NOT NULL AND a.service_id IS NOT NULL AND NOT otel.is_close(e.adjusted_count, a.adjusted_count))
            ) AS v (measure, expected, actual, is_different)
            WHERE v.is_different
        ) AS v
        ORDER BY 3, 5;
    END IF;
END
$$;
COMMENT ON FUNCTION otel.audit_rollups(timestamptz, timestamptz) IS
    'Where the rollups, as their views have them, differ from spans_fact, in one snapshot: nothing where they are equal. Of windows that begin from from_time to before to_time; spans without a start, which are in no window, only where both are infinite. rollup: the view; measure: its column; expected: what the facts say; actual: what the view has; NULL where that side has no row at all, which span_count says alone. Numbers are equal to the unit, doubles to 1e-9. Where a service has an otel.overflow in a window, the operations whose rows lack spans are compared together with it, under its operation_id: their spans may be in it, if it is as large as that and says how many operations they are. Left out are windows whose rollups (rollup_progress.minutes_from, hours_from) or spans (dropped_spans) have been dropped. Reads every span of that time, twice. In a snapshot that is older than a partition''s creation or end it finds differences that aren''t there: LOCK operation_rollup_partial and the four rollup tables IN ACCESS SHARE MODE first, as ollyscale audit does. Error: 22023 where from_time is after to_time, or one of them NULL.';
