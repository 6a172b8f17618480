CREATE OR REPLACE FUNCTION otel.attribute_usage(context text, sample integer DEFAULT 10000)
    RETURNS TABLE (key text, type text, tier text, occurrences bigint, share double precision, bytes bigint, distinct_values bigint)
    LANGUAGE plpgsql STABLE
    -- A sample is a few thousand rows, which statistics of the whole tables know nothing of.
    SET enable_nestloop = off
AS $$
DECLARE
    c record;
    first_id bigint;
    last_id bigint;
    owners bigint;
    typed text;
BEGIN
    SELECT * INTO c FROM otel.attribute_context(context);
    EXECUTE format('SELECT min(id), max(id), count(*) FROM (SELECT %1$I AS id FROM otel.%2$I ORDER BY %1$I DESC LIMIT %3$s) AS newest',
        c.owner_id, c.owners, greatest(sample, 0))
    INTO first_id, last_id, owners;
    SELECT string_agg(format(
        'SELECT k.key, %2$L::text, ''promoted'', count(*), sum(%3$s), count(DISTINCT a.value)
         FROM otel.%1$I AS a LEFT JOIN otel.attribute_keys AS k USING (key_id)
         WHERE a.%4$I BETWEEN %5$L AND %6$L GROUP BY k.key',
        c.tables || '_attrs_' || t.name, t.name, CASE WHEN t.name IN ('string', 'bytes') THEN 'octet_length(a.value)' ELSE 'pg_column_size(a.value)' END,
        c.attributes_owner, first_id, last_id), ' UNION ALL ')
    INTO typed
    FROM unnest(ARRAY['string', 'int', 'double', 'bool', 'bytes']) AS t (name);
    -- Of the reserved keys, $keys are attributes whose keys JSON can't say; they can't be promoted.
    RETURN QUERY EXECUTE format($sql$
SELECT u.key, u.type, u.tier, u.occurrences, u.occurrences / nullif(%1$s, 0)::double precision, u.bytes::bigint, u.distinct_values
FROM (
    %2$s
    UNION ALL
    SELECT e.key, otel.catch_all_type(e.value), 'catch-all', count(*), sum(octet_length(e.value::text)), count(DISTINCT md5(e.value::text))
    FROM otel.%3$I AS o
    CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(o.attributes) = 'object' THEN o.attributes END) AS e
    WHERE o.%4$I BETWEEN %5$L AND %6$L AND NOT starts_with(e.key, '$')
    GROUP BY e.key, 2
) AS u (key, type, tier, occurrences, bytes, distinct_values)
ORDER BY u.occurrences DESC, u.key, u.type
$sql$, owners, typed, c.tables || '_attrs_other', c.attributes_owner, first_id, last_id);
END
$$;
COMMENT ON FUNCTION otel.attribute_usage(text, integer) IS
    'Which attributes the newest rows of a context have (resource, scope, span, event, link, log, metric, exemplar; sample: how many rows are read): key and type, tier (promoted: in a typed table; catch-all), occurrences, share of the rows that have it, bytes of the values (of the catch-all as JSON; without rows and indexes), distinct values. For dimensions, whose ids are hashes, the rows are any.';
