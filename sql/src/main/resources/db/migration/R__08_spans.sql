-- Spans as a reader wants to see them. What isn't selected costs nothing: dimensions are joined to the left by their keys, so
-- that the planner leaves out the joins that a query doesn't need, and attributes are subqueries of their columns.
-- The facts' own columns are passed on bare, so that conditions on them reach indexes and partitions.

CREATE OR REPLACE FUNCTION otel.catch_all_int(value jsonb) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN jsonb_typeof(value) = 'number' AND scale(value::numeric) = 0 AND value::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
            THEN value::bigint
        END;
COMMENT ON FUNCTION otel.catch_all_int(jsonb) IS 'The number of an int in a catch-all; NULL for another type and beyond 64 bits.';

CREATE OR REPLACE FUNCTION otel.attribute_expression(context text, owner text, id text, value_type text, keys text[]) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    -- Key by key and in both tiers, so that the answer doesn't change when the policy moves a key from one to the other. Keys are
    -- seeded and their ids never change, so the number stands in the view: key_id() would ask whoever reads for the right to
    -- attribute_keys, and cost planning.
    RETURN (
        SELECT 'coalesce(' || string_agg(
            format(
                '(SELECT t.value FROM otel.%1$s_attrs_%2$s AS t WHERE t.%3$s = %4$s AND t.key_id = %7$s), '
                || CASE WHEN owner <> 'parent_id'
                    THEN '(SELECT otel.catch_all_%2$s(o.attributes -> %5$L) FROM otel.%1$s_attrs_other AS o WHERE o.%3$s = %4$s)'
                    ELSE 'otel.catch_all_%2$s(%6$s.attributes_other -> %5$L)'
                    END,
                context, value_type, owner, id, k.key, split_part(id, '.', 1),
                coalesce(
                    (
                        SELECT r.key_id FROM otel.attribute_keys AS r
                        WHERE r.key = k.key AND r.value_type = attribute_expression.value_type
                    )::text,
                    'NULL')),
            ', ' ORDER BY k."position") || ')'
        FROM unnest(keys) WITH ORDINALITY AS k (key, "position"));
COMMENT ON FUNCTION otel.attribute_expression(text, text, text, text, text[]) IS
    'Part of the views: the SQL of the first of these keys that an owner has with this type (string or int), whichever tier holds it; NULL where it has none. owner and id as in attributes_expression.';

