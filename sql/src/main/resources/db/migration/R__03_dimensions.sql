-- upsert_resource and upsert_scope differ in names alone, so one text makes both.

DO $generate$
DECLARE
    kind record;
BEGIN
    FOR kind IN
        SELECT * FROM (VALUES
            ('resource',
             'service_id = sent.service_id, service_name = sent.service_name, service_namespace = sent.service_namespace,
            service_version = sent.service_version, service_instance_id = sent.service_instance_id, environment = sent.environment,
            policy_dropped_count = sent.policy_dropped_count, entity_refs = sent.entity_refs'),
            ('scope', 'name = sent.name, version = sent.version')
        ) AS k (name, assignments)
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
    sent constant otel.%1$ss_dim := jsonb_populate_record(
        NULL::otel.%1$ss_dim,
        columns || jsonb_build_object('%1$s_id', id, '%1$s_hash', hash, 'first_seen', seen, 'last_seen', seen));
    stored boolean;
BEGIN
    -- Whoever comes second waits here, for the row or for its insert, and sees all of the first one's work below. Not
    -- ON CONFLICT DO UPDATE: it minds one of the two unique indexes, and two inserts at once fail on the other.
    FOR attempt IN 1..2 LOOP
        UPDATE otel.%1$ss_dim AS d SET
            last_seen = GREATEST(d.last_seen, sent.last_seen), present = sent.present, schema_url = sent.schema_url,
            dropped_attributes_count = sent.dropped_attributes_count, %2$s
        WHERE d.%1$s_id = id AND d.%1$s_hash = hash;
        stored := FOUND;
        EXIT WHEN stored;
        INSERT INTO otel.%1$ss_dim SELECT sent.* ON CONFLICT DO NOTHING;
        stored := FOUND;
        EXIT WHEN stored;
    END LOOP;
    IF NOT stored THEN
        RETURN false;
    END IF;
%3$s
    IF other IS NULL THEN
        DELETE FROM otel.%1$s_attrs_other AS o WHERE o.%1$s_id = id;
    ELSE
        INSERT INTO otel.%1$s_attrs_other AS o (%1$s_id, attributes) VALUES (id, other)
        ON CONFLICT ON CONSTRAINT %1$s_attrs_other_pkey DO UPDATE SET attributes = EXCLUDED.attributes
        WHERE o.attributes IS DISTINCT FROM EXCLUDED.attributes;
    END IF;
    RETURN true;
END
$body$;
COMMENT ON FUNCTION otel.upsert_%1$s IS
    'Part of upsert_dimension. Returns false, and changes nothing, where the id belongs to another hash.'
$text$,
            kind.name, kind.assignments,
            (
                SELECT string_agg(
                    -- What is stored already is left out before the insert: ON CONFLICT would lock and so dirty each row.
                    format($text$
    DELETE FROM otel.%1$s_attrs_%2$s AS a WHERE a.%1$s_id = id AND a.key_id <> ALL (%2$s_keys);
    INSERT INTO otel.%1$s_attrs_%2$s (%1$s_id, key_id, value)
    SELECT id, u.key_id, u.value FROM unnest(%2$s_keys, %2$s_values) AS u (key_id, value)
    EXCEPT ALL SELECT a.%1$s_id, a.key_id, a.value FROM otel.%1$s_attrs_%2$s AS a WHERE a.%1$s_id = id
    ON CONFLICT ON CONSTRAINT %1$s_attrs_%2$s_pkey DO UPDATE SET value = EXCLUDED.value;
$text$, kind.name, value_type), '')
                FROM unnest(ARRAY['string', 'int', 'double', 'bool', 'bytes']) AS value_type
            ));
    END LOOP;
END
$generate$;

CREATE OR REPLACE PROCEDURE otel.upsert_dimension(
    kind text, id bigint, hash text, seen timestamptz, columns jsonb,
    string_keys integer[], string_values text[],
    int_keys integer[], int_values bigint[],
    double_keys integer[], double_values double precision[],
    bool_keys integer[], bool_values boolean[],
    bytes_keys integer[], bytes_values bytea[],
    other jsonb
)
    LANGUAGE plpgsql
AS $$
DECLARE
    stored boolean;
BEGIN
    IF kind = 'resource' THEN
        stored := otel.upsert_resource(
            id, hash, seen, columns,
            coalesce(string_keys, '{}'), string_values, coalesce(int_keys, '{}'), int_values, coalesce(double_keys, '{}'), double_values,
            coalesce(bool_keys, '{}'), bool_values, coalesce(bytes_keys, '{}'), bytes_values, other);
    ELSIF kind = 'scope' THEN
        stored := otel.upsert_scope(
            id, hash, seen, columns,
            coalesce(string_keys, '{}'), string_values, coalesce(int_keys, '{}'), int_values, coalesce(double_keys, '{}'), double_values,
            coalesce(bool_keys, '{}'), bool_values, coalesce(bytes_keys, '{}'), bytes_values, other);
    ELSE
        RAISE EXCEPTION 'unknown kind of dimension: %', kind USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF stored THEN
        RETURN;
    END IF;

    INSERT INTO otel.dimension_collisions (kind, id, hash, payload)
    VALUES (kind, id, hash, jsonb_build_object(
        'columns', columns, 'other', other,
        'string_keys', string_keys, 'string_values', string_values, 'int_keys', int_keys, 'int_values', int_values,
        'double_keys', double_keys, 'double_values', double_values, 'bool_keys', bool_keys, 'bool_values', bool_values,
        'bytes_keys', bytes_keys, 'bytes_values', bytes_values))
    ON CONFLICT ON CONSTRAINT dimension_collisions_pkey DO NOTHING;
    RAISE WARNING 'The id % of the % with hash % belongs to another one: kept in otel.dimension_collisions', id, kind, hash;
END
$$;
COMMENT ON PROCEDURE otel.upsert_dimension IS
    'Writes a resource or a scope with all its attributes; calling it again changes nothing but last_seen. kind: resource or scope. columns: the dimension''s columns other than id, hash, first_seen and last_seen, by name. Attributes that are not among the arguments are removed; other NULL removes the catch-all. Another hash under the same id goes to dimension_collisions with a WARNING. Calls for one id wait for each other; who makes several in one transaction orders them by kind and id.';
