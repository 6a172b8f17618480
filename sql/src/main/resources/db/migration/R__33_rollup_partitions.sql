-- Partitions of the rollup tables, and what goes when it is old. Whoever changes which table a window's rows are in holds the row of
-- rollup_progress, as folding does: a row that is on its way into the DEFAULT partition would be refused with 23514 when a partition
-- for it is attached meanwhile.

CREATE OR REPLACE FUNCTION otel.rollup_partitions()
    RETURNS TABLE (table_name text, partition_name text, from_time timestamptz, to_time timestamptz)
    LANGUAGE sql STABLE
    -- Bounds are texts; other styles have names of time zones in them, and some are those of two.
    SET DateStyle = 'ISO'
BEGIN ATOMIC
    SELECT parent.relname::text, c.relname::text,
        substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \(''(.*?)''\)')::timestamptz,
        substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(.*?)''\)')::timestamptz
    FROM pg_class AS parent
    JOIN pg_inherits AS i ON i.inhparent = parent.oid
    JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE parent.relnamespace = 'otel'::regnamespace
        AND parent.relname IN ('operation_rollup_1m', 'operation_rollup_1h', 'service_rollup_1m', 'service_rollup_1h')
        AND c.relname <> parent.relname || '_other';
END;
COMMENT ON FUNCTION otel.rollup_partitions() IS 'The partitions of the rollup tables but for the DEFAULT ones: they hold the windows from from_time to before to_time.';

CREATE OR REPLACE FUNCTION otel.rollup_partitions_due(from_time timestamptz, to_time timestamptz)
    RETURNS TABLE (table_name text, partition_name text, partition_from timestamptz, partition_to timestamptz)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.table_name, t.table_name || to_char(d.first, t.suffix), b.partition_from, b.partition_to
    FROM (
        VALUES ('operation_rollup_1m', 'day', interval '1 day', '"_p"YYYYMMDD'), ('service_rollup_1m', 'day', '1 day', '"_p"YYYYMMDD'),
            ('operation_rollup_1h', 'month', '1 month', '"_p"YYYYMM'), ('service_rollup_1h', 'month', '1 month', '"_p"YYYYMM')
    ) AS t (table_name, unit, width, suffix)
    -- Without a time zone, so that days and months are those of UTC whatever the session's is.
    CROSS JOIN LATERAL generate_series(
        date_trunc(t.unit, rollup_partitions_due.from_time AT TIME ZONE 'UTC'), rollup_partitions_due.to_time AT TIME ZONE 'UTC', t.width) AS d (first)
    CROSS JOIN LATERAL (SELECT d.first AT TIME ZONE 'UTC', (d.first + t.width) AT TIME ZONE 'UTC') AS b (partition_from, partition_to)
    WHERE NOT EXISTS (
        SELECT FROM otel.rollup_partitions() AS p
        WHERE p.table_name = t.table_name AND p.from_time < b.partition_to AND p.to_time > b.partition_from)
        -- What retention has dropped doesn't come again.
        AND b.partition_to > (SELECT CASE t.unit WHEN 'day' THEN r.minutes_from ELSE r.hours_from END FROM otel.rollup_progress AS r)
    ORDER BY b.partition_from, t.table_name;
END;
COMMENT ON FUNCTION otel.rollup_partitions_due(timestamptz, timestamptz) IS
    'The partitions that rollup tables lack for windows from from_time to to_time: days of those by minute, months of those by hour, in UTC; none that retention has dropped.';

CREATE OR REPLACE PROCEDURE otel.create_rollup_partition(table_name text, partition_name text, from_time timestamptz, to_time timestamptz)
    LANGUAGE plpgsql
    SET DateStyle = 'ISO'
AS $$
DECLARE
    last_attempt constant integer := 5;
    is_early boolean;
