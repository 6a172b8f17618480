-- The attributes of data points, stored once for their series: five typed tables and a catch-all, as resources have.

DO $$
DECLARE
    typed record;
BEGIN
    FOR typed IN
        SELECT * FROM (VALUES
            ('string', 'text COLLATE "C"'), ('int', 'bigint'), ('double', 'double precision'), ('bool', 'boolean'), ('bytes', 'bytea')
        ) AS t (name, sql_type)
    LOOP
        EXECUTE format(
            'CREATE TABLE otel.metric_attrs_%1$s (
                series_id bigint NOT NULL REFERENCES otel.metric_series_dim ON DELETE CASCADE,
                key_id integer NOT NULL REFERENCES otel.attribute_keys,
                value %2$s NOT NULL,
                PRIMARY KEY (series_id, key_id)
            )', typed.name, typed.sql_type);
        EXECUTE format('COMMENT ON TABLE otel.metric_attrs_%1$s IS ''Promoted attributes of type %1$s of series.''', typed.name);
        EXECUTE format('COMMENT ON COLUMN otel.metric_attrs_%s.series_id IS ''The series.''', typed.name);
        EXECUTE format('COMMENT ON COLUMN otel.metric_attrs_%s.key_id IS ''The key, in attribute_keys.''', typed.name);
        EXECUTE format('COMMENT ON COLUMN otel.metric_attrs_%s.value IS ''The value.''', typed.name);
        -- Nobody looks a series up by opaque bytes.
        IF typed.name <> 'bytes' THEN
            EXECUTE format('CREATE INDEX ON otel.metric_attrs_%s (key_id, value)', typed.name);
        END IF;
    END LOOP;
END
$$;

CREATE TABLE otel.metric_attrs_other (
    series_id bigint PRIMARY KEY REFERENCES otel.metric_series_dim ON DELETE CASCADE,
    attributes jsonb NOT NULL
);
CREATE INDEX ON otel.metric_attrs_other USING gin (attributes jsonb_path_ops);
COMMENT ON TABLE otel.metric_attrs_other IS 'Attributes of series that no typed table holds; no row where there are none.';
COMMENT ON COLUMN otel.metric_attrs_other.series_id IS 'The series.';
COMMENT ON COLUMN otel.metric_attrs_other.attributes IS 'Keys and values; reserved keys beginning with $ say what JSON cannot.';
