CREATE OR REPLACE FUNCTION otel.key_id(key text, value_type text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT k.key_id FROM otel.attribute_keys AS k WHERE k.key = key_id.key AND k.value_type = key_id.value_type);
COMMENT ON FUNCTION otel.key_id(text, text) IS
    'The key_id of a key and a type; NULL where there is none. Declared IMMUTABLE although it reads a table, so that the planner replaces it by the number and can use the indexes of some keys only. That is sound because a key''s id never changes and keys are never deleted; only NULL can become out of date: a prepared statement may keep it until it is planned again.';

CREATE OR REPLACE FUNCTION otel.register_attribute_keys(keys text[], value_types text[], indexed boolean[])
    RETURNS TABLE (key text, value_type text, key_id integer)
    LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    -- Sessions take turns: each may insert and update any of the rows, in whatever order, and would deadlock otherwise.
    PERFORM pg_advisory_xact_lock('otel.attribute_keys'::regclass::oid::bigint);

    MERGE INTO otel.attribute_keys AS k
    USING (
        SELECT u.key, u.value_type, bool_and(u.is_indexed) AS is_indexed
        FROM unnest(keys, value_types, indexed) AS u (key, value_type, is_indexed)
        GROUP BY u.key, u.value_type
    ) AS wanted ON k.key = wanted.key AND k.value_type = wanted.value_type
    WHEN MATCHED AND k.is_indexed <> wanted.is_indexed THEN
        UPDATE SET is_indexed = wanted.is_indexed
    WHEN NOT MATCHED THEN
        INSERT (key, value_type, is_indexed) VALUES (wanted.key, wanted.value_type, wanted.is_indexed);

    RETURN QUERY
    SELECT k.key, k.value_type, k.key_id
    FROM unnest(keys, value_types) WITH ORDINALITY AS wanted (key, value_type, position)
    JOIN otel.attribute_keys AS k ON k.key = wanted.key AND k.value_type = wanted.value_type
    ORDER BY wanted.position;
END
$$;
COMMENT ON FUNCTION otel.register_attribute_keys(text[], text[], boolean[]) IS
    'Gives each (key, type) its row in attribute_keys with this is_indexed, and returns the ids in the order of the arguments. A pair that is given twice is indexed only if both say so. Any number of sessions may call it at once.';
