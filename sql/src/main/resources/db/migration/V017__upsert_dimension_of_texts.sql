-- R__03_dimensions.sql creates it anew with columns and other as text: what they hold is judged inside the procedure, so
-- that a dimension that isn't JSONB is kept instead of failing the call.

DO $$
DECLARE
    former regprocedure;
BEGIN
    FOR former IN
        SELECT oid FROM pg_proc WHERE pronamespace = 'otel'::regnamespace AND proname = 'upsert_dimension'
    LOOP
        EXECUTE format('DROP PROCEDURE %s', former);
    END LOOP;
END
$$;
