-- Folding moves what ingest has added to the rollups into the tables by minute and hour. A row moves when rollup_progress.folded_below
-- passes its transaction, in the transaction in which it is added there, so that it counts once whatever happens.

CREATE OR REPLACE PROCEDURE otel.adopt_rollups()
    LANGUAGE plpgsql
AS $$
BEGIN
    -- Of this cluster it is a transaction that began, so none that is still to come.
    IF NOT EXISTS (SELECT FROM otel.rollup_progress AS f WHERE GREATEST(f.folded_below, f.next_below) > pg_snapshot_xmax(pg_current_snapshot())) THEN
        RETURN;
    END IF;
    PERFORM FROM otel.rollup_progress AS f WHERE GREATEST(f.folded_below, f.next_below) > pg_snapshot_xmax(pg_current_snapshot()) FOR UPDATE;
    -- Another session may have done it meanwhile.
    IF NOT FOUND THEN
        RETURN;
    END IF;
    DELETE FROM otel.operation_rollup_partial AS p
    USING otel.rollup_progress AS f
    WHERE otel.xact_number(p.xact_id) < otel.xact_number(f.folded_below);
    -- Folding takes a transaction's rows at once, so not all are of one. No cluster's own numbers are as low.
    UPDATE otel.operation_rollup_partial AS p SET xact_id = LEAST(3 + s.n / 100000, 500)::text::xid8
    FROM (SELECT r.tableoid, r.ctid, row_number() OVER () - 1 AS n FROM otel.operation_rollup_partial AS r) AS s
    WHERE p.tableoid = s.tableoid AND p.ctid = s.ctid;
    UPDATE otel.rollup_progress SET folded_below = '3', next_below = NULL, next_offsets = NULL, next_since = NULL;
    RAISE NOTICE 'the rollups come from another cluster: its numbers of transactions were replaced';
END
$$;
COMMENT ON PROCEDURE otel.adopt_rollups() IS
    'Transactions of a cluster to which a database was restored (pg_dump) begin at other numbers. Where rollup_progress has some that this cluster hasn''t reached, deletes what is folded of operation_rollup_partial and numbers the rest anew; else does nothing. fold_rollups begins with it; call it before the first row is written to a restored database.';

CREATE OR REPLACE PROCEDURE otel.mark_rollups()
    LANGUAGE plpgsql
AS $$
DECLARE
    below xid8;
BEGIN
    SELECT pg_snapshot_xmin(pg_current_snapshot()) INTO below;
    -- A later statement: every transaction below was over before its snapshot, so what it wrote to the ledger is in it. Dimensions of spans
    -- are stored as far as safe_offset.
    UPDATE otel.rollup_progress AS f
    SET next_below = below, next_since = clock_timestamp(), next_offsets = coalesce(
        (
            SELECT jsonb_agg(jsonb_build_object(
                'cluster_id', l.cluster_id, 'topic_id', l.topic_id, 'partition_id', l.partition_id, 'next_offset', l.next_offset))
            FROM otel.ingest_ledger AS l
            WHERE l.safe_offset < l.next_offset
        ),
        '[]');
END
$$;
COMMENT ON PROCEDURE otel.mark_rollups() IS
    'Part of fold_rollups: marks the transactions that are over as those to be folded next. The caller has locked the row of rollup_progress and its isolation is READ COMMITTED.';

CREATE OR REPLACE FUNCTION otel.uncovered_offsets() RETURNS bigint
    LANGUAGE sql VOLATILE
    -- A job that is gone, or whose checkpoints fail, may never write the last of its dimensions, and must not stop folding for good. A
    -- log that lost its end has set next_offset back.
    RETURN (
        SELECT count(*)
        FROM otel.rollup_progress AS f
        CROSS JOIN jsonb_to_recordset(f.next_offsets) AS o (cluster_id text, topic_id text, partition_id integer, next_offset bigint)
        JOIN otel.ingest_ledger AS l ON l.cluster_id = o.cluster_id AND l.topic_id = o.topic_id AND l.partition_id = o.partition_id
        WHERE l.safe_offset < LEAST(o.next_offset, l.next_offset) AND f.next_since > clock_timestamp() - interval '15 minutes');
