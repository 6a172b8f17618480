-- The attributes of resources and scopes: five typed tables and a catch-all each. They are small, so they have the
-- foreign keys and the index that would be too dear on facts.

DO $$
DECLARE
    context text;
    typed record;
BEGIN
    FOREACH context IN ARRAY ARRAY['resource', 'scope']
    LOOP
        FOR typed IN
            SELECT * FROM (VALUES
                ('string', 'text COLLATE "C"'), ('int', 'bigint'), ('double', 'double precision'), ('bool', 'boolean'), ('bytes', 'bytea')
            ) AS t (name, sql_type)
        LOOP
            EXECUTE format(
                'CREATE TABLE otel.%1$s_attrs_%2$s (
                    %1$s_id bigint NOT NULL REFERENCES otel.%1$ss_dim ON DELETE CASCADE,
                    key_id integer NOT NULL REFERENCES otel.attribute_keys,
                    value %3$s NOT NULL,
                    PRIMARY KEY (%1$s_id, key_id)
                )', context, typed.name, typed.sql_type);
            EXECUTE format('COMMENT ON TABLE otel.%1$s_attrs_%2$s IS ''Promoted attributes of type %2$s of %1$ss.''', context, typed.name);
            EXECUTE format('COMMENT ON COLUMN otel.%1$s_attrs_%2$s.%1$s_id IS ''The %1$s.''', context, typed.name);
            EXECUTE format('COMMENT ON COLUMN otel.%1$s_attrs_%2$s.key_id IS ''The key, in attribute_keys.''', context, typed.name);
            EXECUTE format('COMMENT ON COLUMN otel.%1$s_attrs_%2$s.value IS ''The value.''', context, typed.name);
            -- Nobody looks a resource up by opaque bytes.
            IF typed.name <> 'bytes' THEN
                EXECUTE format('CREATE INDEX ON otel.%s_attrs_%s (key_id, value)', context, typed.name);
            END IF;
        END LOOP;

        EXECUTE format(
            'CREATE TABLE otel.%1$s_attrs_other (
                %1$s_id bigint PRIMARY KEY REFERENCES otel.%1$ss_dim ON DELETE CASCADE,
                attributes jsonb NOT NULL
            )', context);
        EXECUTE format('CREATE INDEX ON otel.%s_attrs_other USING gin (attributes jsonb_path_ops)', context);
        EXECUTE format('COMMENT ON TABLE otel.%1$s_attrs_other IS ''Attributes of %1$ss that no typed table holds; no row where there are none.''', context);
        EXECUTE format('COMMENT ON COLUMN otel.%1$s_attrs_other.%1$s_id IS ''The %1$s.''', context);
        EXECUTE format('COMMENT ON COLUMN otel.%1$s_attrs_other.attributes IS ''Keys and values; reserved keys beginning with $ say what JSON cannot.''', context);
    END LOOP;
END
$$;
