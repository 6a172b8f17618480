-- Data points of every type as a reader wants to see them, in the manner of spans: what isn't selected costs nothing, and the
-- facts' own columns are passed on bare, so that conditions on them reach the indexes and partitions of all four tables.

DO $generate$
DECLARE
    convention record;
BEGIN
    EXECUTE format(
        $view$
CREATE OR REPLACE VIEW otel.metric_points AS
SELECT
    p.id,
    p.timestamp,
    r.service_name,
    m.name,
    coalesce(t.name, m.metric_type::text) AS type,
    m.unit,
    %1$s AS attributes,
    coalesce(p.double_value, p.int_value::double precision) AS value,
    otel.u64(p.count) AS count,
    p.sum,
    p.min,
    p.max,
    CASE WHEN p.bucket_counts IS NOT NULL THEN ARRAY(SELECT otel.u64(c) FROM unnest(p.bucket_counts) AS c) END AS bucket_counts,
    p.explicit_bounds,
    p.scale,
    otel.u64(p.zero_count) AS zero_count,
    p.zero_threshold,
    p.positive_offset,
    CASE WHEN p.positive_bucket_counts IS NOT NULL THEN ARRAY(SELECT otel.u64(c) FROM unnest(p.positive_bucket_counts) AS c) END AS positive_bucket_counts,
    p.negative_offset,
    CASE WHEN p.negative_bucket_counts IS NOT NULL THEN ARRAY(SELECT otel.u64(c) FROM unnest(p.negative_bucket_counts) AS c) END AS negative_bucket_counts,
    p.quantiles,
    p.quantile_values,
    coalesce(a.name, m.aggregation_temporality::text) AS temporality,
    m.is_monotonic,
    p.start_timestamp,
    m.description,
    r.service_namespace,
    r.environment,
    r.service_version,
    r.service_instance_id,
    sc.name AS scope_name,
    sc.version AS scope_version,
    %2$s AS resource_attributes,
    otel.u32(p.flags) AS flags,
    p.int_value,
    p.double_value,
    p.nanos_fraction,
    p.start_nanos_fraction,
    p.series_id,
    s.metric_id,
    s.resource_id,
    s.scope_id,
    r.service_id,
    %3$s
FROM (
    SELECT
        d.id, d.series_id, d.timestamp, d.nanos_fraction, d.start_timestamp, d.start_nanos_fraction, d.flags,
        d.int_value, d.double_value, NULL::bigint AS count, NULL::double precision AS sum, NULL::double precision AS min,
        NULL::double precision AS max, NULL::bigint[] AS bucket_counts, NULL::double precision[] AS explicit_bounds,
        NULL::integer AS scale, NULL::bigint AS zero_count, NULL::double precision AS zero_threshold, NULL::integer AS positive_offset,
        NULL::bigint[] AS positive_bucket_counts, NULL::integer AS negative_offset, NULL::bigint[] AS negative_bucket_counts,
        NULL::double precision[] AS quantiles, NULL::double precision[] AS quantile_values
    FROM otel.number_data_points AS d
    UNION ALL
    SELECT
        d.id, d.series_id, d.timestamp, d.nanos_fraction, d.start_timestamp, d.start_nanos_fraction, d.flags,
        NULL::bigint, NULL::double precision, d.count, d.sum, d.min, d.max, d.bucket_counts, d.explicit_bounds, NULL::integer,
        NULL::bigint, NULL::double precision, NULL::integer, NULL::bigint[], NULL::integer, NULL::bigint[], NULL::double precision[],
        NULL::double precision[]
    FROM otel.histogram_data_points AS d
    UNION ALL
    SELECT
        d.id, d.series_id, d.timestamp, d.nanos_fraction, d.start_timestamp, d.start_nanos_fraction, d.flags,
        NULL::bigint, NULL::double precision, d.count, d.sum, d.min, d.max, NULL::bigint[], NULL::double precision[], d.scale,
        d.zero_count, d.zero_threshold, d.positive_offset, d.positive_bucket_counts, d.negative_offset, d.negative_bucket_counts,
        NULL::double precision[], NULL::double precision[]
    FROM otel.exp_histogram_data_points AS d
    UNION ALL
    SELECT
        d.id, d.series_id, d.timestamp, d.nanos_fraction, d.start_timestamp, d.start_nanos_fraction, d.flags,
        NULL::bigint, NULL::double precision, d.count, d.sum, NULL::double precision, NULL::double precision, NULL::bigint[],
        NULL::double precision[], NULL::integer, NULL::bigint, NULL::double precision, NULL::integer, NULL::bigint[], NULL::integer,
        NULL::bigint[], (SELECT array_agg(q.quantile ORDER BY q.position) FROM otel.summary_quantiles AS q WHERE q.parent_id = d.id),
        (SELECT array_agg(q.value ORDER BY q.position) FROM otel.summary_quantiles AS q WHERE q.parent_id = d.id)
    FROM otel.summary_data_points AS d
) AS p
LEFT JOIN otel.metric_series_dim AS s ON s.series_id = p.series_id
LEFT JOIN otel.metrics_dim AS m ON m.metric_id = s.metric_id
LEFT JOIN otel.metric_types AS t ON t.id = m.metric_type
LEFT JOIN otel.aggregation_temporalities AS a ON a.id = m.aggregation_temporality
LEFT JOIN otel.resources_dim AS r ON r.resource_id = s.resource_id
LEFT JOIN otel.scopes_dim AS sc ON sc.scope_id = s.scope_id
$view$,
        otel.attributes_expression('metric', 'series_id', 'p.series_id'), otel.attributes_expression('resource', 'resource_id', 's.resource_id'),
        (SELECT string_agg(c.expression || ' AS ' || c.name, E',\n    ') FROM otel.convention_columns('metric', 'series_id', 'p.series_id') AS c));

    FOR convention IN
        SELECT c.name, c.description FROM otel.convention_columns('metric', 'series_id', 'p.series_id') AS c
    LOOP
        EXECUTE format(
            'COMMENT ON COLUMN otel.metric_points.%I IS %L', convention.name,
            'Attribute ' || convention.description || '; NULL where it has neither, or of another type. To read, not to search: no index has it.');
    END LOOP;
