CREATE OR REPLACE FUNCTION otel.partitions_due(from_id bigint, to_id bigint)
    RETURNS TABLE (parent regclass, table_name text, missing_from bigint, last_end bigint, next_start bigint)
    LANGUAGE sql STABLE
    -- Planned for its ids, so that only the few partitions that reach that far are looked at. Every table that is
    -- partitioned by its id or its owner's id takes part; one that was detached or dropped by hand counts as missing.
BEGIN ATOMIC
    WITH parents AS (
        SELECT c.oid, c.relname::text AS table_name
        FROM pg_partitioned_table AS t
        JOIN pg_class AS c ON c.oid = t.partrelid
        JOIN pg_attribute AS a ON a.attrelid = t.partrelid AND a.attnum = t.partattrs[0]
        WHERE c.relnamespace = 'otel'::regnamespace
            AND t.partstrat = 'r' AND t.partnatts = 1
            AND a.atttypid = 'bigint'::regtype AND a.attname IN ('id', 'parent_id')
    ), attached AS (
        SELECT parents.oid, p.from_id, p.to_id
        FROM parents
        JOIN otel.partitions AS p ON p.table_name = parents.table_name
        JOIN pg_inherits AS i ON i.inhparent = parents.oid AND i.inhrelid = to_regclass(format('otel.%I', p.partition_name))
    ), missing AS (
        SELECT parents.oid, parents.table_name,
            lower(int8multirange(int8range(partitions_due.from_id, partitions_due.to_id, '[]'))
                - coalesce(range_agg(int8range(attached.from_id, attached.to_id)) FILTER (WHERE attached.oid IS NOT NULL), '{}')
            ) AS missing_from
        FROM parents
        LEFT JOIN attached ON attached.oid = parents.oid AND attached.to_id > partitions_due.from_id
        GROUP BY parents.oid, parents.table_name
    )
    SELECT missing.oid::regclass, missing.table_name, missing.missing_from,
        (SELECT max(attached.to_id) FROM attached WHERE attached.oid = missing.oid AND attached.to_id <= missing.missing_from),
        (SELECT min(attached.from_id) FROM attached WHERE attached.oid = missing.oid AND attached.from_id > missing.missing_from)
    FROM missing
    WHERE missing.missing_from IS NOT NULL
    ORDER BY missing.missing_from, missing.table_name;
END;
COMMENT ON FUNCTION otel.partitions_due(bigint, bigint) IS
    'The tables that lack a partition for some id from from_id to to_id: the first such id, and the neighbouring partitions'' bounds.';

CREATE OR REPLACE FUNCTION otel.partition_name(table_name text, from_id bigint, to_id bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN table_name || to_char(
        otel.arrival_of(from_id) AT TIME ZONE 'UTC',
        CASE WHEN (from_id >> 32) % 86400 = 0 AND (to_id - from_id) >> 32 >= 86400 THEN '"_p"YYYYMMDD' ELSE '"_p"YYYYMMDD_HH24' END);
COMMENT ON FUNCTION otel.partition_name(text, bigint, bigint) IS
    'What a partition is called: spans_fact_p20261120 for a day or more, spans_fact_p20261120_13 for less; in UTC.';

CREATE OR REPLACE PROCEDURE otel.create_value_index(table_name text, partition_name text)
    LANGUAGE plpgsql
AS $$
DECLARE
    -- Nobody looks a span up by opaque bytes.
    wanted_type text := substring(table_name FROM '_attrs_(string|int|double|bool)$');
    unindexed text;
BEGIN
    IF wanted_type IS NULL THEN
        RETURN;
    END IF;
    -- The planner proves "key_id = 7" against such a list only up to 100 elements.
    SELECT string_agg(format('key_id <> ALL (%L::integer[])', ids), ' AND ' ORDER BY ids)
    INTO unindexed
    FROM (
        SELECT array_agg(key_id ORDER BY key_id) AS ids
        FROM (
            SELECT key_id, row_number() OVER (ORDER BY key_id) AS n
            FROM otel.attribute_keys AS k
            WHERE k.value_type = wanted_type AND NOT k.is_indexed
        ) AS numbered
        GROUP BY (n - 1) / 100
    ) AS hundreds;
    EXECUTE format('CREATE INDEX ON otel.%I (key_id, value)', partition_name) || coalesce(' WHERE ' || unindexed, '');
END
$$;
COMMENT ON PROCEDURE otel.create_value_index(text, text) IS
    'Gives a new partition of a typed table its (key_id, value) index, without the keys that attribute_keys excludes at this time.';

CREATE OR REPLACE PROCEDURE otel.attach_partition(parent regclass, partition_name text, from_id bigint, to_id bigint)
    LANGUAGE plpgsql
AS $$
DECLARE
    last_attempt constant integer := 10;
BEGIN
    FOR attempt IN 1..last_attempt LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '1s', true);
            EXECUTE format('ALTER TABLE %s ATTACH PARTITION otel.%I FOR VALUES FROM (%s) TO (%s)', parent, partition_name, from_id, to_id);
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
COMMENT ON PROCEDURE otel.attach_partition(regclass, text, bigint, bigint) IS
    'ATTACH takes SHARE UPDATE EXCLUSIVE on the parent: reads and writes go on, but VACUUM, ANALYZE, index builds and other DDL on it exclude each other. Waits for those, about 15 seconds in all.';

