-- Promoted attributes of log records and exemplars, as those of spans: an index on the owner, and with each partition one on
-- (key_id, value).

DO $$
DECLARE
    context record;
    typed record;
BEGIN
    FOR context IN
        SELECT * FROM (VALUES ('log', 'log records', 'logs_fact'), ('exemplar', 'exemplars', 'exemplars')) AS t (name, described, owner)
    LOOP
        FOR typed IN
            SELECT * FROM (VALUES
                ('string', 'text COLLATE "C"'), ('int', 'bigint'), ('double', 'double precision'), ('bool', 'boolean'), ('bytes', 'bytea')
            ) AS t (name, sql_type)
        LOOP
            EXECUTE format(
                'CREATE TABLE otel.%1$s_attrs_%2$s (
                    parent_id bigint NOT NULL,
                    key_id integer NOT NULL,
                    value %3$s NOT NULL
                ) PARTITION BY RANGE (parent_id)', context.name, typed.name, typed.sql_type);
            EXECUTE format('CREATE INDEX ON otel.%s_attrs_%s (parent_id)', context.name, typed.name);
            EXECUTE format(
                'COMMENT ON TABLE otel.%s_attrs_%s IS ''Promoted attributes of type %s of %s.''',
                context.name, typed.name, typed.name, context.described);
            EXECUTE format(
                'COMMENT ON COLUMN otel.%s_attrs_%s.parent_id IS ''The row that it describes, in %s.''', context.name, typed.name, context.owner);
            EXECUTE format('COMMENT ON COLUMN otel.%s_attrs_%s.key_id IS ''The key, in attribute_keys.''', context.name, typed.name);
            EXECUTE format('COMMENT ON COLUMN otel.%s_attrs_%s.value IS ''The value.''', context.name, typed.name);
        END LOOP;
    END LOOP;
END
$$;