END
$generate$;

COMMENT ON VIEW otel.metric_points IS
    'Data points of all five types with the names of what they measure, one row each, also where a dimension is not there (yet): its columns are NULL then, name and service among them. Bound it by arrival, id >= id_at(now() - interval ''1 hour''), and only the partitions of that time are read. Columns that are not selected cost nothing; attributes and resource_attributes cost an index lookup in five tables for each row.';
COMMENT ON COLUMN otel.metric_points.id IS
    'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound. The parent_id of exemplars.';
COMMENT ON COLUMN otel.metric_points.timestamp IS
    'When it was measured, or until when, to the microsecond; NULL where unset. As it is indexed, after series_id.';
COMMENT ON COLUMN otel.metric_points.service_name IS 'service.name of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.metric_points.name IS 'The metric''s name.';
COMMENT ON COLUMN otel.metric_points.type IS 'GAUGE, SUM, HISTOGRAM, EXPONENTIAL_HISTOGRAM or SUMMARY.';
COMMENT ON COLUMN otel.metric_points.unit IS 'The unit, in UCUM''s notation; empty where unset.';
COMMENT ON COLUMN otel.metric_points.attributes IS
    'All attributes of its series that are stored, typed ones and the catch-all''s, as the catch-all writes them: a double has a fraction, reserved keys beginning with $ say what JSON cannot.';
COMMENT ON COLUMN otel.metric_points.value IS 'The value of a gauge or sum; NULL where it has none, and for the other types. int_value is exact.';
COMMENT ON COLUMN otel.metric_points.count IS
    'How many measurements a histogram or summary has; NULL for gauges and sums, and so are all that follow for the types that have none.';