CREATE OR REPLACE FUNCTION otel.convention_columns(context text, owner text, id text)
    RETURNS TABLE (name text, expression text, description text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        c.name,
        CASE c.name
            WHEN 'url' THEN format(
                $text$coalesce(%s, %s || coalesce('?' || nullif(%s, ''), ''), %s)$text$,
                otel.attribute_expression(context, owner, id, 'string', '{url.full,http.url}'),
                otel.attribute_expression(context, owner, id, 'string', '{url.path}'),
                otel.attribute_expression(context, owner, id, 'string', '{url.query}'),
                otel.attribute_expression(context, owner, id, 'string', '{http.target}'))
            ELSE otel.attribute_expression(context, owner, id, c.value_type, c.keys)
            END,
        c.description
    FROM (
        VALUES
            (1, 'http_method', 'string', '{http.request.method,http.method}'::text[], 'http.request.method, else the older http.method'),
            (2, 'http_status_code', 'int', '{http.response.status_code,http.status_code}', 'http.response.status_code, else the older http.status_code'),
            (3, 'url', 'string', NULL, 'url.full, else the older http.url, else url.path with url.query, else the older http.target'),
            (4, 'db_system', 'string', '{db.system.name,db.system}', 'db.system.name, else the older db.system'),
            (5, 'db_name', 'string', '{db.namespace,db.name}', 'db.namespace, else the older db.name'),
            (6, 'db_statement', 'string', '{db.query.text,db.statement}', 'db.query.text, else the older db.statement'),
            (7, 'peer_service', 'string', '{service.peer.name,peer.service}', 'service.peer.name, else the older peer.service')
    ) AS c ("position", name, value_type, keys, description)
    ORDER BY c."position";
END;
COMMENT ON FUNCTION otel.convention_columns(text, text, text) IS
    'Part of the views: the columns that stand for a semantic convention and the one that it replaced. context, owner and id as in attributes_expression.';

CREATE OR REPLACE FUNCTION otel.end_of_span(start_timestamp timestamptz, start_nanos_fraction smallint, duration_ns bigint) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE
        -- Nearly every span. A double, by which an interval is multiplied, has every microsecond of such a duration.
        WHEN start_timestamp < timestamptz '2200-01-01 00:00:00+00' AND duration_ns BETWEEN 0 AND 1000000000000000000
            THEN start_timestamp + (duration_ns + start_nanos_fraction) / 1000 * interval '1 microsecond'
        -- What wraps around at 2^64 nanoseconds, in 1970 or 2554, and what takes five times as long.
        ELSE timestamptz '1970-01-01 00:00:00+00' + (div(
            nullif(
                mod(
                    coalesce(extract(epoch FROM start_timestamp) * 1000000000 + start_nanos_fraction, 0) + duration_ns + 18446744073709551616,
                    18446744073709551616),
                0),
            1000) || ' microseconds')::interval
        END;
COMMENT ON FUNCTION otel.end_of_span(timestamptz, smallint, bigint) IS
    'When a span ended, to the microsecond below; NULL where the end is unset. An unset start counts as 0, as in duration_ns.';

CREATE OR REPLACE FUNCTION otel.trace_tree(trace_id bytea, from_id bigint, to_id bigint)
    RETURNS TABLE (id bigint, "position" integer, depth integer, parent_missing boolean)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50
-- Arrays, not a recursive query: a trace may be one chain of 100,000 spans, which would be a level of recursion each.
AS $$
DECLARE
    -- Spans are numbered from 1 in the order of their start; 0 is none.
    ids bigint[];
    parents integer[];
    are_orphans boolean[];
    span_count integer;
    first_children integer[];
    next_siblings integer[];
    are_placed boolean[];
    are_above boolean[];
    looked_at integer := 0;
    root integer;
    span integer;
    next_span integer;
BEGIN
    WITH numbered AS (
        SELECT s.id, s.span_id, s.parent_span_id, row_number() OVER (ORDER BY s.start_timestamp, s.start_nanos_fraction, s.id)::integer AS n
        FROM otel.spans_fact AS s
        WHERE s.trace_id = trace_tree.trace_id AND s.id >= from_id AND s.id < to_id
    ), named AS (
        -- Where several spans have one span_id, the first has the children.
        SELECT s.span_id, min(s.n) AS n FROM numbered AS s GROUP BY s.span_id
    )
    SELECT
        array_agg(s.id ORDER BY s.n), array_agg(coalesce(p.n, 0) ORDER BY s.n),
        array_agg(s.parent_span_id IS NOT NULL AND p.n IS NULL ORDER BY s.n), count(*)
    INTO ids, parents, are_orphans, span_count
    FROM numbered AS s
    LEFT JOIN named AS p ON p.span_id = s.parent_span_id;

    first_children := array_fill(0, ARRAY[span_count + 1], ARRAY[0]);
    next_siblings := array_fill(0, ARRAY[span_count]);
    are_placed := array_fill(false, ARRAY[span_count]);
    are_above := are_placed;
    FOR n IN REVERSE span_count..1 LOOP
        next_siblings[n] := first_children[parents[n]];
        first_children[parents[n]] := n;
    END LOOP;

    "position" := 0;
    root := first_children[0];
    LOOP
        IF root = 0 THEN
            -- What isn't placed yet is a cycle or hangs from one. The cycle's earliest span becomes a root.
            LOOP
                looked_at := looked_at + 1;
                EXIT WHEN looked_at > span_count OR NOT are_placed[looked_at];
            END LOOP;
            EXIT WHEN looked_at > span_count;
            span := looked_at;
            WHILE NOT are_above[span] LOOP
                are_above[span] := true;
                span := parents[span];
            END LOOP;
            root := span;
            next_span := parents[span];
            WHILE next_span <> span LOOP
                root := LEAST(root, next_span);
                next_span := parents[next_span];
            END LOOP;
        END IF;

        span := root;
        depth := 0;
        LOOP
            are_placed[span] := true;
            id := ids[span];
            "position" := "position" + 1;
            parent_missing := are_orphans[span];
            RETURN NEXT;

            next_span := first_children[span];
            depth := depth + 1;
            LOOP
                -- The root again, where it was cut out of a cycle.
                IF next_span = root THEN
                    next_span := next_siblings[next_span];
                END IF;
                EXIT WHEN next_span <> 0 OR span = root;
                next_span := next_siblings[span];
                span := parents[span];
                depth := depth - 1;
            END LOOP;
            EXIT WHEN next_span = 0;
            span := next_span;
        END LOOP;
        root := CASE WHEN parents[root] = 0 THEN next_siblings[root] ELSE 0 END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION otel.trace_tree(bytea, bigint, bigint) IS
    'Part of trace_spans: where in the tree each span stands whose id is from from_id to below to_id. Takes time and memory in proportion to the trace''s spans.';

DO $generate$
DECLARE
    convention record;
    given record;
BEGIN
    EXECUTE format(
        $view$
CREATE OR REPLACE VIEW otel.spans AS
SELECT
    s.id,
    s.start_timestamp,
    otel.end_of_span(s.start_timestamp, s.start_nanos_fraction, s.duration_ns) AS end_timestamp,
    CASE WHEN s.start_timestamp IS NOT NULL THEN GREATEST(s.duration_ns, 0) / double precision '1000000' END AS duration_ms,
    r.service_name,
    s.name,
    coalesce(k.name, s.kind::text) AS kind,
    coalesce(c.name, s.status_code::text) AS status,
    s.status_message,
    encode(s.trace_id, 'hex') AS trace_id,
    encode(s.span_id, 'hex') AS span_id,
    encode(s.parent_span_id, 'hex') AS parent_span_id,
    r.service_namespace,
    r.environment,
    r.service_version,
    r.service_instance_id,
    sc.name AS scope_name,
    sc.version AS scope_version,
    %1$s AS attributes,
    %2$s AS resource_attributes,
    s.trace_state,
    otel.u32(s.flags) AS flags,
    otel.u32(s.dropped_attributes_count) AS dropped_attributes_count,
    otel.u32(s.dropped_events_count) AS dropped_events_count,
    otel.u32(s.dropped_links_count) AS dropped_links_count,
    s.start_nanos_fraction,
    s.duration_ns,
    s.resource_id,
    s.scope_id,
    s.service_id,
    s.operation_id,
    s.trace_id AS trace_id_bytes,
    s.span_id AS span_id_bytes,
    s.parent_span_id AS parent_span_id_bytes,
    %3$s
FROM otel.spans_fact AS s
LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
LEFT JOIN otel.scopes_dim AS sc ON sc.scope_id = s.scope_id
LEFT JOIN otel.span_kinds AS k ON k.id = s.kind
LEFT JOIN otel.status_codes AS c ON c.id = coalesce(s.status_code, 0)
$view$,
        otel.attributes_expression('span', 'parent_id', 's.id'), otel.attributes_expression('resource', 'resource_id', 's.resource_id'),
        (SELECT string_agg(c.expression || ' AS ' || c.name, E',\n    ') FROM otel.convention_columns('span', 'parent_id', 's.id') AS c));

    FOR convention IN
        SELECT c.name, c.description FROM otel.convention_columns('span', 'parent_id', 's.id') AS c
    LOOP
        EXECUTE format(
            'COMMENT ON COLUMN otel.spans.%I IS %L', convention.name,
            'Attribute ' || convention.description || '; NULL where it has neither, or of another type. To read, not to search: no index has it.');
    END LOOP;

    FOR given IN
        SELECT * FROM (VALUES
            ('bytea', 'trace_spans.trace_id', ''),
            ('text', $hex$decode(regexp_replace(trace_spans.trace_id, '^\\x', ''), 'hex')$hex$, 'Takes the id as hex digits, with or without \x in front. ')
        ) AS g (type, trace_id, remark)
    LOOP
        EXECUTE format(
            $function$
CREATE OR REPLACE FUNCTION otel.trace_spans(trace_id %1$s, around timestamptz DEFAULT NULL)
    RETURNS TABLE (
        "position" integer, depth integer, parent_missing boolean, id bigint, start_timestamp timestamptz, end_timestamp timestamptz,
        duration_ms double precision, service_name text, name text, kind text, status text, status_message text, span_id text, parent_span_id text,
        service_namespace text, environment text, service_version text, service_instance_id text, scope_name text, scope_version text,
        attributes jsonb, resource_attributes jsonb, events jsonb, duration_ns bigint)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 50
AS $body$
    SELECT
        tree."position", tree.depth, tree.parent_missing, s.id, s.start_timestamp, s.end_timestamp,
        s.duration_ms, s.service_name, s.name, s.kind, s.status, s.status_message, s.span_id, s.parent_span_id,
        s.service_namespace, s.environment, s.service_version, s.service_instance_id, s.scope_name, s.scope_version,
        s.attributes, s.resource_attributes,
        coalesce(
            (
                SELECT jsonb_agg(
                    jsonb_build_object(
                        'name', e.name, 'timestamp', e.timestamp,
                        'attributes', %3$s)
                    ORDER BY e.id)
                FROM otel.span_events AS e WHERE e.parent_id = s.id
            ),
            '[]'),
        s.duration_ns
    FROM otel.spans AS s
    JOIN otel.trace_tree(
        %2$s, coalesce(otel.id_at(around - interval '12 hours'), -9223372036854775808), coalesce(otel.id_at(around + interval '12 hours'), 9223372036854775807)
    ) AS tree ON tree.id = s.id
    -- Again, so that the trace's spans are found at once and not one by one.
    WHERE s.trace_id_bytes = %2$s
        AND s.id >= coalesce(otel.id_at(around - interval '12 hours'), -9223372036854775808)
        AND s.id < coalesce(otel.id_at(around + interval '12 hours'), 9223372036854775807)
    ORDER BY tree."position"
$body$
$function$,
            given.type, given.trace_id, otel.attributes_expression('span_event', 'parent_id', 'e.id'));
        EXECUTE format(
            'COMMENT ON FUNCTION otel.trace_spans(%s, timestamptz) IS %L', given.type,
            'The spans of a trace as a tree: in the order to print them, the earliest root first, each span before its children, children by their start. position counts from 1; depth is 0 for a root. A span whose parent is not among them is a root with parent_missing; in a cycle of parents the earliest span is one. events are [{"name", "timestamp", "attributes"}, …]. The other columns are as in spans. '
            || given.remark
            || 'around bounds the arrival: given a time, only spans that arrived within 12 hours before or after it are looked for, and other partitions are left out; NULL looks everywhere.');
    END LOOP;
END
$generate$;

COMMENT ON VIEW otel.spans IS
    'Spans with names instead of numbers, one row each, also where a dimension is not there (yet): its columns are NULL then. Bound it by arrival, id >= id_at(now() - interval ''1 hour''), and only the partitions of that time are read. Columns that are not selected cost nothing; attributes and resource_attributes cost an index lookup in five tables for each row.';
COMMENT ON COLUMN otel.spans.id IS 'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound. The attribute tables'' parent_id.';
COMMENT ON COLUMN otel.spans.start_timestamp IS 'Start, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.spans.end_timestamp IS 'End, to the microsecond below; NULL where unset.';
COMMENT ON COLUMN otel.spans.duration_ms IS
    'Duration in milliseconds as averages should count it: 0 where the end is unset or before the start, NULL where the start is unset. duration_ns is exact.';
COMMENT ON COLUMN otel.spans.service_name IS 'service.name of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.spans.name IS 'The span''s name.';
COMMENT ON COLUMN otel.spans.kind IS 'SERVER, CLIENT, PRODUCER, CONSUMER, INTERNAL or UNSPECIFIED; an unknown number as it came.';
COMMENT ON COLUMN otel.spans.status IS 'UNSET, OK or ERROR; UNSET also where the span has no status at all; an unknown number as it came.';
COMMENT ON COLUMN otel.spans.status_message IS 'The status''s message; NULL where the span has no status at all.';
COMMENT ON COLUMN otel.spans.trace_id IS
    'The trace as lowercase hex digits; NULL where unset. To read, not to search: no index has it. Use trace_spans(…), or trace_id_bytes = ''\x…''.';
COMMENT ON COLUMN otel.spans.span_id IS 'OTLP''s id of the span as lowercase hex digits; NULL where unset.';
COMMENT ON COLUMN otel.spans.parent_span_id IS 'OTLP''s id of the parent span as lowercase hex digits; NULL for a root span.';
COMMENT ON COLUMN otel.spans.service_namespace IS 'service.namespace of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.spans.environment IS
    'deployment.environment.name of its resource, else the older deployment.environment; NULL where it has neither.';
COMMENT ON COLUMN otel.spans.service_version IS 'service.version of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.spans.service_instance_id IS 'service.instance.id of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.spans.scope_name IS 'Name of the library that produced the span; empty where unset.';
COMMENT ON COLUMN otel.spans.scope_version IS 'Version of the library that produced the span; empty where unset.';
COMMENT ON COLUMN otel.spans.attributes IS
    'All attributes that are stored, typed ones and the catch-all''s, as the catch-all writes them: a double has a fraction, reserved keys beginning with $ say what JSON cannot.';
COMMENT ON COLUMN otel.spans.resource_attributes IS 'All attributes of its resource that are stored, in the same form.';
COMMENT ON COLUMN otel.spans.trace_state IS 'W3C trace state; empty where unset.';
COMMENT ON COLUMN otel.spans.flags IS 'W3C trace flags and OTLP''s own bits.';
COMMENT ON COLUMN otel.spans.dropped_attributes_count IS 'How many attributes the producer dropped.';
COMMENT ON COLUMN otel.spans.dropped_events_count IS 'How many events the producer dropped.';
COMMENT ON COLUMN otel.spans.dropped_links_count IS 'How many links the producer dropped.';
COMMENT ON COLUMN otel.spans.start_nanos_fraction IS 'Nanoseconds of the start below the microsecond, 0 to 999; NULL where the start is unset.';
COMMENT ON COLUMN otel.spans.duration_ns IS
    'End minus start in nanoseconds, modulo 2^64 as two''s complement; negative where the end lies before the start. An unset start counts as 0 here.';
COMMENT ON COLUMN otel.spans.resource_id IS 'What produced the span, in resources_dim.';
COMMENT ON COLUMN otel.spans.scope_id IS 'The library that produced the span, in scopes_dim.';
COMMENT ON COLUMN otel.spans.service_id IS 'The service, in service_dim.';
COMMENT ON COLUMN otel.spans.operation_id IS 'The operation, in operation_dim if it was admitted.';
COMMENT ON COLUMN otel.spans.trace_id_bytes IS 'The trace, as it came and as it is indexed; NULL where unset.';
COMMENT ON COLUMN otel.spans.span_id_bytes IS 'OTLP''s id of the span, as it came; NULL where unset.';
COMMENT ON COLUMN otel.spans.parent_span_id_bytes IS 'OTLP''s id of the parent span, as it came; NULL for a root span.';