BEGIN
    FOR attempt IN 1..last_attempt LOOP
        BEGIN
            -- Held for the lock on the table too, which is then free but for readers. Goes with this attempt.
            PERFORM FROM otel.rollup_progress FOR UPDATE;
            IF EXISTS (SELECT FROM otel.rollup_partitions() AS p WHERE p.partition_name = create_rollup_partition.partition_name) THEN
                RETURN;
            END IF;
            PERFORM set_config('lock_timeout', '300ms', true);
            EXECUTE format('SELECT EXISTS (SELECT FROM otel.%I WHERE window_start >= %L AND window_start < %L)', table_name || '_other', from_time, to_time)
            INTO is_early;
            IF is_early THEN
                -- From the parent on: a reader that has looked at its list of partitions already, and waits for one of them, would see
                -- neither the rows in their old place nor the new place.
                EXECUTE format('LOCK TABLE otel.%I IN ACCESS EXCLUSIVE MODE', table_name);
            END IF;
            -- Rows of the current window are updated again and again: room on their page keeps indexes out of it.
            EXECUTE format('CREATE TABLE otel.%I (LIKE otel.%I INCLUDING ALL) WITH (fillfactor = 70)', partition_name, table_name);
            EXECUTE format(
                'COMMENT ON TABLE otel.%I IS %L', partition_name,
                format('Windows of %s from %s to %s UTC.', table_name, from_time AT TIME ZONE 'UTC', to_time AT TIME ZONE 'UTC'));
            IF is_early THEN
                EXECUTE format(
                    'WITH moved AS (DELETE FROM otel.%I WHERE window_start >= %L AND window_start < %L RETURNING *) INSERT INTO otel.%I SELECT * FROM moved',
                    table_name || '_other', from_time, to_time, partition_name);
            END IF;
            EXECUTE format('ALTER TABLE otel.%I ATTACH PARTITION otel.%I FOR VALUES FROM (%L) TO (%L)', table_name, partition_name, from_time, to_time);
            RETURN;
        EXCEPTION
            WHEN lock_not_available THEN
                IF attempt = last_attempt THEN
                    RAISE;
                END IF;
        END;
        PERFORM pg_sleep(0.1 * attempt);
    END LOOP;
END
$$;
COMMENT ON PROCEDURE otel.create_rollup_partition(text, text, timestamptz, timestamptz) IS
    'Part of ensure_rollup_partitions: creates and attaches one partition, with the rows that the DEFAULT partition holds for it. ATTACH reads the DEFAULT partition, which nobody else does meanwhile; with rows to move the whole table is locked. Folding waits. Tries for about three seconds to get the locks: everybody else waits for those who wait.';

CREATE OR REPLACE PROCEDURE otel.ensure_rollup_partitions(ahead interval DEFAULT '2 days', behind interval DEFAULT '7 days')
    LANGUAGE plpgsql
AS $$
DECLARE
    due record;
BEGIN
    LOOP
        SELECT * INTO due FROM otel.rollup_partitions_due(clock_timestamp() - behind, clock_timestamp() + ahead) LIMIT 1;
        EXIT WHEN NOT FOUND;
        CALL otel.create_rollup_partition(due.table_name, due.partition_name, due.partition_from, due.partition_to);
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE otel.ensure_rollup_partitions(interval, interval) IS
    'Creates the partitions of the rollup tables that are missing from now - behind to now + ahead: a store that is new begins with what Kafka has kept, which is 7 days by default. Commits after each, so CALL it outside a transaction. Safe in several sessions at once and while others fold; cheap when nothing is due. Errors: 55P03 where a lock stayed taken.';

CREATE OR REPLACE PROCEDURE otel.raise_rollups_from(width text, from_time timestamptz)
    LANGUAGE plpgsql
AS $$
BEGIN
    IF width = '1m' THEN
        UPDATE otel.rollup_progress AS p SET minutes_from = from_time WHERE p.minutes_from < from_time;
    ELSE
        UPDATE otel.rollup_progress AS p SET hours_from = from_time WHERE p.hours_from < from_time;
    END IF;
    -- Before anything goes: an audit that sees less also sees why.
    COMMIT;
