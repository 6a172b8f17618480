DO $generate$
DECLARE
    context record;
BEGIN
    -- Facts have their catch-all as a column of the row itself: one row less for each span.
    FOR context IN
        SELECT * FROM (VALUES
            ('span', 'spans_fact', 'spans'), ('span_event', 'span_events', 'events of spans'), ('span_link', 'span_links', 'links of spans')
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
            ('resource', 'resource_id', 'resources'), ('scope', 'scope_id', 'scopes'), ('span', 'parent_id', 'spans'),
            ('span_event', 'parent_id', 'events of spans'), ('span_link', 'parent_id', 'links of spans')
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
