-- One batch of promote_attribute, demote_attribute and drop_attribute: the rows of a context from one id to another. A batch takes
-- each value from one place and puts it into the other in one statement, so every snapshot has it once.
--
-- Facts: rows are only ever added by others, so nothing is locked beforehand.
--
-- Dimensions: upsert_dimension replaces attributes at any time. It locks the dimension's row before it looks at them, and
-- rows of one kind in the order of their ids; so does a batch, and then reads with a new snapshot what is there.
--
-- A batch must not cost more the more rows there are, whatever the statistics say of a key that just came or of a partition that
-- was never analyzed. So bounds stand at every table, as literals, which exclude partitions when the statement is planned;
-- joins are of what is within the bounds, never a look-up for each row; and "key_id + 0" leaves the index on (key_id, value) alone.

CREATE OR REPLACE FUNCTION otel.attribute_context(
    name text, OUT number integer, OUT tables text, OUT owners text, OUT owner_id text, OUT attributes_owner text, OUT is_fact boolean
)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    SELECT c.number, c.tables, c.owners, c.owner_id, CASE WHEN c.owner_id = 'id' THEN 'parent_id' ELSE c.owner_id END, c.owner_id = 'id'
    INTO number, tables, owners, owner_id, attributes_owner, is_fact
    FROM (VALUES
        (1, 'resource', 'resource', 'resources_dim', 'resource_id'), (2, 'scope', 'scope', 'scopes_dim', 'scope_id'),
        (3, 'metric', 'metric', 'metric_series_dim', 'series_id'), (4, 'span', 'span', 'spans_fact', 'id'),
        (5, 'event', 'span_event', 'span_events', 'id'), (6, 'link', 'span_link', 'span_links', 'id'),
        (7, 'log', 'log', 'logs_fact', 'id'), (8, 'exemplar', 'exemplar', 'exemplars', 'id')
    ) AS c (number, name, tables, owners, owner_id)
    WHERE c.name = attribute_context.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown context: %', coalesce(name, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It is resource, scope, span, event, link, log, metric or exemplar.';
    END IF;
END
$$;
COMMENT ON FUNCTION otel.attribute_context(text) IS
    'The tables of a context of the policy files: tables is what the names of its attribute tables begin with, owners the table of what they describe, owner_id its key, attributes_owner that key in the attribute tables. number is another for each context.';

CREATE OR REPLACE FUNCTION otel.lock_dimensions(context text, from_id bigint, to_id bigint, condition text) RETURNS bigint[]
    LANGUAGE plpgsql
AS $$
DECLARE
    c record;
    ids bigint[];
BEGIN
    SELECT * INTO c FROM otel.attribute_context(context);
    EXECUTE format(
        'SELECT array_agg(locked.id) FROM (
            SELECT d.%1$I AS id FROM otel.%2$I AS d WHERE d.%1$I BETWEEN %3$L AND %4$L AND (%5$s) ORDER BY d.%1$I FOR NO KEY UPDATE
        ) AS locked', c.owner_id, c.owners, from_id, to_id, condition)
    INTO ids;
    RETURN coalesce(ids, '{}');
END
$$;
COMMENT ON FUNCTION otel.lock_dimensions(text, bigint, bigint, text) IS
    'Part of a batch: locks, as upsert_dimension does, the rows of a dimension from one id to another that fulfil an SQL condition on the row d, in the order of their ids, which it returns.';

CREATE OR REPLACE FUNCTION otel.promote_batch(context text, key text, value_type text, from_id bigint, to_id bigint) RETURNS bigint
    LANGUAGE plpgsql SET enable_nestloop = off
AS $$
DECLARE
    c record;
    key_number integer;
    ids bigint[];
    moved bigint;
