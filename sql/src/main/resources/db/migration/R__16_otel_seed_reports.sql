-- The derived relations of otel_seed.

CREATE OR REPLACE FUNCTION otel_seed.tagged_value(value jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE otel.catch_all_type(tagged_value.value)
        WHEN 'string' THEN jsonb_build_object('string_value', otel.catch_all_string(tagged_value.value))
        WHEN 'int' THEN jsonb_build_object('int_value', tagged_value.value)
        WHEN 'double' THEN jsonb_build_object(
            'double_value', CASE jsonb_typeof(tagged_value.value) WHEN 'number' THEN tagged_value.value ELSE to_jsonb(otel.catch_all_double(tagged_value.value)::text) END)
        WHEN 'bool' THEN jsonb_build_object('bool_value', tagged_value.value)
        WHEN 'bytes' THEN jsonb_build_object('bytes_value', tagged_value.value -> '$bytes')
        WHEN 'array' THEN jsonb_build_object('array_value', jsonb_build_object('values', coalesce(
            (SELECT jsonb_agg(otel_seed.tagged_value(e.value) ORDER BY e.n) FROM jsonb_array_elements(tagged_value.value) WITH ORDINALITY AS e (value, n)), '[]')))
        WHEN 'kvlist' THEN jsonb_build_object('kvlist_value', jsonb_build_object('values', coalesce(
            (
                SELECT jsonb_agg(jsonb_build_object('key', e.key, 'value', otel_seed.tagged_value(e.value)) ORDER BY e.n)
                FROM (
                    SELECT j.key, j.value, j.n FROM jsonb_each(tagged_value.value) WITH ORDINALITY AS j (key, value, n) WHERE NOT tagged_value.value ? '$kvlist'
                    UNION ALL
                    SELECT otel.catch_all_string(pair.value -> 0), pair.value -> 1, pair.n
                    FROM jsonb_array_elements(tagged_value.value -> '$kvlist') WITH ORDINALITY AS pair (value, n)
                ) AS e
            ),
            '[]')))
        WHEN 'empty' THEN '{}'
        WHEN 'list' THEN jsonb_build_object('$list', (
            SELECT jsonb_agg(otel_seed.tagged_value(e.value) ORDER BY e.n) FROM jsonb_array_elements(tagged_value.value -> '$list') WITH ORDINALITY AS e (value, n)))
        ELSE tagged_value.value
        END
$$;
COMMENT ON FUNCTION otel_seed.tagged_value(jsonb) IS
    'A value of a catch-all as OTLP''s AnyValue in JSON: {"string_value": "x"}, {"int_value": 1}, … A NaN or an infinity is a string, as in Protobuf''s JSON; a key without a value is null.';

CREATE OR REPLACE FUNCTION otel_seed.tagged_attributes(attributes jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(jsonb_object_agg(e.key, otel_seed.tagged_value(e.value)), '{}')
    FROM (
        SELECT j.key, j.value FROM jsonb_each(attributes - '$keys') AS j
        UNION ALL
        SELECT otel.catch_all_string(pair.value -> 0), pair.value -> 1 FROM jsonb_array_elements(attributes -> '$keys') AS pair (value)
    ) AS e;
END;
COMMENT ON FUNCTION otel_seed.tagged_attributes(jsonb) IS 'Attributes as the readable views have them, each value tagged with its type as in OTLP''s JSON.';

DO $generate$
BEGIN
    CALL otel.create_seed_view(
        'table_sizes',
        'SELECT table_name, partitions, rows_estimate, table_bytes, index_bytes, toast_bytes, total_bytes, average_row_bytes FROM otel.table_sizes',
        obj_description('otel.table_sizes'::regclass, 'pg_class'), 'table_sizes');

    CALL otel.create_seed_view(
        'resource_dim_compat',
        format(
            'SELECT r.resource_id AS id, r.resource_hash, otel_seed.tagged_attributes(%s) AS attributes, r.first_seen, r.last_seen
             FROM otel.resources_dim AS r', otel.attributes_expression('resource', 'resource_id', 'r.resource_id')),
        'Resources in the old form: all attributes in one JSONB, each value tagged with its type.', 'resources_dim',
        '{"id": "The resource, resources_dim.resource_id.",
          "attributes": "All attributes that are stored, as {\"service.name\": {\"string_value\": \"shop\"}}; costs an index lookup in six tables for each row."}');

    CALL otel.create_seed_view(
        'mv_top_operations_by_service',
        'SELECT r.service_name, s.name AS operation_name, count(*) AS span_count,
             avg(GREATEST(s.duration_ns, 0)) FILTER (WHERE s.start_timestamp IS NOT NULL) AS avg_duration
         FROM otel.spans_fact AS s
         LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
         GROUP BY r.service_name, s.name',
        'How often a service''s operations run and how long they take, over all spans that are stored. A view, not materialized: it is never out of date and reads every span, or those of a service by (resource_id, start_timestamp) given its service_name.',
        'spans_fact',
        '{"service_name": "service.name of the spans'' resource; NULL where it has none.", "operation_name": "The spans'' name.",
          "span_count": "How many spans there are.",
          "avg_duration": "Their average duration in nanoseconds; one whose end is unset or before the start counts as 0, one without a start is left out."}');

    CALL otel.create_seed_view(
        'service_overview',
        -- A span that started within the hour has arrived within it, but for a clock that is up to five minutes ahead.
        'SELECT r.service_name, count(*) AS request_count, count(*) FILTER (WHERE s.status_code = 2) AS error_count,
             avg(GREATEST(s.duration_ns, 0) / double precision ''1000000'') AS avg_response_time_ms,
             max(GREATEST(s.duration_ns, 0) / double precision ''1000000'') AS max_response_time_ms,
             count(DISTINCT s.resource_id) AS active_instances
         FROM otel.spans_fact AS s
         LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
         WHERE s.kind IN (2, 5) AND s.start_timestamp >= now() - interval ''1 hour'' AND s.id >= otel.id_at(now() - interval ''65 minutes'')
         GROUP BY r.service_name',
        'Every service''s requests of the last hour: spans of kind SERVER or CONSUMER that started since then.', 'spans_fact',
        '{"service_name": "service.name of the spans'' resource; NULL where it has none.", "request_count": "How many requests there are.",
          "error_count": "How many of them have the status ERROR.",
          "avg_response_time_ms": "Their average duration in milliseconds; one whose end is unset or before the start counts as 0.",
          "max_response_time_ms": "The longest duration in milliseconds.", "active_instances": "How many resources they are of."}');

    CALL otel.create_seed_view(
        'service_errors_hourly',
        format(
            'SELECT e.hour, e.service_name, e.service_namespace, e.http_method, count(*) AS error_count,
                 avg(e.duration_ms) AS avg_duration_ms, percentile_disc(0.95) WITHIN GROUP (ORDER BY e.duration_ms) AS p95_duration_ms,
                 percentile_disc(0.99) WITHIN GROUP (ORDER BY e.duration_ms) AS p99_duration_ms
             FROM (
                 SELECT date_trunc(''hour'', s.start_timestamp, ''UTC'') AS hour, r.service_name, r.service_namespace, %s AS http_method,
                     GREATEST(s.duration_ns, 0) / double precision ''1000000'' AS duration_ms
                 FROM otel.spans_fact AS s
                 LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
                 WHERE s.status_code = 2 AND s.start_timestamp IS NOT NULL
             ) AS e
             GROUP BY e.hour, e.service_name, e.service_namespace, e.http_method',
            otel.attribute_expression('span', 'parent_id', 's.id', 'string', '{http.request.method,http.method}')),
        'Spans with the status ERROR by the hour in which they started. Reads every span that is stored, or those of a service by (resource_id, start_timestamp) given its service_name.',
        'spans_fact',
        '{"hour": "The hour''s beginning.", "service_name": "service.name of the spans'' resource; NULL where it has none.",
          "service_namespace": "service.namespace of the spans'' resource; NULL where it has none.",
          "http_method": "http.request.method, else the older http.method; NULL where the spans have neither.",
          "error_count": "How many spans there are.",
          "avg_duration_ms": "Their average duration in milliseconds; one whose end is unset or before the start counts as 0.",
          "p95_duration_ms": "The duration that 95 % of them do not exceed, in milliseconds; exact.",
          "p99_duration_ms": "The duration that 99 % of them do not exceed, in milliseconds; exact."}');

    CALL otel.create_seed_view(
        'service_metrics_5min',
        'SELECT date_bin(interval ''5 minutes'', p.timestamp, timestamptz ''2000-01-01 00:00:00+00'') AS bucket, r.service_name, m.name AS metric_name,
             avg(coalesce(p.double_value, p.int_value)) AS avg_value, max(coalesce(p.double_value, p.int_value)) AS max_value,
             min(coalesce(p.double_value, p.int_value)) AS min_value, count(*) AS sample_count, count(DISTINCT s.resource_id) AS unique_instances
         FROM otel.number_data_points AS p
         JOIN otel.metric_series_dim AS s ON s.series_id = p.series_id
         JOIN otel.metrics_dim AS m ON m.metric_id = s.metric_id
         LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
         WHERE num_nonnulls(p.double_value, p.int_value) = 1 AND p.timestamp IS NOT NULL
         GROUP BY 1, r.service_name, m.name',
        'Values of gauges and sums by metric, service and five minutes, as they came: those of a cumulative sum are its state. Reads every point that is stored, or those of a metric by (series_id, timestamp) given its metric_name.',
        'number_data_points',
        '{"bucket": "When the five minutes begin.", "service_name": "service.name of the points'' resource; NULL where it has none.",
          "metric_name": "The metric''s name; its variants, and other metrics of that name, are one.", "avg_value": "The average value.",
          "max_value": "The greatest value.", "min_value": "The least value.", "sample_count": "How many values there are.",
          "unique_instances": "How many resources they are of."}');
END
$generate$;