COMMENT ON FUNCTION otel.uncovered_offsets() IS
    'Part of fold_rollups: how many Kafka partitions have spans among those to be folded next whose dimensions may not be stored yet; none once they have had 15 minutes for it.';

-- The four tables differ in their keys and in what their rows are made of, so one text makes all four parts of the statement.

DO $generate$
DECLARE
    entry constant text := ' FILTER (WHERE s.span_kind IN (2, 5))';
    hour constant text := 'date_bin(interval ''1 hour'', s.window_start, timestamptz ''1970-01-01 00:00:00+00'')';
    rollup record;
    rollups text := '';
BEGIN
    FOR rollup IN
        SELECT * FROM (VALUES
            (
                'operation_rollup_1m', 'span', 's.window_start', '', 'operation_id', 'service_id, span_kind',
                'min(s.service_id) AS service_id, min(s.operation_kind) AS span_kind', 'overflow_operation_ids',
                'otel.least_ids(array_agg(s.overflow_operation_id) FILTER (WHERE s.overflow_operation_id IS NOT NULL))',
                'otel.least_ids(r.overflow_operation_ids || EXCLUDED.overflow_operation_ids)'
            ),
            (
                'operation_rollup_1h', 'new_operation_rollup_1m', hour, '', 'operation_id', 'service_id, span_kind',
                'min(s.service_id) AS service_id, min(s.span_kind) AS span_kind', 'overflow_operation_ids',
                'nullif(otel.merge_ids(s.overflow_operation_ids), ''{}'')',
                'otel.least_ids(r.overflow_operation_ids || EXCLUDED.overflow_operation_ids)'
            ),
            (
                'service_rollup_1m', 'span', 's.window_start', entry, 'service_id', NULL,
                NULL, 'instance_ids', 'otel.merge_ids(s.instance_ids)', 'otel.add_ids(r.instance_ids, EXCLUDED.instance_ids)'
            ),
            (
                'service_rollup_1h', 'new_service_rollup_1m', hour, '', 'service_id', NULL,
                NULL, 'instance_ids', 'otel.merge_ids(s.instance_ids)', 'otel.add_ids(r.instance_ids, EXCLUDED.instance_ids)'
            )
        ) AS r (name, source, window_start, filter, key, others, other_columns, ids, new_ids, merged_ids)
    LOOP
        rollups := rollups || format(
            $part$,
    new_%1$s AS MATERIALIZED (
        SELECT m.*, coalesce((m.sketch).zero_count, 0) AS sketch_zero_count, coalesce((m.sketch).bins, '{}') AS sketch_bins,
            coalesce((m.sketch).counts, '{}') AS sketch_counts,
            otel.sketch_quantiles(m.span_count, (m.sketch).zero_count, (m.sketch).bins, (m.sketch).counts, quantiles) AS quantiles
        FROM (
            SELECT %3$s AS window_start, s.%5$I, %7$s %9$s AS %8$I,
                coalesce(sum(s.span_count)%4$s, 0)::bigint AS span_count,
                coalesce(sum(s.error_count)%4$s, 0)::bigint AS error_count,
                coalesce(sum(s.invalid_duration_count)%4$s, 0)::bigint AS invalid_duration_count,
                coalesce(sum(s.adjusted_count)%4$s, 0) AS adjusted_count,
                coalesce(sum(s.duration_sum_ns)%4$s, 0) AS duration_sum_ns,
                coalesce(sum(s.error_duration_sum_ns)%4$s, 0) AS error_duration_sum_ns,
                min(s.duration_min_ns)%4$s AS duration_min_ns,
                max(s.duration_max_ns)%4$s AS duration_max_ns,
                otel.merge_sketches(s.sketch_zero_count, s.sketch_bins, s.sketch_counts)%4$s AS sketch
            FROM %2$s AS s
            GROUP BY 1, 2
        ) AS m
    ), merged_%1$s AS (
        INSERT INTO otel.%1$s AS r (window_start, %5$s, %6$s %8$s, span_count, error_count, invalid_duration_count, adjusted_count,
            duration_sum_ns, error_duration_sum_ns, duration_min_ns, duration_max_ns, sketch_zero_count, sketch_bins, sketch_counts,
            p50_ns, p90_ns, p95_ns, p99_ns)
        SELECT n.window_start, n.%5$s, %11$s n.%8$s, n.span_count, n.error_count, n.invalid_duration_count, n.adjusted_count,
            n.duration_sum_ns, n.error_duration_sum_ns, n.duration_min_ns, n.duration_max_ns, n.sketch_zero_count, n.sketch_bins, n.sketch_counts,
            n.quantiles[1], n.quantiles[2], n.quantiles[3], n.quantiles[4]
        FROM new_%1$s AS n
        ON CONFLICT (window_start, %5$s) DO UPDATE SET
            span_count = r.span_count + EXCLUDED.span_count,
            error_count = r.error_count + EXCLUDED.error_count,
            invalid_duration_count = r.invalid_duration_count + EXCLUDED.invalid_duration_count,
            adjusted_count = r.adjusted_count + EXCLUDED.adjusted_count,
            duration_sum_ns = r.duration_sum_ns + EXCLUDED.duration_sum_ns,
            error_duration_sum_ns = r.error_duration_sum_ns + EXCLUDED.error_duration_sum_ns,
            duration_min_ns = LEAST(r.duration_min_ns, EXCLUDED.duration_min_ns),
            duration_max_ns = GREATEST(r.duration_max_ns, EXCLUDED.duration_max_ns),
            sketch_zero_count = r.sketch_zero_count + EXCLUDED.sketch_zero_count,
            (sketch_bins, sketch_counts, p50_ns, p90_ns, p95_ns, p99_ns) = (
                SELECT q.bins, q.counts, q.quantiles[1], q.quantiles[2], q.quantiles[3], q.quantiles[4]
                FROM (
                    SELECT b.bins, b.counts, otel.sketch_quantiles(
                        r.span_count + EXCLUDED.span_count, r.sketch_zero_count + EXCLUDED.sketch_zero_count, b.bins, b.counts, quantiles) AS quantiles
                    FROM otel.merge_bins(r.sketch_bins, r.sketch_counts, EXCLUDED.sketch_bins, EXCLUDED.sketch_counts) AS b
                    OFFSET 0
                ) AS q
            ),
            %8$s = %10$s,
            updated_at = EXCLUDED.updated_at
    )$part$,
            rollup.name, rollup.source, rollup.window_start, rollup.filter, rollup.key, rollup.others || ',', rollup.other_columns || ',',
            rollup.ids, rollup.new_ids, rollup.merged_ids,
            (SELECT string_agg('n.' || c || ',', ' ') FROM string_to_table(rollup.others, ', ') AS c));
    END LOOP;

    EXECUTE format(
        $function$
CREATE OR REPLACE FUNCTION otel.fold_chunk(max_rows bigint) RETURNS bigint
    LANGUAGE plpgsql
    -- The statement below reads tables by their keys alone, and joins what it has made itself, of whose size the planner knows nothing.
    SET enable_seqscan = off
    SET enable_nestloop = off
    SET max_parallel_workers_per_gather = 0
    SET jit = off
    SET work_mem = '64MB'
AS $body$
DECLARE
    quantiles constant double precision[] := '{0.5,0.9,0.95,0.99}';
    from_xact bigint;
    to_xact bigint;
    is_last boolean;
    row_count bigint;
BEGIN
    SELECT otel.xact_number(f.folded_below), otel.xact_number(f.next_below) INTO STRICT from_xact, to_xact FROM otel.rollup_progress AS f;
    -- The transactions of the first rows as they lie, whole.
    SELECT count(*) < max_rows, CASE WHEN count(*) < max_rows THEN to_xact ELSE max(first_rows.xact) + 1 END
    INTO is_last, to_xact
    FROM (
        SELECT otel.xact_number(p.xact_id) AS xact
        FROM otel.operation_rollup_partial AS p
        WHERE otel.xact_number(p.xact_id) >= from_xact AND otel.xact_number(p.xact_id) < to_xact
        LIMIT max_rows
    ) AS first_rows;

    WITH partial AS MATERIALIZED (
        SELECT p.window_start, p.operation_id, p.service_id, p.span_kind, p.span_count, p.error_count, p.invalid_duration_count,
            p.adjusted_count, p.duration_sum_ns, p.error_duration_sum_ns, p.duration_min_ns, p.duration_max_ns, p.sketch_zero_count,
            p.sketch_bins, p.sketch_counts, p.resource_ids
        FROM otel.operation_rollup_partial AS p
        WHERE otel.xact_number(p.xact_id) >= from_xact AND otel.xact_number(p.xact_id) < to_xact
    ), operation AS MATERIALIZED (
        SELECT row_number() OVER ()::integer AS n, o.*
        FROM (
            SELECT p.window_start, p.operation_id, min(p.service_id) AS service_id, min(p.span_kind) AS span_kind,
                sum(p.span_count)::bigint AS span_count, sum(p.error_count)::bigint AS error_count,
                sum(p.invalid_duration_count)::bigint AS invalid_duration_count, sum(p.adjusted_count) AS adjusted_count,
                sum(p.duration_sum_ns) AS duration_sum_ns, sum(p.error_duration_sum_ns) AS error_duration_sum_ns,
                min(p.duration_min_ns) AS duration_min_ns, max(p.duration_max_ns) AS duration_max_ns,
                sum(p.sketch_zero_count)::bigint AS sketch_zero_count
            FROM partial AS p
            WHERE p.window_start IS NOT NULL
            GROUP BY p.window_start, p.operation_id
        ) AS o
    ), sketch AS (
        SELECT b.n, array_agg(b.bin ORDER BY b.bin) AS bins, array_agg(b.count ORDER BY b.bin) AS counts
        FROM (
            SELECT u.n, u.bin, sum(u.count)::bigint AS count
            FROM (
                SELECT o.n, unnest(p.sketch_bins) AS bin, unnest(p.sketch_counts) AS count
                FROM partial AS p
                JOIN operation AS o ON o.window_start = p.window_start AND o.operation_id = p.operation_id
            ) AS u
            GROUP BY u.n, u.bin
        ) AS b
        GROUP BY b.n
    ), instance AS (
        SELECT u.n, array_agg(DISTINCT u.id ORDER BY u.id) AS ids
        FROM (
            SELECT o.n, unnest(p.resource_ids) AS id
            FROM partial AS p
            JOIN operation AS o ON o.window_start = p.window_start AND o.operation_id = p.operation_id
        ) AS u
        GROUP BY u.n
    ), span AS MATERIALIZED (
        -- By minute and operation, as what they are counted in.
        SELECT o.window_start, o.service_id, o.span_kind, o.span_count, o.error_count, o.invalid_duration_count, o.adjusted_count,
            o.duration_sum_ns, o.error_duration_sum_ns, o.duration_min_ns, o.duration_max_ns, o.sketch_zero_count,
            coalesce(k.bins, '{}') AS sketch_bins, coalesce(k.counts, '{}') AS sketch_counts, coalesce(i.ids, '{}') AS instance_ids,
            CASE WHEN d.operation_id IS NULL THEN otel.overflow_operation_id(o.service_id) ELSE o.operation_id END AS operation_id,
            CASE WHEN d.operation_id IS NULL THEN 0 ELSE o.span_kind END AS operation_kind,
            CASE WHEN d.operation_id IS NULL THEN o.operation_id END AS overflow_operation_id
        FROM operation AS o
        LEFT JOIN sketch AS k ON k.n = o.n
        LEFT JOIN instance AS i ON i.n = o.n
        LEFT JOIN LATERAL (SELECT d.operation_id FROM otel.operation_dim AS d WHERE d.operation_id = o.operation_id OFFSET 0) AS d ON true
    ), overflow AS (
        INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name)
        SELECT otel.overflow_operation_id(s.service_id), s.service_id, now(), now(), 0, otel.overflow_operation_hash(s.service_id), 'otel.overflow'
        FROM span AS s
        WHERE s.overflow_operation_id IS NOT NULL
        GROUP BY s.service_id
        ORDER BY 1
        ON CONFLICT DO NOTHING
    ), merged_without_start AS (
        INSERT INTO otel.rollup_without_start AS r (service_id, span_count, error_count, adjusted_count)
        SELECT p.service_id, sum(p.span_count)::bigint, sum(p.error_count)::bigint, sum(p.adjusted_count)
        FROM partial AS p
        WHERE p.window_start IS NULL
        GROUP BY p.service_id
        ON CONFLICT (service_id) DO UPDATE SET
            span_count = r.span_count + EXCLUDED.span_count,
            error_count = r.error_count + EXCLUDED.error_count,
            adjusted_count = r.adjusted_count + EXCLUDED.adjusted_count,
            updated_at = EXCLUDED.updated_at
    )%s
    SELECT count(*) INTO row_count FROM partial;

    UPDATE otel.rollup_progress AS f SET
        folded_below = to_xact::text::xid8,
        folded_at = CASE WHEN row_count > 0 THEN clock_timestamp() ELSE f.folded_at END,
        next_below = CASE WHEN NOT is_last THEN f.next_below END,
        next_offsets = CASE WHEN NOT is_last THEN f.next_offsets END,
        next_since = CASE WHEN NOT is_last THEN f.next_since END;
    RETURN row_count;
