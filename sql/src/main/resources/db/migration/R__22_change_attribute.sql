CREATE OR REPLACE PROCEDURE otel.change_attribute(
    action text, context text, key text, value_type text, batch_size integer, pause_ms integer, INOUT value_count bigint
)
    LANGUAGE plpgsql
AS $$
DECLARE
    c record;
    change otel.attribute_changes;
    refusal text;
    rest_seconds double precision := 0;
    writers text[];
    longest_wait timestamptz;
    found_rows bigint;
    to_id bigint;
    batch_count bigint;
BEGIN
    -- This fails in any case: "while a subtransaction is active" where it would work outside of this block. A server that
    -- speaks another language says the same at the first COMMIT below.
    BEGIN
        COMMIT;
    EXCEPTION
        WHEN invalid_transaction_termination THEN
            GET STACKED DIAGNOSTICS refusal = MESSAGE_TEXT;
    END;
    IF refusal = 'invalid transaction termination' THEN
        RAISE EXCEPTION '%_attribute commits after each batch: call it outside a transaction', action
            USING ERRCODE = 'invalid_transaction_termination', HINT = 'In JDBC with autocommit, in psql without BEGIN and as a statement of its own.';
    END IF;

    SELECT * INTO c FROM otel.attribute_context(context);
    IF key IS NULL THEN
        RAISE EXCEPTION 'the key must not be NULL' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF action = 'promote' THEN
        -- As in promoted-keys.yaml.
        IF char_length(key) NOT BETWEEN 1 AND 512 THEN
            RAISE EXCEPTION 'a promoted key has 1 to 512 characters' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF (value_type IN ('string', 'int', 'double', 'bool', 'bytes')) IS NOT TRUE THEN
            RAISE EXCEPTION 'unknown type: %', coalesce(value_type, 'NULL')
                USING ERRCODE = 'invalid_parameter_value', HINT = 'It is string, int, double, bool or bytes.';
        END IF;
        IF starts_with(key, '$') THEN
            RAISE EXCEPTION 'a key that begins with $ stays in the catch-all: %', key USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END IF;
    IF (batch_size > 0) IS NOT TRUE OR (pause_ms >= 0) IS NOT TRUE THEN
        RAISE EXCEPTION 'batch_size must be positive and pause_ms not negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;

    -- Whoever can't begin hears it at once, and doesn't wait for what follows.
    IF NOT pg_try_advisory_xact_lock('otel.attribute_changes'::regclass::oid::integer, c.number) THEN
        RAISE EXCEPTION 'another session changes attributes of context % now', context
            USING ERRCODE = 'object_in_use', HINT = 'attribute_changes says what and how far it is. Call this again when it is done.';
    END IF;

    -- What a transaction has stored that isn't over yet nobody sees, and it has ids that the walk would pass. One that has just taken
    -- its ids has its locks a moment later.
    PERFORM pg_sleep(0.1);
    SELECT coalesce(array_agg(l.virtualtransaction), '{}') INTO writers
    FROM pg_locks AS l
    WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.granted AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        AND l.relation IN (
            SELECT format('otel.%I', c.owners)::regclass UNION ALL SELECT t.relid FROM pg_partition_tree(format('otel.%I', c.owners)::regclass) AS t);
    longest_wait := clock_timestamp() + interval '2 minutes';
    WHILE EXISTS (SELECT FROM pg_locks AS l WHERE l.locktype = 'virtualxid' AND l.virtualtransaction = ANY (writers)) LOOP
        IF clock_timestamp() > longest_wait THEN
            RAISE WARNING 'a transaction that stores isn''t over for two minutes: what it stores is found by calling this again';
            EXIT;
        END IF;
        PERFORM pg_sleep(0.05);
    END LOOP;
    COMMIT;

    LOOP
        -- Whatever the session's default: each batch has to see what is there when it has its locks.
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        -- The transaction's, so that nothing stays locked however this ends; taken again at once, and kept while it rests.
        PERFORM pg_advisory_xact_lock('otel.attribute_changes'::regclass::oid::integer, c.number);
        -- In the moment without the lock another call may have begun.
        IF EXISTS (
            SELECT FROM otel.attribute_changes AS a
            WHERE a.context = change_attribute.context AND a.key = change_attribute.key AND a.change_id > change.change_id)
        THEN
            RAISE EXCEPTION 'another session has begun to change % in context %', key, context USING ERRCODE = 'object_in_use';
        END IF;

        IF change.change_id IS NULL THEN
            EXECUTE format('SELECT max(%I) FROM otel.%I', c.owner_id, c.owners) INTO to_id;
            -- Only the last change of a key goes on: another one since may have moved what was done already.
            SELECT * INTO change
            FROM otel.attribute_changes AS a
            WHERE a.context = change_attribute.context AND a.key = change_attribute.key
            ORDER BY a.change_id DESC
            LIMIT 1;
            IF FOUND AND change.finished_at IS NULL
                AND (change.action, change.value_type) IS NOT DISTINCT FROM (change_attribute.action, change_attribute.value_type) THEN
                RAISE NOTICE 'an earlier call of % was interrupted after % values: going on', change.started_at, change.value_count;
                -- Of facts, what has come since has higher ids. Those of dimensions are hashes: what has come since may stand anywhere.
                UPDATE otel.attribute_changes AS a
                SET last_id = to_id, next_id = CASE WHEN c.is_fact THEN a.next_id ELSE -9223372036854775808 END
                WHERE a.change_id = change.change_id
                RETURNING * INTO STRICT change;
            ELSE
                -- Not registered by a policy yet: as a policy would.
                IF action = 'promote' AND NOT EXISTS (
                    SELECT FROM otel.attribute_keys AS k WHERE k.key = change_attribute.key AND k.value_type = change_attribute.value_type)
                THEN
                    PERFORM otel.register_attribute_keys(ARRAY[key], ARRAY[value_type], ARRAY[true]);
                END IF;
                INSERT INTO otel.attribute_changes (action, context, key, value_type, next_id, last_id)
                VALUES (action, context, key, value_type, -9223372036854775808, to_id)
                RETURNING * INTO change;
            END IF;
            COMMIT;
            CONTINUE;
        END IF;

        PERFORM pg_sleep(rest_seconds);
        EXECUTE format(
            'SELECT count(*), max(f.id) FROM (SELECT %1$I AS id FROM otel.%2$I WHERE %1$I BETWEEN %3$L AND %4$L ORDER BY %1$I LIMIT %5$s) AS f',
            c.owner_id, c.owners, change.next_id, change.last_id, batch_size)
        INTO found_rows, to_id;
        IF found_rows < batch_size THEN
            to_id := change.last_id;
        END IF;
        batch_count := CASE action
            WHEN 'promote' THEN otel.promote_batch(context, key, value_type, change.next_id, to_id)
            WHEN 'demote' THEN otel.demote_batch(context, key, change.next_id, to_id)
            WHEN 'drop' THEN otel.drop_batch(context, key, change.next_id, to_id)
            END;
        UPDATE otel.attribute_changes AS a SET
            next_id = CASE WHEN to_id < change.last_id THEN to_id + 1 ELSE a.next_id END,
            value_count = a.value_count + batch_count,
            updated_at = clock_timestamp(),
            finished_at = CASE WHEN to_id < change.last_id THEN NULL ELSE clock_timestamp() END
        WHERE a.change_id = change.change_id
        RETURNING * INTO STRICT change;
        COMMIT;
        -- Looking costs others next to nothing.
        rest_seconds := CASE WHEN batch_count > 0 THEN pause_ms / 1000.0 ELSE 0 END;
        EXIT WHEN change.finished_at IS NOT NULL;
    END LOOP;
    value_count := change.value_count;
    RAISE NOTICE '%_attribute: % % values of % in context %', action, CASE action WHEN 'drop' THEN 'erased' ELSE 'moved' END, value_count, key, context;
END
$$;
COMMENT ON PROCEDURE otel.change_attribute(text, text, text, text, integer, integer, bigint) IS
    'Part of promote_attribute, demote_attribute and drop_attribute: walks the rows of a context by their ids, batch by batch.';
