CREATE TABLE otel.exp_histogram_data_points (
    id bigint NOT NULL,
    series_id bigint NOT NULL,
    timestamp timestamptz,
    start_timestamp timestamptz,
    count bigint NOT NULL,
    sum double precision,
    min double precision,
    max double precision,
    zero_count bigint NOT NULL,
    zero_threshold double precision NOT NULL,
    scale integer NOT NULL,
    flags integer NOT NULL,
    positive_offset integer,
    negative_offset integer,
    nanos_fraction smallint,
    start_nanos_fraction smallint,
    positive_bucket_counts bigint[],
    negative_bucket_counts bigint[],
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- The points of a series in the order of time.
CREATE INDEX ON otel.exp_histogram_data_points (series_id, timestamp);
-- Event time within a partition that isn't excluded as a whole; costs nothing to maintain.
CREATE INDEX ON otel.exp_histogram_data_points USING brin (timestamp);

COMMENT ON TABLE otel.exp_histogram_data_points IS 'Points of exponential histograms, one row each. Partitioned by id, which is by time of arrival.';
COMMENT ON COLUMN otel.exp_histogram_data_points.id IS 'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound.';
COMMENT ON COLUMN otel.exp_histogram_data_points.series_id IS 'The series, in metric_series_dim: metric, resource, scope and attributes.';
COMMENT ON COLUMN otel.exp_histogram_data_points.timestamp IS 'When it was measured, or until when, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.exp_histogram_data_points.nanos_fraction IS 'Nanoseconds of the timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.exp_histogram_data_points.start_timestamp IS 'Since when it counts, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.exp_histogram_data_points.start_nanos_fraction IS 'Nanoseconds of the start below the microsecond, 0 to 999; NULL where the start is unset.';
COMMENT ON COLUMN otel.exp_histogram_data_points.count IS 'How many measurements there are. An unsigned number: read it with u64().';
COMMENT ON COLUMN otel.exp_histogram_data_points.sum IS 'Their sum; NULL where absent.';
COMMENT ON COLUMN otel.exp_histogram_data_points.min IS 'The least of them; NULL where absent.';
COMMENT ON COLUMN otel.exp_histogram_data_points.max IS 'The greatest of them; NULL where absent.';
COMMENT ON COLUMN otel.exp_histogram_data_points.scale IS
    'Bucket i, counted from the offset, has the values above base^i up to base^(i+1), where base is 2^(2^-scale).';
COMMENT ON COLUMN otel.exp_histogram_data_points.zero_count IS
    'How many are zero, or between -zero_threshold and zero_threshold. An unsigned number: read it with u64().';
COMMENT ON COLUMN otel.exp_histogram_data_points.zero_threshold IS 'The width of the zero bucket; 0 where unset.';
COMMENT ON COLUMN otel.exp_histogram_data_points.positive_offset IS
    'The index of the first positive bucket; NULL where the message for positive values is absent.';
COMMENT ON COLUMN otel.exp_histogram_data_points.positive_bucket_counts IS
    'How many are in each positive bucket, in unsigned numbers: read each with u64(). NULL where the message is absent, empty where it has no counts.';
COMMENT ON COLUMN otel.exp_histogram_data_points.negative_offset IS
    'The index of the first negative bucket; NULL where the message for negative values is absent.';
COMMENT ON COLUMN otel.exp_histogram_data_points.negative_bucket_counts IS
    'How many are in each negative bucket, by absolute value, in unsigned numbers: read each with u64(). NULL where the message is absent, empty where it has no counts.';
COMMENT ON COLUMN otel.exp_histogram_data_points.flags IS 'DataPointFlags: 1 says that no value was recorded. An unsigned number: read it with u32().';