BEGIN
    SELECT * INTO c FROM otel.attribute_context(context);
    SELECT k.key_id INTO STRICT key_number
    FROM otel.attribute_keys AS k WHERE k.key = promote_batch.key AND k.value_type = promote_batch.value_type;

    IF c.is_fact THEN
        EXECUTE format($sql$
WITH found AS MATERIALIZED (
    SELECT f.id, otel.promotable_%3$s(f.attributes_other -> %5$L) AS value
    FROM otel.%1$I AS f
    WHERE f.id BETWEEN %6$L AND %7$L AND f.attributes_other ? %5$L
), shortened AS (
    UPDATE otel.%1$I AS f SET attributes_other = nullif(f.attributes_other - %5$L::text, '{}')
    FROM found
    WHERE f.id = found.id AND f.id BETWEEN %6$L AND %7$L AND found.value IS NOT NULL
    RETURNING f.id, found.value
)
INSERT INTO otel.%2$I (parent_id, key_id, value) SELECT s.id, %4$s, s.value FROM shortened AS s
$sql$, c.owners, c.tables || '_attrs_' || value_type, value_type, key_number, key, from_id, to_id);
        GET DIAGNOSTICS moved = ROW_COUNT;
        RETURN moved;
    END IF;

    ids := otel.lock_dimensions(context, from_id, to_id, format(
        'EXISTS (SELECT FROM otel.%1$I AS o WHERE o.%2$I = d.%2$I AND o.%2$I BETWEEN %4$L AND %5$L AND o.attributes ? %3$L)',
        c.tables || '_attrs_other', c.owner_id, key, from_id, to_id));
    EXECUTE format($sql$
WITH found AS MATERIALIZED (
    SELECT o.%3$I AS id, otel.promotable_%4$s(o.attributes -> %6$L) AS value, o.attributes - %6$L::text AS remaining
    FROM otel.%1$I AS o
    WHERE o.%3$I = ANY ($1) AND o.attributes ? %6$L
), shortened AS (
    UPDATE otel.%1$I AS o SET attributes = found.remaining
    FROM found
    WHERE o.%3$I = found.id AND o.%3$I BETWEEN %7$L AND %8$L AND found.value IS NOT NULL AND found.remaining <> '{}'
), emptied AS (
    DELETE FROM otel.%1$I AS o
    USING found
    WHERE o.%3$I = found.id AND o.%3$I BETWEEN %7$L AND %8$L AND found.value IS NOT NULL AND found.remaining = '{}'
)
INSERT INTO otel.%2$I (%3$I, key_id, value) SELECT found.id, %5$s, found.value FROM found WHERE found.value IS NOT NULL
$sql$, c.tables || '_attrs_other', c.tables || '_attrs_' || value_type, c.owner_id, value_type, key_number, key,
        from_id, to_id) USING ids;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END
$$;
COMMENT ON FUNCTION otel.promote_batch(text, text, text, bigint, bigint) IS
    'Part of promote_attribute: moves what is promotable of the rows from one id to another, and returns how many values that were.';

CREATE OR REPLACE FUNCTION otel.demote_batch(context text, key text, from_id bigint, to_id bigint) RETURNS bigint
    LANGUAGE plpgsql SET enable_nestloop = off
    -- json_of_double writes the digits that this asks for.
    SET extra_float_digits = 1
AS $$
DECLARE
    c record;
    typed text;
    conditions text;
    deletes text;
    deleted_counts text;
    lengthened text;
    has_key text;
    ids bigint[];
    put bigint;
    taken bigint;
