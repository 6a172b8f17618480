-- Facts by event time. Partitions are of arrival, so a time says nothing of them but of those that are sealed, whose event
-- times are known.

CREATE OR REPLACE FUNCTION otel.ids_between(from_time timestamptz, to_time timestamptz) RETURNS TABLE (from_id bigint, to_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    WITH tables AS (
        -- What has an event time. Of children there is nothing to know: their ids are their owners'.
        SELECT c.oid, c.relname AS name
        FROM unnest(ARRAY[
            'otel.spans_fact', 'otel.logs_fact', 'otel.number_data_points', 'otel.histogram_data_points', 'otel.exp_histogram_data_points',
            'otel.summary_data_points']::regclass[]) AS t (oid)
        JOIN pg_class AS c ON c.oid = t.oid
    ), known AS (
        SELECT p.partition_name, p.from_id, p.to_id,
            p.sealed_at IS NOT NULL
                AND coalesce(
                    NOT p.event_times && CASE
                        WHEN ids_between.from_time > ids_between.to_time THEN 'empty'
                        ELSE tstzrange(ids_between.from_time, ids_between.to_time)
                        END, false) AS is_elsewhere
        FROM tables
        JOIN otel.partitions AS p ON p.table_name = tables.name
    )
    SELECT coalesce(lower(r.ids), -9223372036854775808), coalesce(upper(r.ids), 9223372036854775807)
    FROM (
        -- All but what is known not to hold it. What lies below the first partition too where one was attached by hand.
        SELECT unnest(
            int8multirange(int8range(
                CASE
                    WHEN NOT EXISTS (
                        SELECT FROM pg_inherits AS i
                        JOIN tables ON tables.oid = i.inhparent
                        JOIN pg_class AS c ON c.oid = i.inhrelid
                        WHERE c.relname NOT IN (SELECT known.partition_name FROM known)
                    ) THEN min(known.from_id)
                END,
                NULL))
            - coalesce(range_agg(int8range(known.from_id, known.to_id)) FILTER (WHERE known.is_elsewhere), '{}')
            + coalesce(range_agg(int8range(known.from_id, known.to_id)) FILTER (WHERE NOT known.is_elsewhere), '{}')) AS ids
        FROM known
    ) AS r
    ORDER BY 1;
END;
COMMENT ON FUNCTION otel.ids_between(timestamptz, timestamptz) IS
    'The ranges of ids, from_id to below to_id, whose spans, log records and points may have an event time from from_time to before to_time: all but the sealed partitions that have none. A NULL is no bound.';

-- Inlined, so that further conditions and the columns that aren't selected count as in the views. The lowest id is computed once,
-- when the query starts, and prunes partitions then. No highest: what arrives now may have any time, so that is never known;
-- and by a range whose ends it doesn't know the planner would read a partition by its primary key instead of its BRIN.

DO $generate$
DECLARE
    fact record;
BEGIN
    FOR fact IN
        SELECT * FROM (VALUES
            ('spans', 'start_timestamp', 'Spans that started'), ('logs', 'time', 'Log records of a time'),
            ('metric_points', 'timestamp', 'Data points of a time')
        ) AS f (view, time, described)
    LOOP
        EXECUTE format(
            $function$
CREATE OR REPLACE FUNCTION otel.%1$s_between(from_time timestamptz, to_time timestamptz) RETURNS SETOF otel.%1$s
    LANGUAGE sql STABLE PARALLEL SAFE
AS $body$
    SELECT f.*
    FROM otel.%1$s AS f
    WHERE f.%2$I >= from_time AND f.%2$I < to_time
        AND f.id >= (SELECT min(i.from_id) FROM otel.ids_between(from_time, to_time) AS i)
$body$
$function$,
            fact.view, fact.time);
        EXECUTE format(
            'COMMENT ON FUNCTION otel.%s_between(timestamptz, timestamptz) IS %L', fact.view,
            format(
                '%s from from_time to before to_time, as %s has them. Leaves out the oldest sealed partitions that have no such time, and finds it in the others by their BRIN on it.',
                fact.described, fact.view));
    END LOOP;
END
$generate$;