END
$body$
$function$, rollups);
END
$generate$;
COMMENT ON FUNCTION otel.fold_chunk(bigint) IS
    'Part of fold_rollups: folds about max_rows rows of the transactions that are marked, and returns how many. The caller has locked the row of rollup_progress before, in an earlier statement, and its isolation is READ COMMITTED.';

CREATE OR REPLACE PROCEDURE otel.fold_rollups(max_rows bigint DEFAULT 200000, time_limit interval DEFAULT '5 seconds')
    LANGUAGE plpgsql
AS $$
DECLARE
    began constant timestamptz := clock_timestamp();
    has_marked boolean := false;
    has_folded boolean := false;
    is_marked boolean;
BEGIN
    IF (max_rows > 0) IS NOT TRUE THEN
        RAISE EXCEPTION 'max_rows must be positive' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Fails here rather than after the work where the caller has a transaction open.
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    CALL otel.adopt_rollups();
    COMMIT;
    LOOP
        -- Whatever the session's default: what follows has to see what was committed before it had the lock.
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        SELECT f.next_below IS NOT NULL INTO STRICT is_marked FROM otel.rollup_progress AS f FOR UPDATE;
        IF NOT is_marked THEN
            EXIT WHEN has_marked;
            CALL otel.mark_rollups();
            has_marked := true;
        ELSE
            EXIT WHEN has_folded AND clock_timestamp() > began + time_limit OR otel.uncovered_offsets() > 0;
            PERFORM otel.fold_chunk(max_rows);
            has_folded := true;
        END IF;
        COMMIT;
    END LOOP;
    COMMIT;
END
$$;
COMMENT ON PROCEDURE otel.fold_rollups(bigint, interval) IS
    'Moves what ingest has added to the rollups into operation_rollup_1m and its like: of transactions that are over and whose dimensions are stored. It marks those, folds them as soon as safe_offset covers them, in this call or a later one, and marks the next; so call it every few seconds. Folds about max_rows rows in a transaction, whole transactions of ingest, and begins no other after time_limit; commits after each, so CALL it outside a transaction. Any number of sessions may call it, they take turns; interrupted, it goes on where it was. Errors: 22023 where max_rows is not positive, 2D000 in a transaction, 55P03 where another session holds the lock for longer than lock_timeout.';