BEGIN
    SELECT * INTO c FROM otel.attribute_context(context);
    SELECT
        string_agg(format(
            'SELECT a.%1$I AS id, %2$s AS value FROM otel.%3$I AS a WHERE a.key_id + 0 = %4$s AND a.%1$I %5$s', c.attributes_owner,
            CASE k.value_type WHEN 'double' THEN 'otel.json_of_double(a.value)' WHEN 'bytes' THEN 'otel.json_of_bytes(a.value)' ELSE 'to_jsonb(a.value)' END,
            c.tables || '_attrs_' || k.value_type, k.key_id,
            CASE WHEN c.is_fact THEN format('BETWEEN %L AND %L', from_id, to_id) ELSE '= ANY ($1)' END),
            ' UNION ALL '),
        string_agg(format(
            'EXISTS (SELECT FROM otel.%1$I AS a WHERE a.%2$I = d.%2$I AND a.key_id + 0 = %3$s AND a.%2$I BETWEEN %4$L AND %5$L)',
            c.tables || '_attrs_' || k.value_type, c.owner_id, k.key_id, from_id, to_id), ' OR '),
        string_agg(format(
            ', deleted_%1$s AS (
                DELETE FROM otel.%2$I AS a USING lengthened AS l
                WHERE a.%3$I = l.id AND a.key_id + 0 = %4$s AND a.%3$I BETWEEN %5$L AND %6$L RETURNING a.key_id)',
            k.value_type, c.tables || '_attrs_' || k.value_type, c.attributes_owner, k.key_id, from_id, to_id), ''),
        string_agg(format('(SELECT count(*) FROM deleted_%s)', k.value_type), ' + ')
    INTO typed, conditions, deletes, deleted_counts
    FROM otel.attribute_keys AS k WHERE k.key = demote_batch.key;
    IF typed IS NULL THEN
        RETURN 0;
    END IF;

    has_key := CASE
        WHEN starts_with(key, '$') THEN 'false'
        ELSE format('%s ? %L', CASE WHEN c.is_fact THEN 'f.attributes_other' ELSE 'o.attributes' END, key)
        END;
    -- What has no owner stays, and so does what the owner's catch-all has too: neither is ever the case, but no value must be lost.
    IF c.is_fact THEN
        lengthened := format(
            'UPDATE otel.%1$I AS f SET attributes_other = otel.catch_all_with(f.attributes_other, %2$L, found.value) FROM found
             WHERE f.id = found.id AND f.id BETWEEN %3$L AND %4$L AND (%5$s) IS NOT TRUE RETURNING f.id',
            c.owners, key, from_id, to_id, has_key);
    ELSE
        ids := otel.lock_dimensions(context, from_id, to_id, conditions);
        lengthened := format(
            'INSERT INTO otel.%1$I AS o (%2$I, attributes) SELECT found.id, otel.catch_all_with(NULL, %3$L, found.value) FROM found
             ON CONFLICT (%2$I) DO UPDATE SET attributes = otel.catch_all_with(o.attributes, %3$L, EXCLUDED.attributes %5$s)
             WHERE NOT (%4$s) RETURNING o.%2$I AS id',
            c.tables || '_attrs_other', c.owner_id, key, has_key,
            CASE WHEN starts_with(key, '$') THEN '#> ''{$keys,0,1}''' ELSE format('-> %L', key) END);
    END IF;
    EXECUTE format(
        'WITH found AS MATERIALIZED (%s), lengthened AS (%s)%s SELECT (SELECT count(*) FROM lengthened), %s', typed, lengthened, deletes, deleted_counts)
    INTO put, taken USING ids;
    -- The writer gives an owner a key once. Whoever didn't, must not lose a value here.
    IF put <> taken THEN
        RAISE EXCEPTION 'a % has the key % more than once in typed tables', context, key USING ERRCODE = 'cardinality_violation';
    END IF;
    RETURN put;
END
$$;
COMMENT ON FUNCTION otel.demote_batch(text, text, bigint, bigint) IS
    'Part of demote_attribute: moves the key''s values of all types of the rows from one id to another, and returns how many that were.';

CREATE OR REPLACE FUNCTION otel.drop_batch(context text, key text, from_id bigint, to_id bigint) RETURNS bigint
    LANGUAGE plpgsql SET enable_nestloop = off
AS $$
DECLARE
    c record;
    has_key text;
    conditions text;
    deletes text;
    deleted_counts text;
    ids bigint[];
    removed bigint;
