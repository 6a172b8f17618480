-- upsert_resource, upsert_scope and upsert_series differ in names and columns alone, so one text makes all three; upsert_service,
-- upsert_operation and upsert_metric likewise, but for the limit of operations.

DO $generate$
DECLARE
    kind record;
BEGIN
    FOR kind IN
        SELECT * FROM (VALUES
            ('resource', 'resources_dim', 'resource', ARRAY['service_id', 'dropped_attributes_count', 'policy_dropped_count', 'present',
                'schema_url', 'service_name', 'service_namespace', 'service_version', 'service_instance_id', 'environment', 'entity_refs',
                'policy_version']),
            ('scope', 'scopes_dim', 'scope', ARRAY['dropped_attributes_count', 'present', 'name', 'version', 'schema_url', 'policy_version']),
            ('series', 'metric_series_dim', 'metric', ARRAY['metric_id', 'resource_id', 'scope_id', 'policy_dropped_count', 'policy_version'])
        ) AS k (name, dimension, context, columns)
    LOOP
        EXECUTE format($text$
CREATE OR REPLACE FUNCTION otel.upsert_%1$s(
    id bigint, hash text, seen timestamptz, columns jsonb,
    string_keys integer[], string_values text[],
    int_keys integer[], int_values bigint[],
    double_keys integer[], double_values double precision[],
    bool_keys integer[], bool_values boolean[],
    bytes_keys integer[], bytes_values bytea[],
    other jsonb
) RETURNS boolean
    LANGUAGE plpgsql
AS $body$
DECLARE
    sent constant otel.%6$s := jsonb_populate_record(
        NULL::otel.%6$s,
        columns || jsonb_build_object('%1$s_id', id, '%1$s_hash', hash, 'first_seen', seen, 'last_seen', seen));
    stored boolean;
    outdated boolean;
    is_new boolean := false;
BEGIN
    -- Whoever comes second waits here, for the row or for its insert, and sees all of the first one's work below. Not
    -- ON CONFLICT DO UPDATE: it minds one of the two unique indexes, and two inserts at once fail on the other.
    FOR attempt IN 1..2 LOOP
        UPDATE otel.%6$s AS d SET last_seen = GREATEST(d.last_seen, sent.last_seen), %2$s
        WHERE d.%1$s_id = id AND d.%1$s_hash = hash AND (d.policy_version > sent.policy_version) IS NOT TRUE
            AND (d.last_seen < sent.last_seen OR (%3$s) IS DISTINCT FROM (%4$s));
        stored := FOUND;
        EXIT WHEN stored;
        -- As it was sent, or outdated what was sent: locked, because its attributes may still differ.
        SELECT d.policy_version > sent.policy_version INTO outdated
        FROM otel.%6$s AS d WHERE d.%1$s_id = id AND d.%1$s_hash = hash FOR NO KEY UPDATE;
        stored := FOUND;
        EXIT WHEN stored;
        INSERT INTO otel.%6$s SELECT sent.* ON CONFLICT DO NOTHING;
        stored := FOUND;
        is_new := FOUND;
        EXIT WHEN stored;
    END LOOP;
    IF NOT stored THEN
        RETURN false;
    END IF;
    -- From a job that is being replaced, say, which described it under an older policy.
    IF outdated THEN
        UPDATE otel.%6$s AS d SET last_seen = sent.last_seen WHERE d.%1$s_id = id AND d.last_seen < sent.last_seen;
        RETURN true;
    END IF;
%5$s
    IF other IS NULL THEN
        IF NOT is_new THEN
            DELETE FROM otel.%7$s_attrs_other AS o WHERE o.%1$s_id = id;
        END IF;
    ELSE
        INSERT INTO otel.%7$s_attrs_other (%1$s_id, attributes)
        SELECT id, other
        WHERE NOT EXISTS (SELECT FROM otel.%7$s_attrs_other AS o WHERE o.%1$s_id = id AND o.attributes = other)
        ON CONFLICT ON CONSTRAINT %7$s_attrs_other_pkey DO UPDATE SET attributes = EXCLUDED.attributes;
    END IF;
    RETURN true;
END
$body$;
COMMENT ON FUNCTION otel.upsert_%1$s IS
    'Part of upsert_dimension. Returns false, and changes nothing, where the id belongs to another hash.'
$text$,
            kind.name,
            (SELECT string_agg(format('%1$s = sent.%1$s', c), ', ') FROM unnest(kind.columns) AS c),
            (SELECT string_agg('d.' || c, ', ') FROM unnest(kind.columns) AS c),
            (SELECT string_agg('sent.' || c, ', ') FROM unnest(kind.columns) AS c),
            (
                SELECT string_agg(
                    -- Most calls have attributes of one or two types, and most of the cost is that of starting a statement. What is
                    -- stored already is left out before the insert: ON CONFLICT would lock and so dirty each row.
                    format($text$
    IF NOT is_new THEN
        DELETE FROM otel.%3$s_attrs_%2$s AS a WHERE a.%1$s_id = id AND a.key_id <> ALL (%2$s_keys);
    END IF;
    IF %2$s_keys <> '{}' THEN
        INSERT INTO otel.%3$s_attrs_%2$s (%1$s_id, key_id, value)
        SELECT id, u.key_id, u.value FROM unnest(%2$s_keys, %2$s_values) AS u (key_id, value)
        EXCEPT ALL SELECT a.%1$s_id, a.key_id, a.value FROM otel.%3$s_attrs_%2$s AS a WHERE a.%1$s_id = id
        ON CONFLICT ON CONSTRAINT %3$s_attrs_%2$s_pkey DO UPDATE SET value = EXCLUDED.value;
    END IF;
$text$, kind.name, value_type, kind.context), '')
                FROM unnest(ARRAY['string', 'int', 'double', 'bool', 'bytes']) AS value_type
            ),
            kind.dimension, kind.context);
    END LOOP;

    FOR kind IN
        SELECT * FROM (VALUES
            ('service', 'service_dim', ARRAY['name', 'namespace', 'environment', 'version', 'attributes_other'], '', '', ''),
            ('operation', 'operation_dim', ARRAY['service_id', 'span_kind', 'name', 'attributes_other'], ', max_operations integer', $text$
        IF max_operations IS NOT NULL
            AND (SELECT count(*) FROM (SELECT FROM otel.operation_dim AS d WHERE d.service_id = sent.service_id LIMIT max_operations) AS o)
                >= max_operations THEN
            RETURN NULL;
        END IF;$text$, ' Returns NULL, and changes nothing, where the operation is new and its service has max_operations already.'),
            ('metric', 'metrics_dim', ARRAY['metric_identity_hash', 'name', 'metric_type', 'unit', 'aggregation_temporality', 'is_monotonic',
                'description', 'metadata', 'attributes_other'], '', '', '')
        ) AS k (name, dimension, columns, argument, admission, remark)
    LOOP
        EXECUTE format($text$
CREATE OR REPLACE FUNCTION otel.upsert_%1$s(id bigint, hash text, seen timestamptz, columns jsonb, other jsonb%5$s) RETURNS boolean
    LANGUAGE plpgsql
AS $body$
DECLARE
    sent otel.%8$s := jsonb_populate_record(NULL::otel.%8$s, columns);
BEGIN
    sent.%1$s_id := id;
    sent.%1$s_hash := hash;
    sent.first_seen := seen;
    sent.last_seen := seen;
    sent.attributes_other := other;
    -- As for resources, but without a lock on a row that is as it was sent: nothing else belongs to it.
    FOR attempt IN 1..2 LOOP
        UPDATE otel.%8$s AS d SET last_seen = GREATEST(d.last_seen, seen), %2$s
        WHERE d.%1$s_id = id AND d.%1$s_hash = hash
            AND (d.last_seen < seen OR (%3$s) IS DISTINCT FROM (%4$s));
        IF FOUND OR EXISTS (SELECT FROM otel.%8$s AS d WHERE d.%1$s_id = id AND d.%1$s_hash = hash) THEN
            RETURN true;
        END IF;%6$s
        INSERT INTO otel.%8$s SELECT sent.* ON CONFLICT DO NOTHING;
        IF FOUND THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$body$;
COMMENT ON FUNCTION otel.upsert_%1$s IS
    'Part of upsert_dimension. Returns false, and changes nothing, where the id belongs to another hash.%7$s'
$text$,
            kind.name,
            (SELECT string_agg(format('%1$s = sent.%1$s', c), ', ') FROM unnest(kind.columns) AS c),
            (SELECT string_agg('d.' || c, ', ') FROM unnest(kind.columns) AS c),
            (SELECT string_agg('sent.' || c, ', ') FROM unnest(kind.columns) AS c),
            kind.argument, kind.admission, kind.remark, kind.dimension);
    END LOOP;
