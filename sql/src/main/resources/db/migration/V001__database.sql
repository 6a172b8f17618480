-- What everything after this file relies on: the server, the encoding, the schema, the database's own setting.

DO $$
BEGIN
    IF current_setting('server_version_num')::integer < 150000 THEN
        RAISE EXCEPTION 'Ollyscale needs PostgreSQL 15 or later, this server is %', current_setting('server_version')
            USING ERRCODE = 'feature_not_supported';
    END IF;
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'Ollyscale needs a database with encoding UTF8, this one has %', current_setting('server_encoding')
            USING ERRCODE = 'feature_not_supported';
    END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS otel;
COMMENT ON SCHEMA otel IS 'OpenTelemetry data as relational tables. Written by Ollyscale.';

-- Only the database's owner may set this. Whoever runs the migration with fewer rights gets a working schema and is
-- told what is missing: nothing stored depends on it.
DO $$
BEGIN
    -- A join of a fact table with its attributes then prunes both sides by one bound on the id.
    EXECUTE format('ALTER DATABASE %I SET enable_partitionwise_join = on', current_database());
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'Not the owner of database %. Let its owner run: ALTER DATABASE % SET enable_partitionwise_join = on;',
            current_database(), current_database();
END
$$;
