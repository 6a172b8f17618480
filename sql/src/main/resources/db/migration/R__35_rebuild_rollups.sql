CREATE OR REPLACE PROCEDURE otel.refuse_to_rebuild_dropped(first_hour timestamptz, end_hour timestamptz, without_start boolean)
    LANGUAGE plpgsql
AS $$
DECLARE
    dropped record;
BEGIN
    SELECT * INTO STRICT dropped FROM otel.dropped_spans();
    IF dropped.event_times && tstzrange(first_hour, end_hour) OR (without_start AND dropped.partitions > 0) THEN
        RAISE EXCEPTION 'rollups from % to % can''t be made anew: spans of that time have been dropped', first_hour, end_hour
            USING ERRCODE = 'object_not_in_prerequisite_state',
                DETAIL = format('Partitions of spans_fact that were dropped: %s. Their spans may have started in %s.', dropped.partitions, dropped.event_times),
                HINT = 'What the rollups have of it is all there is. Give times that lie outside.';
    END IF;
END
$$;
COMMENT ON PROCEDURE otel.refuse_to_rebuild_dropped(timestamptz, timestamptz, boolean) IS
    'Part of rebuild_rollups: fails with 55000 where spans of these hours have been dropped, or, without a start, any.';

CREATE OR REPLACE PROCEDURE otel.rebuild_hours(first_hour timestamptz, end_hour timestamptz, without_start boolean)
    LANGUAGE plpgsql
AS $$
DECLARE
    folded_below bigint;
BEGIN
    -- Folding waits until this is over. Others write on: what they have not committed yet is neither in the facts nor in the partial
    -- rows that the statement below sees, and is folded later.
    SELECT otel.xact_number(p.folded_below) INTO STRICT folded_below FROM otel.rollup_progress AS p FOR UPDATE;

    CALL otel.refuse_to_rebuild_dropped(first_hour, end_hour, without_start);
    -- The planner can't know how many windows and operations there are. Where it takes them for few, it would compare each with each.
    PERFORM set_config('enable_nestloop', 'off', true);

    -- What the facts say is added as partial rows of this transaction, as if they had just arrived: the views have them at once, and folding
    -- merges them as soon as their operations' dimensions are there for certain, which alone says what belongs into an overflow.
    WITH cells AS MATERIALIZED (
        SELECT f.minute, f.service_id, f.operation_id, f.span_kind, f.bin, count(*) AS span_count, count(*) FILTER (WHERE f.is_error) AS error_count,
            count(*) FILTER (WHERE f.is_invalid) AS invalid_duration_count, sum(f.adjusted_count) AS adjusted_count,
            sum(f.duration_ns) AS duration_sum_ns, coalesce(sum(f.duration_ns) FILTER (WHERE f.is_error), 0) AS error_duration_sum_ns,
            min(f.duration_ns) AS duration_min_ns, max(f.duration_ns) AS duration_max_ns
        FROM otel.measured_spans(first_hour, end_hour) AS f
        GROUP BY f.minute, f.service_id, f.operation_id, f.span_kind, f.bin
    ), resources AS (
        SELECT f.minute, f.service_id, f.operation_id, f.span_kind, array_agg(DISTINCT f.resource_id ORDER BY f.resource_id) AS resource_ids
        FROM otel.measured_spans(first_hour, end_hour) AS f
        GROUP BY f.minute, f.service_id, f.operation_id, f.span_kind
    ), anew AS (
        SELECT c.minute AS window_start, c.service_id, c.operation_id, c.span_kind, r.resource_ids, sum(c.span_count) AS span_count,
            sum(c.error_count) AS error_count, sum(c.invalid_duration_count) AS invalid_duration_count, sum(c.adjusted_count) AS adjusted_count,
            sum(c.duration_sum_ns) AS duration_sum_ns, sum(c.error_duration_sum_ns) AS error_duration_sum_ns,
            min(c.duration_min_ns) AS duration_min_ns, max(c.duration_max_ns) AS duration_max_ns,
            coalesce(sum(c.span_count) FILTER (WHERE c.bin < 0), 0) AS sketch_zero_count,
            coalesce(array_agg(c.bin ORDER BY c.bin) FILTER (WHERE c.bin >= 0), '{}') AS sketch_bins,
            coalesce(array_agg(c.span_count ORDER BY c.bin) FILTER (WHERE c.bin >= 0), '{}') AS sketch_counts
        FROM cells AS c
        JOIN resources AS r ON r.minute = c.minute AND r.service_id = c.service_id AND r.operation_id = c.operation_id AND r.span_kind = c.span_kind
        GROUP BY c.minute, c.service_id, c.operation_id, c.span_kind, r.resource_ids
        UNION ALL
        SELECT NULL, f.service_id, f.operation_id, f.kind, array_agg(DISTINCT f.resource_id ORDER BY f.resource_id), count(*),
            count(*) FILTER (WHERE f.status_code = 2), count(*), sum(otel.adjusted_count(f.trace_state)), 0, 0, 0, 0, count(*), '{}', '{}'
        FROM otel.spans_fact AS f
        WHERE without_start AND f.start_timestamp IS NULL
        GROUP BY f.service_id, f.operation_id, f.kind
    ), partials AS (
        DELETE FROM otel.operation_rollup_partial AS r
        WHERE otel.xact_number(r.xact_id) >= folded_below
            AND ((r.window_start >= first_hour AND r.window_start < end_hour) OR (without_start AND r.window_start IS NULL))
    ), operation_minutes AS (
        DELETE FROM otel.operation_rollup_1m AS r WHERE r.window_start >= first_hour AND r.window_start < end_hour
    ), operation_hours AS (
        DELETE FROM otel.operation_rollup_1h AS r WHERE r.window_start >= first_hour AND r.window_start < end_hour
    ), service_minutes AS (
        DELETE FROM otel.service_rollup_1m AS r WHERE r.window_start >= first_hour AND r.window_start < end_hour
    ), service_hours AS (
        DELETE FROM otel.service_rollup_1h AS r WHERE r.window_start >= first_hour AND r.window_start < end_hour
    ), spans_without_start AS (
        DELETE FROM otel.rollup_without_start WHERE without_start
    )
    INSERT INTO otel.operation_rollup_partial (
        id, window_start, operation_id, service_id, span_kind, span_count, error_count, invalid_duration_count, adjusted_count, duration_sum_ns,
        error_duration_sum_ns, duration_min_ns, duration_max_ns, sketch_zero_count, sketch_bins, sketch_counts, resource_ids)
    SELECT otel.id_at(now()), a.window_start, a.operation_id, a.service_id, a.span_kind, a.span_count, a.error_count, a.invalid_duration_count,
        a.adjusted_count, a.duration_sum_ns, a.error_duration_sum_ns, a.duration_min_ns, a.duration_max_ns, a.sketch_zero_count, a.sketch_bins,
        a.sketch_counts, a.resource_ids
    FROM anew AS a;