END
$generate$;

CREATE OR REPLACE PROCEDURE otel.upsert_dimension(
    kind text, id bigint, hash text, seen timestamptz, columns text,
    string_keys integer[], string_values text[],
    int_keys integer[], int_values bigint[],
    double_keys integer[], double_values double precision[],
    bool_keys integer[], bool_values boolean[],
    bytes_keys integer[], bytes_values bytea[],
    other text,
    max_operations integer
)
    LANGUAGE plpgsql
AS $$
DECLARE
    stored boolean := false;
    refused_with text;
    refusal text;
    attributes json;
BEGIN
    IF (kind IN ('resource', 'scope', 'service', 'operation', 'metric', 'series')) IS NOT TRUE THEN
        RAISE EXCEPTION 'unknown kind of dimension: %', kind USING ERRCODE = 'invalid_parameter_value';
    END IF;

    BEGIN
        IF kind = 'series' THEN
            stored := otel.upsert_series(
                id, hash, seen, columns::jsonb,
                coalesce(string_keys, '{}'), string_values, coalesce(int_keys, '{}'), int_values, coalesce(double_keys, '{}'), double_values,
                coalesce(bool_keys, '{}'), bool_values, coalesce(bytes_keys, '{}'), bytes_values, other::jsonb);
        ELSIF kind = 'operation' THEN
            stored := otel.upsert_operation(id, hash, seen, columns::jsonb, other::jsonb, max_operations);
        ELSIF kind = 'metric' THEN
            stored := otel.upsert_metric(id, hash, seen, columns::jsonb, other::jsonb);
        ELSIF kind = 'service' THEN
            stored := otel.upsert_service(id, hash, seen, columns::jsonb, other::jsonb);
        ELSIF kind = 'resource' THEN
            stored := otel.upsert_resource(
                id, hash, seen, columns::jsonb,
                coalesce(string_keys, '{}'), string_values, coalesce(int_keys, '{}'), int_values, coalesce(double_keys, '{}'), double_values,
                coalesce(bool_keys, '{}'), bool_values, coalesce(bytes_keys, '{}'), bytes_values, other::jsonb);
        ELSE
            stored := otel.upsert_scope(
                id, hash, seen, columns::jsonb,
                coalesce(string_keys, '{}'), string_values, coalesce(int_keys, '{}'), int_values, coalesce(double_keys, '{}'), double_values,
                coalesce(bool_keys, '{}'), bool_values, coalesce(bytes_keys, '{}'), bytes_values, other::jsonb);
        END IF;
    EXCEPTION
        -- The dimension's own values are to blame. Any other error is ours, or passes: the caller's to decide.
        WHEN data_exception OR program_limit_exceeded OR not_null_violation THEN
            GET STACKED DIAGNOSTICS refused_with = RETURNED_SQLSTATE, refusal = MESSAGE_TEXT;
    END;
    IF stored THEN
        DELETE FROM otel.refused_dimensions AS r
        WHERE r.kind = upsert_dimension.kind AND r.id = upsert_dimension.id AND r.hash = upsert_dimension.hash;
        RETURN;
    END IF;
    -- An operation that isn't admitted.
    IF stored IS NULL THEN
        RETURN;
    END IF;

    -- Doubles as texts: JSONB has no negative zero.
    attributes := json_build_object(
        'string_keys', string_keys, 'string_values', string_values, 'int_keys', int_keys, 'int_values', int_values,
        'double_keys', double_keys, 'double_values', double_values::text[], 'bool_keys', bool_keys, 'bool_values', bool_values,
        'bytes_keys', bytes_keys, 'bytes_values', bytes_values);
    IF refused_with IS NULL THEN
        INSERT INTO otel.dimension_collisions (kind, id, hash, payload)
        VALUES (kind, id, hash, jsonb_build_object('columns', columns::jsonb, 'other', other::jsonb) || attributes::jsonb)
        ON CONFLICT ON CONSTRAINT dimension_collisions_pkey DO NOTHING;
        RAISE WARNING 'The id % of the % with hash % belongs to another one: kept in otel.dimension_collisions', id, kind, hash;
    ELSE
        INSERT INTO otel.refused_dimensions AS r (kind, id, hash, sqlstate, detail, columns, other, attributes)
        VALUES (kind, id, hash, refused_with, left(refusal, 1000), columns, other, attributes)
        ON CONFLICT ON CONSTRAINT refused_dimensions_pkey DO UPDATE SET
            sqlstate = EXCLUDED.sqlstate, detail = EXCLUDED.detail,
            columns = EXCLUDED.columns, other = EXCLUDED.other, attributes = EXCLUDED.attributes
        WHERE (r.sqlstate, r.detail, r.columns, r.other, r.attributes)
            IS DISTINCT FROM (EXCLUDED.sqlstate, EXCLUDED.detail, EXCLUDED.columns, EXCLUDED.other, EXCLUDED.attributes);
        RAISE WARNING 'The % with id % and hash % was refused with SQLSTATE %: kept in otel.refused_dimensions', kind, id, hash, refused_with;
    END IF;
