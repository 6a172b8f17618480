-- What is stored already. What is stored from now on is decided by the job's policy files alone: change those first, and
-- call these when the new policy is in force, or rows of the old one go on arriving behind them.
--
-- 5,000 rows a batch: 0.2 to 0.5 seconds of work where all have the key. So long may upsert_dimension wait for it, and so much does an
-- interruption take back, and planning and COMMIT count little.

CREATE OR REPLACE PROCEDURE otel.promote_attribute(
    context text, key text, value_type text, batch_size integer DEFAULT 5000, pause_ms integer DEFAULT 100, INOUT value_count bigint DEFAULT NULL
)
    LANGUAGE plpgsql
AS $$
BEGIN
    CALL otel.change_attribute('promote', context, key, value_type, batch_size, pause_ms, value_count);
END
$$;
COMMENT ON PROCEDURE otel.promote_attribute(text, text, text, integer, integer, bigint) IS
    'Moves the values of a key that are stored already from the catch-all to the typed table, by the rules by which the job promotes: values of exactly this type, of at most 1,024 bytes, without U+0000, whose key occurs once. The others stay, and so do NaNs with unusual bits, which SQL cannot make. What is stored from now on is decided by the job''s policy files: change those first; it waits for transactions that are under way; rows of the old policy that come after that are found by calling it again. context: resource, scope, span, event, link, log, metric (a series'' attributes) or exemplar. value_type: string, int, double, bool or bytes. Reads batch_size rows of the context at a time in the order of their ids, commits, and rests pause_ms milliseconds where it moved something, so CALL it outside a transaction; readers see each attribute once at any time, and the job goes on writing. attribute_changes has its progress; interrupted, it goes on where it was when it is called again. Returns how many values it moved, earlier interrupted calls included. Errors: 22023 for an unknown context or type, 55006 while another call works on the context, 2D000 in a transaction.';

CREATE OR REPLACE PROCEDURE otel.demote_attribute(
    context text, key text, batch_size integer DEFAULT 5000, pause_ms integer DEFAULT 100, INOUT value_count bigint DEFAULT NULL
)
    LANGUAGE plpgsql
AS $$
BEGIN
    CALL otel.change_attribute('demote', context, key, NULL, batch_size, pause_ms, value_count);
END
$$;
COMMENT ON PROCEDURE otel.demote_attribute(text, text, integer, integer, bigint) IS
    'The reverse of promote_attribute: moves the values of a key that are stored already from the typed tables, of all types, to the catch-all, in its notation. What is stored from now on is decided by the job''s policy files. Batches, progress, interruptions and errors are those of promote_attribute. Returns how many values it moved.';

CREATE OR REPLACE PROCEDURE otel.drop_attribute(
    context text, key text, batch_size integer DEFAULT 5000, pause_ms integer DEFAULT 100, INOUT value_count bigint DEFAULT NULL
)
    LANGUAGE plpgsql
AS $$
BEGIN
    CALL otel.change_attribute('drop', context, key, NULL, batch_size, pause_ms, value_count);
END
$$;
COMMENT ON PROCEDURE otel.drop_attribute(text, text, integer, integer, bigint) IS
    'Erases the values of a key that are stored already, in the typed tables of all types and in the catch-all, for good; each value counts, three where the key occurs three times. A key that ends with * is the beginning of keys, as in dropped-keys.yaml; nothing else in it is special. What is stored from now on is decided by the job''s policy files: change those first, or a resource, scope or series that is still seen is written with the attribute again. Identities don''t change: a resource, scope or series keeps its id and hash, which were made with the attribute. Not touched: columns that were copied from attributes of resources (service_name, environment and their like in resources_dim and service_dim), and what is in quarantined_records, refused_dimensions, dimension_collisions, in Kafka, in the server''s dead rows until VACUUM, in its WAL and in backups. Batches, progress, interruptions and errors are those of promote_attribute. Returns how many values it erased.';