BEGIN
    SELECT * INTO c FROM otel.attribute_context(context);
    -- Spares most catch-alls being taken apart, which takes ten times as long. $keys, because keys with U+0000 are there.
    has_key := format(
        CASE
            WHEN right(key, 1) = '*' THEN
                'EXISTS (SELECT FROM jsonb_object_keys(CASE WHEN jsonb_typeof(%1$s) = ''object'' THEN %1$s END) AS k (key)
                    WHERE starts_with(k.key, %3$L) OR k.key = ''$keys'')'
            ELSE '%1$s ?| ARRAY[%2$L, ''$keys'']'
        END,
        CASE WHEN c.is_fact THEN 'f.attributes_other' ELSE 'o.attributes' END, key, left(key, -1));
    SELECT
        string_agg(format(
            ' OR EXISTS (SELECT FROM otel.%1$I AS a WHERE a.%2$I = d.%2$I AND a.key_id + 0 = ANY (%3$L) AND a.%2$I BETWEEN %4$L AND %5$L)',
            c.tables || '_attrs_' || k.value_type, c.owner_id, k.key_ids, from_id, to_id), ''),
        string_agg(format(
            ', deleted_%1$s AS (DELETE FROM otel.%2$I AS a WHERE a.%3$I %4$s AND a.key_id + 0 = ANY (%5$L) RETURNING a.key_id)',
            k.value_type, c.tables || '_attrs_' || k.value_type, c.attributes_owner,
            CASE WHEN c.is_fact THEN format('BETWEEN %L AND %L', from_id, to_id) ELSE '= ANY ($1)' END,
            k.key_ids), ''),
        string_agg(format(' + (SELECT count(*) FROM deleted_%s)', k.value_type), '')
    INTO conditions, deletes, deleted_counts
    FROM (
        SELECT a.value_type, array_agg(a.key_id) AS key_ids
        FROM otel.attribute_keys AS a WHERE otel.attribute_key_matches(a.key, drop_batch.key) GROUP BY a.value_type
    ) AS k;

    IF c.is_fact THEN
        EXECUTE format($sql$
WITH found AS MATERIALIZED (
    SELECT f.id, w.remaining, w.removed
    FROM otel.%1$I AS f CROSS JOIN LATERAL otel.catch_all_without(f.attributes_other, %2$L) AS w
    WHERE f.id BETWEEN %3$L AND %4$L AND f.attributes_other IS NOT NULL AND %5$s AND w.removed > 0
), shortened AS (
    UPDATE otel.%1$I AS f SET attributes_other = found.remaining
    FROM found
    WHERE f.id = found.id AND f.id BETWEEN %3$L AND %4$L
    RETURNING found.removed
)%6$s
SELECT coalesce((SELECT sum(s.removed) FROM shortened AS s), 0)%7$s
$sql$, c.owners, key, from_id, to_id, has_key, deletes, deleted_counts) INTO removed;
        RETURN removed;
    END IF;

    ids := otel.lock_dimensions(context, from_id, to_id, format(
        'EXISTS (SELECT FROM otel.%1$I AS o WHERE o.%2$I = d.%2$I AND o.%2$I BETWEEN %5$L AND %6$L AND %3$s)%4$s',
        c.tables || '_attrs_other', c.owner_id, has_key, conditions, from_id, to_id));
    EXECUTE format($sql$
WITH found AS MATERIALIZED (
    SELECT o.%2$I AS id, w.remaining, w.removed
    FROM otel.%1$I AS o CROSS JOIN LATERAL otel.catch_all_without(o.attributes, %3$L) AS w
    WHERE o.%2$I = ANY ($1) AND %4$s AND w.removed > 0
), shortened AS (
    UPDATE otel.%1$I AS o SET attributes = found.remaining
    FROM found
    WHERE o.%2$I = found.id AND o.%2$I BETWEEN %7$L AND %8$L AND found.remaining IS NOT NULL
), emptied AS (
    DELETE FROM otel.%1$I AS o
    USING found
    WHERE o.%2$I = found.id AND o.%2$I BETWEEN %7$L AND %8$L AND found.remaining IS NULL
)%5$s
SELECT coalesce((SELECT sum(found.removed) FROM found), 0)%6$s
$sql$, c.tables || '_attrs_other', c.owner_id, key, has_key, deletes, deleted_counts, from_id, to_id) INTO removed USING ids;
    RETURN removed;
END
$$;
COMMENT ON FUNCTION otel.drop_batch(text, text, bigint, bigint) IS
    'Part of drop_attribute: erases the key''s values, wherever they are, of the rows from one id to another, and returns how many that were.';
