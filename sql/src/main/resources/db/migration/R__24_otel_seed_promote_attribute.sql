CREATE OR REPLACE PROCEDURE otel_seed.promote_attribute(key text, value_type text)
    LANGUAGE plpgsql
AS $$
DECLARE
    value_count bigint;
BEGIN
    CALL otel.promote_attribute('resource', key, value_type, value_count => value_count);
END
$$;
COMMENT ON PROCEDURE otel_seed.promote_attribute(text, text) IS
    'otel.promote_attribute of resources, under the name and with the arguments that the original documents have. It moves what is stored; what is stored from now on is decided by the job''s policy files. CALL it outside a transaction.';