END
$$;
COMMENT ON PROCEDURE otel.raise_rollups_from(text, timestamptz) IS
    'Part of retention: notes that rollups of this width (1m or 1h) and of windows before from_time are going to be dropped, and commits.';

CREATE OR REPLACE PROCEDURE otel.drop_rollup_partition(partition_name text)
    LANGUAGE plpgsql
AS $$
DECLARE
    last_attempt constant integer := 5;
    dropped record;
BEGIN
    SELECT * INTO dropped FROM otel.rollup_partitions() AS p WHERE p.partition_name = drop_rollup_partition.partition_name;
    IF NOT FOUND THEN
        -- Somebody else was quicker.
        RETURN;
    END IF;
    CALL otel.raise_rollups_from(right(dropped.table_name, 2), dropped.to_time);
    FOR attempt IN 1..last_attempt LOOP
        BEGIN
            PERFORM FROM otel.rollup_progress FOR UPDATE;
            IF to_regclass(format('otel.%I', partition_name)) IS NULL THEN
                RETURN;
            END IF;
            PERFORM set_config('lock_timeout', '300ms', true);
            -- CONCURRENTLY isn't for tables with a DEFAULT partition.
            EXECUTE format('ALTER TABLE otel.%I DETACH PARTITION otel.%I', dropped.table_name, partition_name);
            EXECUTE format('DROP TABLE otel.%I', partition_name);
            RETURN;
        EXCEPTION
            WHEN lock_not_available THEN
                IF attempt = last_attempt THEN
                    RAISE;
                END IF;
        END;
        PERFORM pg_sleep(0.1 * attempt);
    END LOOP;
END
$$;
COMMENT ON PROCEDURE otel.drop_rollup_partition(text) IS
    'Drops a partition of a rollup table, after rollup_progress says so. Locks the table for a moment; tries for about three seconds to get the lock. CALL it outside a transaction. Does nothing where it is gone. Errors: 55P03 where the lock stayed taken.';

CREATE OR REPLACE FUNCTION otel.maintenance_statements(minutes_retention interval, hours_retention interval) RETURNS TABLE (statement text)
    -- Not STABLE: what is folded is looked up after who writes.
    LANGUAGE plpgsql VOLATILE
    -- To find that a partition has no row of a kind the planner would read all of it, expecting one soon.
    SET enable_seqscan = off
AS $$
DECLARE
    partial record;
    is_unfolded boolean;
BEGIN
    IF minutes_retention <= interval '0' OR hours_retention <= interval '0' THEN
        RAISE EXCEPTION 'a retention must be positive' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR partial IN
        SELECT p.partition_name, c.oid IS NOT NULL AS is_there, i.inhrelid IS NOT NULL AS is_attached, coalesce(i.inhdetachpending, false) AS is_pending
        FROM otel.partitions AS p
        LEFT JOIN pg_class AS c ON c.oid = to_regclass(format('otel.%I', p.partition_name))
        LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND i.inhparent = 'otel.operation_rollup_partial'::regclass
        -- An id is never older than its transaction: who began later can't write here. An hour, so that nobody waits for those who just end;
        -- of a transaction that is still older its locks tell.
        WHERE p.table_name = 'operation_rollup_partial' AND p.arrival_to < now() - interval '1 hour'
            AND NOT EXISTS (
                SELECT FROM pg_locks AS l
                WHERE l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) AND l.relation = c.oid
                    AND l.mode = 'RowExclusiveLock')
        -- As long as a DETACH is pending, none other can begin.
        ORDER BY coalesce(i.inhdetachpending, false) DESC, p.from_id
    LOOP
        IF partial.is_there THEN
            EXECUTE format(
                'SELECT EXISTS (
                     SELECT FROM otel.%I AS r WHERE otel.xact_number(r.xact_id) >= (SELECT otel.xact_number(p.folded_below) FROM otel.rollup_progress AS p))',
                partial.partition_name)
            INTO is_unfolded;
            CONTINUE WHEN is_unfolded;
        END IF;
        IF partial.is_attached THEN
            statement := format(
                'ALTER TABLE otel.operation_rollup_partial DETACH PARTITION otel.%I %s',
                partial.partition_name, CASE WHEN partial.is_pending THEN 'FINALIZE' ELSE 'CONCURRENTLY' END);
            RETURN NEXT;
        END IF;
        IF partial.is_there THEN
            statement := format('DROP TABLE otel.%I', partial.partition_name);
            RETURN NEXT;
        END IF;
        statement := format('DELETE FROM otel.partitions WHERE partition_name = %L', partial.partition_name);
        RETURN NEXT;
    END LOOP;

    RETURN QUERY
    SELECT format('CALL otel.drop_rollup_partition(%L)', p.partition_name)
    FROM otel.rollup_partitions() AS p
    WHERE p.to_time <= now() - CASE right(p.table_name, 2) WHEN '1m' THEN minutes_retention ELSE hours_retention END
    ORDER BY p.from_time, p.table_name;