CREATE OR REPLACE PROCEDURE otel.create_partition(parent regclass, table_name text, from_id bigint, to_id bigint)
    LANGUAGE plpgsql
AS $$
DECLARE
    new_name text := otel.partition_name(table_name, from_id, to_id);
BEGIN
    -- A table of its own first: CREATE TABLE ... PARTITION OF would lock everybody out of the parent. No CHECK to spare
    -- ATTACH its scan: the table is empty.
    EXECUTE format('CREATE TABLE otel.%I (LIKE %s INCLUDING ALL)', new_name, parent);
    EXECUTE format(
        'COMMENT ON TABLE otel.%I IS %L', new_name,
        format('Rows of %s that arrived from %s to %s UTC.', table_name,
            otel.arrival_of(from_id) AT TIME ZONE 'UTC', otel.arrival_of(to_id) AT TIME ZONE 'UTC'));
    CALL otel.create_value_index(table_name, new_name);
    CALL otel.attach_partition(parent, new_name, from_id, to_id);

    -- A row that is there already is of a partition of this name that somebody dropped.
    DELETE FROM otel.partitions AS p WHERE p.partition_name = new_name;
    INSERT INTO otel.partitions (table_name, partition_name, from_id, to_id, arrival_from, arrival_to)
    VALUES (table_name, new_name, from_id, to_id, otel.arrival_of(from_id), otel.arrival_of(to_id));
END
$$;
COMMENT ON PROCEDURE otel.create_partition(regclass, text, bigint, bigint) IS
    'Creates, attaches and registers one partition for the ids from from_id to below to_id.';

CREATE OR REPLACE PROCEDURE otel.ensure_partitions(ahead interval DEFAULT '2 days', width interval DEFAULT '1 day')
    LANGUAGE plpgsql
AS $$
DECLARE
    -- In seconds, as ids are: a day added to a timestamptz may have 23 or 25 hours, by the session's time zone.
    width_seconds constant numeric := extract(epoch FROM width);
    width_ids bigint;
    first_id bigint;
    last_id bigint;
    due record;
    from_id bigint;
BEGIN
    IF width_seconds < 3600 OR width_seconds % 3600 <> 0 OR extract(month FROM width) <> 0 OR extract(year FROM width) <> 0 THEN
        RAISE EXCEPTION 'the width of a partition must be whole hours or days, not %', width USING ERRCODE = 'invalid_parameter_value';
    END IF;
    width_ids := width_seconds::bigint << 32;
    first_id := otel.id_at(clock_timestamp());
    last_id := first_id + (floor(extract(epoch FROM ahead))::bigint << 32);

    LOOP
        SELECT * INTO due FROM otel.partitions_due(first_id, last_id) LIMIT 1;
        EXIT WHEN NOT FOUND;

        -- One session at a time creates partitions; the others wait, and then look again.
        PERFORM pg_advisory_xact_lock('otel.partitions'::regclass::oid::bigint);
        SELECT * INTO due FROM otel.partitions_due(first_id, last_id) LIMIT 1;
        IF FOUND THEN
            from_id := GREATEST(due.missing_from - due.missing_from % width_ids, due.last_end);
            CALL otel.create_partition(
                due.parent, due.table_name, from_id, LEAST(from_id - from_id % width_ids + width_ids, due.next_start));
        END IF;
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE otel.ensure_partitions(interval, interval) IS
    'Creates the partitions of the fact tables that are missing from now to now + ahead, each up to the next multiple of width (whole hours or days, UTC) after the last one''s end. Commits after each, so CALL it outside a transaction. Safe in several sessions at once, cheap when nothing is due. Errors: 55P03 where a lock on a fact table stayed taken.';
