-- What the catch-all's JSON says, as SQL types. Pure expressions, so that views over millions of rows inline them and run in
-- parallel, and guarded ones: a value that no column can hold is returned as JSON, never an error.

CREATE OR REPLACE FUNCTION otel.catch_all_string(value jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN jsonb_typeof(value) = 'string' THEN value #>> '{}'
        WHEN value ->> '$string' ~ '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' THEN
            -- Byte by byte, in hex: 00 becomes the three bytes of U+2400.
            convert_from(
                decode(replace(regexp_replace(encode(decode(value ->> '$string', 'base64'), 'hex'), '(..)', '\1 ', 'g'), '00 ', 'e29080'), 'hex'),
                'UTF8')
        END;
COMMENT ON FUNCTION otel.catch_all_string(jsonb) IS
    'The text of a string in a catch-all, with U+2400 for U+0000, which text cannot hold; NULL for another type.';

CREATE OR REPLACE FUNCTION otel.catch_all_double(value jsonb) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN jsonb_typeof(value) = 'number' THEN
            CASE WHEN abs(value::numeric) BETWEEN 2.5e-324 AND 1.7976931348623157e308 OR value::numeric = 0 THEN value::numeric::double precision END
        WHEN value ->> '$double' = '7ff0000000000000' THEN double precision 'Infinity'
        WHEN value ->> '$double' = 'fff0000000000000' THEN double precision '-Infinity'
        WHEN value ->> '$double' = '8000000000000000' THEN double precision '-0'
        WHEN value ->> '$double' ~ '^[7f]ff[0-9a-f]{13}$' THEN double precision 'NaN'
        END;
COMMENT ON FUNCTION otel.catch_all_double(jsonb) IS
    'The number of a double in a catch-all; NULL for another type. The bits of a NaN are in the JSON alone.';

CREATE OR REPLACE FUNCTION otel.catch_all_bytes(value jsonb) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN value ->> '$bytes' ~ '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' THEN decode(value ->> '$bytes', 'base64')
        END;
COMMENT ON FUNCTION otel.catch_all_bytes(jsonb) IS 'The bytes of a bytes value in a catch-all; NULL for another type.';

CREATE OR REPLACE FUNCTION otel.catch_all_type(value jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE jsonb_typeof(value)
        WHEN 'number' THEN CASE WHEN scale(value::numeric) = 0 THEN 'int' ELSE 'double' END
        WHEN 'boolean' THEN 'bool'
        WHEN 'object' THEN CASE
            WHEN value ? '$bytes' THEN 'bytes'
            WHEN value ? '$double' THEN 'double'
            WHEN value ? '$string' THEN 'string'
            WHEN value ? '$empty' THEN 'empty'
            WHEN value ? '$list' THEN 'list'
            ELSE 'kvlist'
            END
        ELSE jsonb_typeof(value)
        END;
COMMENT ON FUNCTION otel.catch_all_type(jsonb) IS
    'Which type a value in a catch-all has: string, int, double, bool, bytes, array, kvlist, empty (an AnyValue with nothing set), null (a key without a value) or list (the values of a key that occurs more than once).';

CREATE OR REPLACE FUNCTION otel.catch_all_entries(attributes jsonb)
    RETURNS TABLE (key text, type text, str_value text, int_value bigint, double_value double precision, bool_value boolean, bytes_value bytea, other_value jsonb)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT
        typed.key, typed.type, typed.str_value, typed.int_value, typed.double_value, typed.bool_value, typed.bytes_value,
        CASE
            WHEN num_nonnulls(typed.str_value, typed.int_value, typed.double_value, typed.bool_value, typed.bytes_value) = 0 THEN typed.value
        END
    FROM (
        SELECT
            entry.key, entry.value, otel.catch_all_type(entry.value) AS type,
            otel.catch_all_string(entry.value) AS str_value,
            CASE
                WHEN otel.catch_all_type(entry.value) = 'int' AND entry.value::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                    THEN entry.value::bigint
            END AS int_value,
            CASE WHEN otel.catch_all_type(entry.value) = 'double' THEN otel.catch_all_double(entry.value) END AS double_value,
            CASE WHEN jsonb_typeof(entry.value) = 'boolean' THEN entry.value::boolean END AS bool_value,
            otel.catch_all_bytes(entry.value) AS bytes_value
        FROM (
            SELECT e.key, e.value
            FROM jsonb_each(CASE WHEN jsonb_typeof(attributes) = 'object' THEN attributes END) AS e
            WHERE e.key NOT IN ('$keys', '$fields')
            UNION ALL
            SELECT otel.catch_all_string(pair -> 0), pair -> 1
            FROM jsonb_array_elements(CASE WHEN jsonb_typeof(attributes -> '$keys') = 'array' THEN attributes -> '$keys' END) AS pair
        ) AS entry
    ) AS typed;
END;
COMMENT ON FUNCTION otel.catch_all_entries(jsonb) IS
    'The attributes in a catch-all, one row each. A value is in the column of its type; arrays, kvlists and what no column can hold (an int beyond 64 bits) are in other_value. The reserved $keys are expanded, $fields are no attributes.';

CREATE OR REPLACE FUNCTION otel.json_of_double(value double precision) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN value = 'NaN' OR abs(value) = 'Infinity' OR (value = 0 AND float8send(value) <> '\x0000000000000000')
            THEN jsonb_build_object('$double', encode(float8send(value), 'hex'))
        -- The shortest text that is this number, in plain notation; the sum gives a whole number its fraction.
        ELSE to_jsonb(value::text::numeric + 0.0)
        END;
COMMENT ON FUNCTION otel.json_of_double(double precision) IS
    'A double as a catch-all has it: a number with a fraction, or {"$double": its bits} for NaN, Infinity and negative zero. As exact as extra_float_digits lets numbers be, which by default is exactly.';

CREATE OR REPLACE FUNCTION otel.json_of_bytes(value bytea) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- encode() breaks lines, as in mail.
    RETURN CASE WHEN value IS NOT NULL THEN jsonb_build_object('$bytes', translate(encode(value, 'base64'), E'\n', '')) END;
COMMENT ON FUNCTION otel.json_of_bytes(bytea) IS 'Bytes as a catch-all has them: {"$bytes": base64}.';