END
$$;
COMMENT ON FUNCTION otel.maintenance_statements(interval, interval) IS
    'The statements that are due and can''t run in a transaction, in their order: partitions of operation_rollup_partial that are folded go (DETACH PARTITION … CONCURRENTLY, or FINALIZE where that was interrupted, then DROP TABLE), and partitions of rollups whose windows all lie before now() - minutes_retention or hours_retention (NULL: none). Run each by itself with autocommit and stop at the first that fails; what is left is in the next list. In psql: \set ON_ERROR_STOP on, and then SELECT otel.maintenance_statements(''30 days'', ''400 days'') \gexec';

CREATE OR REPLACE PROCEDURE otel.expire_rollups(minutes_retention interval, hours_retention interval, time_limit interval DEFAULT NULL)
    LANGUAGE plpgsql
AS $$
DECLARE
    -- Deleted in one transaction.
    rows_at_once constant integer := 50000;
    began constant timestamptz := clock_timestamp();
    due record;
    from_time timestamptz;
    is_due boolean;
    deleted bigint;
BEGIN
    IF minutes_retention <= interval '0' OR hours_retention <= interval '0' THEN
        RAISE EXCEPTION 'a retention must be positive' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR due IN
        SELECT t.table_name, w.width, w.retention
        FROM (VALUES ('1m', minutes_retention), ('1h', hours_retention)) AS w (width, retention)
        CROSS JOIN LATERAL (VALUES (format('operation_rollup_%s_other', w.width)), (format('service_rollup_%s_other', w.width))) AS t (table_name)
        WHERE w.retention IS NOT NULL
    LOOP
        from_time := date_bin(interval '1 hour', now() - due.retention, timestamptz '2000-01-01 00:00:00+00');
        -- What arrived years late is kept as long as what arrived in time. Folding that updates a row meanwhile keeps it.
        EXECUTE format('SELECT EXISTS (SELECT FROM otel.%I WHERE window_start < $1 AND updated_at < $1)', due.table_name) INTO is_due USING from_time;
        CONTINUE WHEN NOT is_due;
        CALL otel.raise_rollups_from(due.width, from_time);
        LOOP
            EXECUTE format(
                'DELETE FROM otel.%1$I AS r WHERE r.ctid = ANY (ARRAY(
                    SELECT e.ctid FROM otel.%1$I AS e WHERE e.window_start < $1 AND e.updated_at < $1 LIMIT $2)) AND r.updated_at < $1', due.table_name)
            USING from_time, rows_at_once;
            GET DIAGNOSTICS deleted = ROW_COUNT;
            COMMIT;
            IF clock_timestamp() > began + time_limit THEN
                RETURN;
            END IF;
            EXIT WHEN deleted = 0;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE otel.expire_rollups(interval, interval, interval) IS
    'Retention of what lies in the DEFAULT partitions of rollups by minute and by hour: rows whose window began, and that were folded last, before now() - retention (NULL: for ever) are deleted, 50,000 in a transaction and none after time_limit. rollup_progress says from when on rollups are complete. What lies in other partitions goes with them: maintenance_statements. CALL it outside a transaction.';
