-- What belongs to a span or a trace, across signals. Nothing in the tables refers to spans_fact.id but children: a log record,
-- a link and an exemplar name a span as OTLP does, by trace_id and span_id, and may arrive long before or after it. So these
-- join by the index of spans_fact on trace_id, in every partition that no bound on the span's id leaves out.

DO $generate$
DECLARE
    given record;
    correlation record;
    col record;
BEGIN
    FOR given IN
        SELECT * FROM (VALUES
            ('bytea', 'trace_logs.trace_id', ''),
            ('text', $hex$decode(regexp_replace(trace_logs.trace_id, '^\\x', ''), 'hex')$hex$, 'Takes the id as hex digits, with or without \x in front. ')
        ) AS g (type, trace_id, remark)
    LOOP
        EXECUTE format(
            $function$
CREATE OR REPLACE FUNCTION otel.trace_logs(trace_id %1$s, around timestamptz DEFAULT NULL) RETURNS SETOF otel.logs
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 50
AS $body$
    SELECT l.*
    FROM otel.logs AS l
    WHERE l.trace_id_bytes = %2$s
        AND l.id >= coalesce(otel.id_at(around - interval '12 hours'), -9223372036854775808)
        AND l.id < coalesce(otel.id_at(around + interval '12 hours'), 9223372036854775807)
    ORDER BY l.time, CASE WHEN l.timestamp IS NOT NULL THEN l.nanos_fraction ELSE l.observed_nanos_fraction END, l.id
$body$
$function$,
            given.type, given.trace_id);
        EXECUTE format(
            'COMMENT ON FUNCTION otel.trace_logs(%s, timestamptz) IS %L', given.type,
            'The log records of a trace in the order of their time, with the columns of logs; by the index on logs_fact (trace_id). '
            || given.remark
            || 'around bounds the arrival: given a time, only records that arrived within 12 hours before or after it are looked for, and other partitions are left out; NULL looks everywhere.');
    END LOOP;

    FOR correlation IN
        SELECT * FROM (VALUES
            (
                'log_span', 'f.id AS log_id', 'otel.logs_fact AS f', 's.trace_id_bytes = f.trace_id AND s.span_id_bytes = f.span_id',
                'The span within which a log record was written: one row for each log record and span of its ids (mostly one, or none), with the columns of spans. By log_id the primary key of logs_fact and then spans_fact (trace_id); by the span''s id its primary key and then logs_fact (trace_id).',
                ARRAY['The log record, in logs and logs_fact.']
            ),
            (
                'link_span', 'f.id AS link_id, f.parent_id', 'otel.span_links AS f', 's.trace_id_bytes = f.linked_trace_id AND s.span_id_bytes = f.linked_span_id',
                'The span that a link leads to: one row for each link and span of its ids (mostly one, or none), with the columns of spans. By link_id or parent_id their indexes on span_links and then spans_fact (trace_id). Not for the way back: no index knows who links to a span.',
                ARRAY['The link, in span_links.', 'The span that has the link, in spans and spans_fact; id is the one that it leads to.']
            ),
            (
                'exemplar_span', 'f.id AS exemplar_id, f.parent_id', 'otel.exemplars AS f', 's.trace_id_bytes = f.trace_id AND s.span_id_bytes = f.span_id',
                'The span within which an exemplar was measured: one row for each exemplar and span of its ids (mostly one, or none), with the columns of spans. By exemplar_id or parent_id their indexes on exemplars and then spans_fact (trace_id); by the span''s id its primary key and then exemplars (trace_id).',
                ARRAY['The exemplar, in exemplars.', 'The exemplar''s data point, in metric_points.']
            ),
            (
                'span_children', 'f.id AS parent_id', 'otel.spans_fact AS f', 's.trace_id_bytes = f.trace_id AND s.parent_span_id_bytes = f.span_id',
                'The children of a span: one row for each span whose parent is here, with the columns of spans. By parent_id its primary key, by the child''s id likewise, and then spans_fact (trace_id). trace_spans has the whole tree.',
                ARRAY['The parent span, in spans and spans_fact; id is the child.']
            )
        ) AS c (name, columns, fact, condition, described, columns_described)
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE VIEW otel.%I AS SELECT %s, s.* FROM %s JOIN otel.spans AS s ON %s',
            correlation.name, correlation.columns, correlation.fact, correlation.condition);
        EXECUTE format('COMMENT ON VIEW otel.%I IS %L', correlation.name, correlation.described);
        FOR col IN
            SELECT a.attname, coalesce(correlation.columns_described[a.attnum], col_description(s.attrelid, s.attnum)) AS description
            FROM pg_attribute AS a
            LEFT JOIN pg_attribute AS s ON s.attrelid = 'otel.spans'::regclass AND s.attname = a.attname
            WHERE a.attrelid = format('otel.%I', correlation.name)::regclass AND a.attnum > 0
        LOOP
            EXECUTE format('COMMENT ON COLUMN otel.%I.%I IS %L', correlation.name, col.attname, col.description);
        END LOOP;
    END LOOP;
END
$generate$;
