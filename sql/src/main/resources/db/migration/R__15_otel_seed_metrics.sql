-- Data points of otel_seed. Metric, resource, scope and attributes are those of the point's series. Joins to the left by primary
-- keys: a condition on metric_id or resource_id makes them inner ones, begins at the series and reaches the points by (series_id,
-- timestamp).

DO $generate$
DECLARE
    seed_columns jsonb := '{
        "=data_point_id": "id", "=time_timestamp": "timestamp", "=time_nanos_fraction": "nanos_fraction",
        "metric_id": "The metric, in metrics_dim; NULL where the series is not there (yet).",
        "resource_id": "What produced the point, in resources_dim; NULL where the series is not there (yet).",
        "scope_id": "The library that produced the point, in scopes_dim; NULL where the series is not there (yet).",
        "aggregation_temporality": "The metric''s temporality, in aggregation_temporalities; an unknown number as it came; NULL for gauges and summaries, which have none.",
        "is_monotonic": "Whether a sum never falls but for a reset; NULL for the other types.",
        "series_id": "The series, which has one metric, resource, scope and list of attributes."
    }';
    point record;
BEGIN
    FOR point IN
        SELECT * FROM (VALUES
            ('number', 'd.int_value, d.double_value', 'gauges and sums', true),
            (
                'histogram',
                'otel.u64(d.count) AS count, d.sum, d.min, d.max, ARRAY(SELECT otel.u64(c) FROM unnest(d.bucket_counts) AS c) AS bucket_counts, d.explicit_bounds',
                'histograms with explicit bounds', true
            ),
            (
                'exp_histogram',
                'otel.u64(d.count) AS count, d.sum, d.min, d.max, d.scale, otel.u64(d.zero_count) AS zero_count, d.zero_threshold, d.positive_offset,
                 CASE WHEN d.positive_bucket_counts IS NOT NULL THEN ARRAY(SELECT otel.u64(c) FROM unnest(d.positive_bucket_counts) AS c) END AS positive_bucket_counts,
                 d.negative_offset,
                 CASE WHEN d.negative_bucket_counts IS NOT NULL THEN ARRAY(SELECT otel.u64(c) FROM unnest(d.negative_bucket_counts) AS c) END AS negative_bucket_counts',
                'exponential histograms', true
            ),
            ('summary', 'otel.u64(d.count) AS count, d.sum', 'summaries', false)
        ) AS p (name, columns, described, has_exemplars)
    LOOP
        CALL otel.create_seed_view(
            point.name || '_data_points',
            format(
                'SELECT d.id AS data_point_id, s.metric_id, s.resource_id, s.scope_id, d.start_timestamp, d.start_nanos_fraction,
                     d.timestamp AS time_timestamp, d.nanos_fraction AS time_nanos_fraction, %s, otel.u32(d.flags) AS flags,
                     m.aggregation_temporality, m.is_monotonic, d.series_id
                 FROM otel.%I AS d
                 LEFT JOIN otel.metric_series_dim AS s ON s.series_id = d.series_id
                 LEFT JOIN otel.metrics_dim AS m ON m.metric_id = s.metric_id', point.columns, point.name || '_data_points'),
            format('Points of %s, one row each.', point.described), point.name || '_data_points', seed_columns);
        CALL otel.create_seed_attribute_views(
            point.name || '_dp', 'dp_id', 'points of ' || point.described || ', which are their series''',
            format('The point, in %s_data_points.', point.name), 'metric',
            format('SELECT d.id AS dp_id, %%s FROM otel.%I AS d JOIN otel.%%I AS a ON a.series_id = d.series_id', point.name || '_data_points'));

        -- Exemplars of all points are in one table. Which point it is decides whose they are: a lookup by its primary key.
        IF point.has_exemplars THEN
            CALL otel.create_seed_view(
                point.name || '_dp_exemplars',
                format(
                    'SELECT e.id AS exemplar_id, e.parent_id AS dp_id, e.timestamp AS time_timestamp, e.nanos_fraction AS time_nanos_fraction,
                         e.int_value, e.double_value, e.trace_id, e.span_id
                     FROM otel.exemplars AS e JOIN otel.%I AS d ON d.id = e.parent_id', point.name || '_data_points'),
                format('Exemplars of points of %s, one row each; the ids of a point''s exemplars ascend in their order.', point.described), 'exemplars',
                jsonb_build_object('=exemplar_id', 'id', '=time_timestamp', 'timestamp', '=time_nanos_fraction', 'nanos_fraction',
                    'dp_id', format('The point, in %s_data_points.', point.name)));
            CALL otel.create_seed_attribute_views(
                point.name || '_dp_exemplar', 'exemplar_id', 'exemplars of points of ' || point.described,
                format('The exemplar, in %s_dp_exemplars.', point.name), 'exemplar',
                format(
                    'SELECT e.id AS exemplar_id, %%s
                     FROM otel.%%I AS a JOIN otel.exemplars AS e ON e.id = a.parent_id JOIN otel.%I AS d ON d.id = e.parent_id', point.name || '_data_points'));
        END IF;
    END LOOP;

    CALL otel.create_seed_view(
        'quantile', 'SELECT q.parent_id AS dp_id, q.quantile, q.value, q.position FROM otel.summary_quantiles AS q',
        'Quantiles of summaries, one row each.', 'summary_quantiles', '{"dp_id": "The point, in summary_data_points."}');

    CALL otel.create_seed_view(
        'metrics_fact',
        'SELECT p.data_point_id, s.metric_id, m.metric_type, s.resource_id, s.scope_id, p.start_timestamp, p.start_nanos_fraction,
             p.time_timestamp, p.time_nanos_fraction, p.int_value, p.double_value, otel.u64(p.count) AS count, p.sum, p.min, p.max,
             otel.u32(p.flags) AS flags, m.aggregation_temporality, m.is_monotonic, p.series_id
         FROM (
             SELECT d.id AS data_point_id, d.start_timestamp, d.start_nanos_fraction, d.timestamp AS time_timestamp, d.nanos_fraction AS time_nanos_fraction,
                 d.int_value, d.double_value, NULL::bigint AS count, NULL::double precision AS sum, NULL::double precision AS min,
                 NULL::double precision AS max, d.flags, d.series_id
             FROM otel.number_data_points AS d
             UNION ALL
             SELECT d.id, d.start_timestamp, d.start_nanos_fraction, d.timestamp, d.nanos_fraction, NULL, NULL, d.count, d.sum, d.min, d.max, d.flags,
                 d.series_id
             FROM otel.histogram_data_points AS d
             UNION ALL
             SELECT d.id, d.start_timestamp, d.start_nanos_fraction, d.timestamp, d.nanos_fraction, NULL, NULL, d.count, d.sum, d.min, d.max, d.flags,
                 d.series_id
             FROM otel.exp_histogram_data_points AS d
             UNION ALL
             SELECT d.id, d.start_timestamp, d.start_nanos_fraction, d.timestamp, d.nanos_fraction, NULL, NULL, d.count, d.sum, NULL, NULL, d.flags,
                 d.series_id
             FROM otel.summary_data_points AS d
         ) AS p
         LEFT JOIN otel.metric_series_dim AS s ON s.series_id = p.series_id
         LEFT JOIN otel.metrics_dim AS m ON m.metric_id = s.metric_id',
        'Data points of every type, one row each, without their buckets and quantiles: those are in the types'' own views.', 'number_data_points',
        seed_columns || '{
            "metric_type": "The metric''s type, in metric_types, which says where the rest of the point is; NULL where the series is not there (yet).",
            "count": "How many measurements a histogram or summary has; NULL for gauges and sums.",
            "sum": "Their sum; NULL where absent, and for gauges and sums.",
            "min": "The least of them; NULL where absent, and for other types than histograms.",
            "max": "The greatest of them; NULL where absent, and for other types than histograms."
        }');
END
$generate$;
