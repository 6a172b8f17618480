-- What promote_attribute, demote_attribute and drop_attribute do to one catch-all.

-- A value as its typed table may have it, by the rules of the writer, which never coerces; NULL is "stays where it is".

CREATE OR REPLACE FUNCTION otel.promotable_string(value jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- A string with U+0000 is {"$string": …}, and so no JSON string.
    RETURN CASE WHEN jsonb_typeof(value) = 'string' AND octet_length(value #>> '{}') <= 1024 THEN value #>> '{}' END;
COMMENT ON FUNCTION otel.promotable_string(jsonb) IS 'The text, where it is a string of at most 1,024 bytes without U+0000; NULL otherwise.';

CREATE OR REPLACE FUNCTION otel.promotable_int(value jsonb) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN otel.catch_all_int(value);
COMMENT ON FUNCTION otel.promotable_int(jsonb) IS 'The number, where it is an int of 64 bits; NULL otherwise.';

CREATE OR REPLACE FUNCTION otel.promotable_double(value jsonb) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- SQL can make one NaN only. Those with other bits stay in the catch-all, which has them.
    RETURN CASE
        WHEN otel.catch_all_type(value) = 'double'
            AND (jsonb_typeof(value) = 'number' OR value ->> '$double' = encode(float8send(otel.catch_all_double(value)), 'hex'))
            THEN otel.catch_all_double(value)
        END;
COMMENT ON FUNCTION otel.promotable_double(jsonb) IS
    'The number, where it is a double; NULL otherwise, and for a NaN whose bits SQL cannot make.';

CREATE OR REPLACE FUNCTION otel.promotable_bool(value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN jsonb_typeof(value) = 'boolean' THEN value::boolean END;
COMMENT ON FUNCTION otel.promotable_bool(jsonb) IS 'The value, where it is a bool; NULL otherwise.';

CREATE OR REPLACE FUNCTION otel.promotable_bytes(value jsonb) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length(otel.catch_all_bytes(value)) <= 1024 THEN otel.catch_all_bytes(value) END;
COMMENT ON FUNCTION otel.promotable_bytes(jsonb) IS 'The bytes, where they are at most 1,024; NULL otherwise.';

CREATE OR REPLACE FUNCTION otel.attribute_key_matches(key text, wanted text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN right(wanted, 1) = '*' THEN starts_with(key, left(wanted, -1)) ELSE key = wanted END;
COMMENT ON FUNCTION otel.attribute_key_matches(text, text) IS
    'Whether a key is the wanted one or, where that ends with *, begins with what is before it, as in dropped-keys.yaml. Nothing else in it is special.';

CREATE OR REPLACE FUNCTION otel.catch_all_with(attributes jsonb, key text, value jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(attributes, '{}') || CASE
        WHEN starts_with(key, '$') THEN
            jsonb_build_object('$keys', coalesce(attributes -> '$keys', '[]') || jsonb_build_array(jsonb_build_array(key, value)))
        ELSE jsonb_build_object(key, value)
        END;
COMMENT ON FUNCTION otel.catch_all_with(jsonb, text, jsonb) IS 'A catch-all (NULL is an empty one) with one attribute more, which it must not have.';

CREATE OR REPLACE FUNCTION otel.catch_all_without(attributes jsonb, wanted text, OUT remaining jsonb, OUT removed bigint)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        nullif(
            attributes - (plain.keys || CASE WHEN pairs.removed > 0 THEN ARRAY['$keys'] ELSE '{}' END)
                || CASE WHEN pairs.removed > 0 AND pairs.kept IS NOT NULL THEN jsonb_build_object('$keys', pairs.kept) ELSE '{}' END,
            '{}'),
        plain.removed + pairs.removed
    FROM (
        SELECT
            coalesce(array_agg(e.key), '{}') AS keys,
            coalesce(sum(CASE WHEN jsonb_typeof(e.value -> '$list') = 'array' THEN jsonb_array_length(e.value -> '$list') ELSE 1 END), 0) AS removed
        FROM jsonb_each(CASE WHEN jsonb_typeof(attributes) = 'object' THEN attributes END) AS e
        WHERE e.key NOT IN ('$keys', '$fields') AND otel.attribute_key_matches(e.key, wanted)
    ) AS plain
    CROSS JOIN (
        SELECT
            jsonb_agg(e.pair ORDER BY e.position) FILTER (WHERE otel.attribute_key_matches(otel.catch_all_string(e.pair -> 0), wanted) IS NOT TRUE) AS kept,
            count(*) FILTER (WHERE otel.attribute_key_matches(otel.catch_all_string(e.pair -> 0), wanted)) AS removed
        FROM jsonb_array_elements(CASE WHEN jsonb_typeof(attributes -> '$keys') = 'array' THEN attributes -> '$keys' END)
            WITH ORDINALITY AS e (pair, position)
    ) AS pairs;
END;
COMMENT ON FUNCTION otel.catch_all_without(jsonb, text) IS
    'A catch-all without the attributes of a key, or of keys that begin with what is before a * at the end; NULL where none is left. removed: how many values these were; a key that occurs three times has three. A key with U+0000 is named with U+2400 in its place, as the views show it.';