END
$$;
COMMENT ON PROCEDURE otel.upsert_dimension IS
    'Writes a dimension with all its attributes; calling it again changes nothing but last_seen, and nothing at all where seen isn''t later. kind: resource, scope, service, operation, metric or series. columns: the dimension''s columns other than id, hash, first_seen, last_seen and attributes_other, by name, as JSON. Attributes that are not among the arguments are removed, and so is the catch-all where other is NULL; services, operations and metrics have no typed attributes, theirs are ignored. Where the stored resource, scope or series has a higher policy_version, last_seen alone is raised: a job that is being replaced may write what it described under an older policy. max_operations: an operation that isn''t there is stored only while its service has fewer, and otherwise nothing is written, here or elsewhere; NULL is no limit, other kinds ignore it. It is asked here, because the job forgets operations that aren''t seen any more, and all of them when it starts without state, and would admit as many again each time. Sessions don''t wait for each other to count, so a service may have a few more: what others insert and haven''t committed. Another hash under the same id goes to dimension_collisions with a WARNING, and what PostgreSQL refuses (SQLSTATE 22, 54, 23502) to refused_dimensions; other errors are raised. Calls for one id wait for each other; who makes several in one transaction orders them as everybody does, by kind (resource, scope, service, operation, metric, series) and id, or they deadlock. Each call is a subtransaction.';
