DO $generate$
DECLARE
    context record;
BEGIN
    -- Facts have their catch-all as a column of the row itself: one row less for each span.
    FOR context IN
        SELECT * FROM (VALUES
            ('span', 'spans_fact', 'spans'), ('span_event', 'span_events', 'events of spans'), ('span_link', 'span_links', 'links of spans'),
            ('log', 'logs_fact', 'log records'), ('exemplar', 'exemplars', 'exemplars')
        ) AS c (name, fact, described)
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE VIEW otel.%s_attrs_other AS
             SELECT id AS parent_id, attributes_other AS attributes FROM otel.%I WHERE attributes_other IS NOT NULL', context.name, context.fact);
        EXECUTE format(
            'COMMENT ON VIEW otel.%s_attrs_other IS ''Attributes of %s that no typed table holds; no row where there are none.''',
            context.name, context.described);
        EXECUTE format('COMMENT ON COLUMN otel.%s_attrs_other.parent_id IS ''The row that it describes, in %s.''', context.name, context.fact);
        EXECUTE format(
            'COMMENT ON COLUMN otel.%s_attrs_other.attributes IS ''Keys and values; reserved keys beginning with $ say what JSON cannot.''',
            context.name);
    END LOOP;

    FOR context IN
        SELECT * FROM (VALUES
            ('resource', 'resource_id', 'resources'), ('scope', 'scope_id', 'scopes'), ('metric', 'series_id', 'series'),
            ('span', 'parent_id', 'spans'), ('span_event', 'parent_id', 'events of spans'), ('span_link', 'parent_id', 'links of spans'),
            ('log', 'parent_id', 'log records'), ('exemplar', 'parent_id', 'exemplars')
        ) AS c (name, owner, described)
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE VIEW otel.%1$s_attrs_unified AS
             SELECT a.%2$s, k.key, ''string'' AS type, a.value AS str_value, NULL::bigint AS int_value, NULL::double precision AS double_value,
                 NULL::boolean AS bool_value, NULL::bytea AS bytes_value, NULL::jsonb AS other_value
             FROM otel.%1$s_attrs_string AS a LEFT JOIN otel.attribute_keys AS k USING (key_id)
             UNION ALL
             SELECT a.%2$s, k.key, ''int'', NULL, a.value, NULL, NULL, NULL, NULL
             FROM otel.%1$s_attrs_int AS a LEFT JOIN otel.attribute_keys AS k USING (key_id)
             UNION ALL
             SELECT a.%2$s, k.key, ''double'', NULL, NULL, a.value, NULL, NULL, NULL
             FROM otel.%1$s_attrs_double AS a LEFT JOIN otel.attribute_keys AS k USING (key_id)
             UNION ALL
             SELECT a.%2$s, k.key, ''bool'', NULL, NULL, NULL, a.value, NULL, NULL
             FROM otel.%1$s_attrs_bool AS a LEFT JOIN otel.attribute_keys AS k USING (key_id)
             UNION ALL
             SELECT a.%2$s, k.key, ''bytes'', NULL, NULL, NULL, NULL, a.value, NULL
             FROM otel.%1$s_attrs_bytes AS a LEFT JOIN otel.attribute_keys AS k USING (key_id)
             UNION ALL
             SELECT o.%2$s, e.key, e.type, e.str_value, e.int_value, e.double_value, e.bool_value, e.bytes_value, e.other_value
             FROM otel.%1$s_attrs_other AS o CROSS JOIN LATERAL otel.catch_all_entries(o.attributes) AS e', context.name, context.owner);
        EXECUTE format('COMMENT ON VIEW otel.%s_attrs_unified IS ''All attributes of %s, typed ones and the catch-all''''s.''', context.name, context.described);
        EXECUTE format(
            'COMMENT ON COLUMN otel.%1$s_attrs_unified.%2$s IS ''What it describes.'';
             COMMENT ON COLUMN otel.%1$s_attrs_unified.key IS ''The key.'';
             COMMENT ON COLUMN otel.%1$s_attrs_unified.type IS ''string, int, double, bool, bytes, array, kvlist, empty, null or list (a key that occurs more than once).'';
             COMMENT ON COLUMN otel.%1$s_attrs_unified.str_value IS ''The value, where it is a string.'';
             COMMENT ON COLUMN otel.%1$s_attrs_unified.int_value IS ''The value, where it is an int.'';
             COMMENT ON COLUMN otel.%1$s_attrs_unified.double_value IS ''The value, where it is a double.'';
             COMMENT ON COLUMN otel.%1$s_attrs_unified.bool_value IS ''The value, where it is a bool.'';
             COMMENT ON COLUMN otel.%1$s_attrs_unified.bytes_value IS ''The value, where it is bytes.'';
             COMMENT ON COLUMN otel.%1$s_attrs_unified.other_value IS ''The value as JSON, where no other column holds it.''', context.name, context.owner);
    END LOOP;
END
$generate$;

CREATE OR REPLACE FUNCTION otel.attributes_expression(context text, owner text, id text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- Keys are unique over the five tables: one that occurs twice is in the catch-all.
    RETURN format($text$coalesce(
        (
            SELECT jsonb_object_agg(coalesce(k.key, '$key_id:' || a.key_id), a.value)
            FROM (
                SELECT t.key_id, to_jsonb(t.value) AS value FROM otel.%1$s_attrs_string AS t WHERE t.%2$s = %3$s
                UNION ALL
                SELECT t.key_id, to_jsonb(t.value) FROM otel.%1$s_attrs_int AS t WHERE t.%2$s = %3$s
                UNION ALL
                SELECT t.key_id, otel.json_of_double(t.value) FROM otel.%1$s_attrs_double AS t WHERE t.%2$s = %3$s
                UNION ALL
                SELECT t.key_id, to_jsonb(t.value) FROM otel.%1$s_attrs_bool AS t WHERE t.%2$s = %3$s
                UNION ALL
                SELECT t.key_id, otel.json_of_bytes(t.value) FROM otel.%1$s_attrs_bytes AS t WHERE t.%2$s = %3$s
            ) AS a
            LEFT JOIN otel.attribute_keys AS k ON k.key_id = a.key_id
        ),
        '{}')$text$, context, owner, id)
    -- A dimension's catch-all is a table, a fact's a column of its row.
    || CASE WHEN owner <> 'parent_id'
        THEN format($text$ || coalesce((SELECT o.attributes - '$fields' FROM otel.%1$s_attrs_other AS o WHERE o.%2$s = %3$s), '{}')$text$, context, owner, id)
        ELSE format($text$ || coalesce(%s.attributes_other - '$fields', '{}')$text$, split_part(id, '.', 1))
        END;
COMMENT ON FUNCTION otel.attributes_expression(text, text, text) IS
    'Part of the views: the SQL of all attributes of one owner as one JSONB. owner: its column in the context''s tables; id: the expression that it equals, a column of an alias.';