COMMENT ON COLUMN otel.metric_points.sum IS 'The measurements'' sum; NULL where absent.';
COMMENT ON COLUMN otel.metric_points.min IS 'The least of them; NULL where absent.';
COMMENT ON COLUMN otel.metric_points.max IS 'The greatest of them; NULL where absent.';
COMMENT ON COLUMN otel.metric_points.bucket_counts IS 'How many a histogram has in each bucket; empty where there are no buckets.';
COMMENT ON COLUMN otel.metric_points.explicit_bounds IS 'The upper bounds of a histogram''s buckets but the last, inclusive.';
COMMENT ON COLUMN otel.metric_points.scale IS
    'Of an exponential histogram: bucket i, counted from the offset, has the values above base^i up to base^(i+1), where base is 2^(2^-scale).';
COMMENT ON COLUMN otel.metric_points.zero_count IS 'How many an exponential histogram has in its zero bucket.';
COMMENT ON COLUMN otel.metric_points.zero_threshold IS 'The width of the zero bucket; 0 where unset.';
COMMENT ON COLUMN otel.metric_points.positive_offset IS 'The index of the first positive bucket; NULL where there are none.';
COMMENT ON COLUMN otel.metric_points.positive_bucket_counts IS 'How many are in each positive bucket; NULL where there are none.';
COMMENT ON COLUMN otel.metric_points.negative_offset IS 'The index of the first negative bucket; NULL where there are none.';
COMMENT ON COLUMN otel.metric_points.negative_bucket_counts IS 'How many are in each negative bucket, by absolute value; NULL where there are none.';
COMMENT ON COLUMN otel.metric_points.quantiles IS 'A summary''s quantiles; NULL where it has none.';
COMMENT ON COLUMN otel.metric_points.quantile_values IS 'The values at the quantiles, in the same order.';
COMMENT ON COLUMN otel.metric_points.temporality IS
    'DELTA or CUMULATIVE, or UNSPECIFIED; an unknown number as it came; NULL for gauges and summaries, which have none.';
COMMENT ON COLUMN otel.metric_points.is_monotonic IS 'Whether a sum never falls but for a reset; NULL for the other types.';
COMMENT ON COLUMN otel.metric_points.start_timestamp IS 'Since when it counts, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.metric_points.description IS 'The metric''s description; empty where unset.';
COMMENT ON COLUMN otel.metric_points.service_namespace IS 'service.namespace of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.metric_points.environment IS
    'deployment.environment.name of its resource, else the older deployment.environment; NULL where it has neither.';
COMMENT ON COLUMN otel.metric_points.service_version IS 'service.version of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.metric_points.service_instance_id IS 'service.instance.id of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.metric_points.scope_name IS 'Name of the library that produced the point; empty where unset.';
COMMENT ON COLUMN otel.metric_points.scope_version IS 'Version of the library that produced the point; empty where unset.';
COMMENT ON COLUMN otel.metric_points.resource_attributes IS 'All attributes of its resource that are stored, in the same form as attributes.';
COMMENT ON COLUMN otel.metric_points.flags IS 'DataPointFlags: 1 says that no value was recorded.';
COMMENT ON COLUMN otel.metric_points.int_value IS 'The value, where it is an int.';
COMMENT ON COLUMN otel.metric_points.double_value IS 'The value, where it is a double.';
COMMENT ON COLUMN otel.metric_points.nanos_fraction IS 'Nanoseconds of the timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.metric_points.start_nanos_fraction IS
    'Nanoseconds of the start below the microsecond, 0 to 999; NULL where the start is unset.';
COMMENT ON COLUMN otel.metric_points.series_id IS 'The series, in metric_series_dim. As it is indexed, before timestamp.';
COMMENT ON COLUMN otel.metric_points.metric_id IS 'The metric, in metrics_dim.';
COMMENT ON COLUMN otel.metric_points.resource_id IS 'What produced the point, in resources_dim.';
COMMENT ON COLUMN otel.metric_points.scope_id IS 'The library that produced the point, in scopes_dim.';
COMMENT ON COLUMN otel.metric_points.service_id IS 'The service, in service_dim.';