END
$$;
COMMENT ON PROCEDURE otel.rebuild_hours(timestamptz, timestamptz, boolean) IS
    'Part of rebuild_rollups: the hours from first_hour to before end_hour, in the caller''s transaction, and if without_start the spans that are in none.';

CREATE OR REPLACE PROCEDURE otel.rebuild_rollups(from_time timestamptz, to_time timestamptz)
    LANGUAGE plpgsql
AS $$
DECLARE
    epoch constant timestamptz := '2000-01-01 00:00:00+00';
    first_hour constant timestamptz := date_bin(interval '1 hour', from_time, epoch);
    end_hour constant timestamptz := CASE
        WHEN to_time > date_bin(interval '1 hour', to_time, epoch) THEN date_bin(interval '1 hour', to_time, epoch) + interval '1 hour'
        ELSE to_time
        END;
    is_all constant boolean := first_hour = '-infinity' AND end_hour = 'infinity';
    said_at timestamptz := clock_timestamp();
    rebuilt record;
BEGIN
    IF (first_hour <= end_hour) IS NOT TRUE THEN
        RAISE EXCEPTION 'from_time must not be after to_time, and neither NULL' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    CALL otel.ensure_partitions();
    CALL otel.refuse_to_rebuild_dropped(first_hour, end_hour, is_all);
    -- An hour at a time: folding takes a transaction's rows at once.
    FOR rebuilt IN
        SELECT h.hour, row_number() OVER (ORDER BY h.hour) AS n, count(*) OVER () AS of_all
        FROM (
            SELECT DISTINCT date_bin(interval '1 hour', w.window_start, epoch)
            FROM (
                SELECT f.start_timestamp FROM otel.spans_fact AS f WHERE f.start_timestamp >= first_hour AND f.start_timestamp < end_hour
                UNION ALL
                SELECT p.window_start FROM otel.operation_rollup_partial AS p WHERE p.window_start >= first_hour AND p.window_start < end_hour
                UNION ALL
                SELECT r.window_start FROM otel.operation_rollup_1m AS r WHERE r.window_start >= first_hour AND r.window_start < end_hour
                UNION ALL
                SELECT r.window_start FROM otel.operation_rollup_1h AS r WHERE r.window_start >= first_hour AND r.window_start < end_hour
                UNION ALL
                SELECT r.window_start FROM otel.service_rollup_1m AS r WHERE r.window_start >= first_hour AND r.window_start < end_hour
                UNION ALL
                SELECT r.window_start FROM otel.service_rollup_1h AS r WHERE r.window_start >= first_hour AND r.window_start < end_hour
            ) AS w (window_start)
        ) AS h (hour)
        ORDER BY h.hour
    LOOP
        COMMIT;
        -- Folding gets its turn: who waits for a row isn't handed it by who takes it again at once.
        PERFORM pg_sleep(0.05);
        COMMIT;
        -- Whatever the session's default: what follows has to see what was committed before it had its lock.
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        CALL otel.rebuild_hours(rebuilt.hour, rebuilt.hour + interval '1 hour', false);
        IF clock_timestamp() > said_at + interval '5 seconds' THEN
            said_at := clock_timestamp();
            RAISE NOTICE 'rebuilt % of % hours', rebuilt.n, rebuilt.of_all;
        END IF;
    END LOOP;
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    IF is_all THEN
        CALL otel.rebuild_hours('-infinity', '-infinity', true);
    END IF;
    COMMIT;
END
$$;
COMMENT ON PROCEDURE otel.rebuild_rollups(timestamptz, timestamptz) IS
    'Makes the rollups of the whole hours (UTC) that from_time to to_time touch anew from spans_fact; spans without a start, which are in no hour, where both are infinite. Hour by hour, each in a transaction: readers see the old or the new, and nothing is counted twice or not at all whoever writes meanwhile; folding waits for an hour''s end. Interrupted, it may be called again. The new numbers are partial rows at first, which folding merges. An operation that has been admitted since comes out of the overflow. Rollups that retention had dropped come again, until it drops them again. CALL it outside a transaction. Errors: 55000 where spans of that time have been dropped (dropped_spans), and nothing more is changed.';
