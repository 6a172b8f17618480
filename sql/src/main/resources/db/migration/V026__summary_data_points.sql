CREATE TABLE otel.summary_data_points (
    id bigint NOT NULL,
    series_id bigint NOT NULL,
    timestamp timestamptz,
    start_timestamp timestamptz,
    count bigint NOT NULL,
    sum double precision NOT NULL,
    flags integer NOT NULL,
    nanos_fraction smallint,
    start_nanos_fraction smallint,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- The points of a series in the order of time.
CREATE INDEX ON otel.summary_data_points (series_id, timestamp);
-- Event time within a partition that isn't excluded as a whole; costs nothing to maintain.
CREATE INDEX ON otel.summary_data_points USING brin (timestamp);

COMMENT ON TABLE otel.summary_data_points IS 'Points of summaries, one row each. Partitioned by id, which is by time of arrival.';
COMMENT ON COLUMN otel.summary_data_points.id IS 'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound.';
COMMENT ON COLUMN otel.summary_data_points.series_id IS 'The series, in metric_series_dim: metric, resource, scope and attributes.';
COMMENT ON COLUMN otel.summary_data_points.timestamp IS 'When it was measured, or until when, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.summary_data_points.nanos_fraction IS 'Nanoseconds of the timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.summary_data_points.start_timestamp IS 'Since when it counts, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.summary_data_points.start_nanos_fraction IS 'Nanoseconds of the start below the microsecond, 0 to 999; NULL where the start is unset.';
COMMENT ON COLUMN otel.summary_data_points.count IS 'How many measurements there are. An unsigned number: read it with u64().';
COMMENT ON COLUMN otel.summary_data_points.sum IS 'Their sum; 0 where unset.';
COMMENT ON COLUMN otel.summary_data_points.flags IS 'DataPointFlags: 1 says that no value was recorded. An unsigned number: read it with u32().';

CREATE TABLE otel.summary_quantiles (
    parent_id bigint NOT NULL,
    quantile double precision NOT NULL,
    value double precision NOT NULL,
    position integer NOT NULL
) PARTITION BY RANGE (parent_id);

-- The quantiles of a summary.
CREATE INDEX ON otel.summary_quantiles (parent_id);

COMMENT ON TABLE otel.summary_quantiles IS 'Quantiles of summaries, one row each.';
COMMENT ON COLUMN otel.summary_quantiles.parent_id IS 'The point, in summary_data_points.';
COMMENT ON COLUMN otel.summary_quantiles.position IS 'Which of the point''s quantiles it is, counted from 0.';
COMMENT ON COLUMN otel.summary_quantiles.quantile IS 'The quantile; 0 is the minimum, 1 the maximum. As it came: may lie outside.';
COMMENT ON COLUMN otel.summary_quantiles.value IS 'The value at the quantile.';
