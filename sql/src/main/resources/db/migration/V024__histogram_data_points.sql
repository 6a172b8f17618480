CREATE TABLE otel.histogram_data_points (
    id bigint NOT NULL,
    series_id bigint NOT NULL,
    timestamp timestamptz,
    start_timestamp timestamptz,
    count bigint NOT NULL,
    sum double precision,
    min double precision,
    max double precision,
    flags integer NOT NULL,
    nanos_fraction smallint,
    start_nanos_fraction smallint,
    bucket_counts bigint[] NOT NULL,
    explicit_bounds double precision[] NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- The points of a series in the order of time.
CREATE INDEX ON otel.histogram_data_points (series_id, timestamp);
-- Event time within a partition that isn't excluded as a whole; costs nothing to maintain.
CREATE INDEX ON otel.histogram_data_points USING brin (timestamp);

COMMENT ON TABLE otel.histogram_data_points IS 'Points of histograms with explicit bounds, one row each. Partitioned by id, which is by time of arrival.';
COMMENT ON COLUMN otel.histogram_data_points.id IS 'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound.';
COMMENT ON COLUMN otel.histogram_data_points.series_id IS 'The series, in metric_series_dim: metric, resource, scope and attributes.';
COMMENT ON COLUMN otel.histogram_data_points.timestamp IS 'When it was measured, or until when, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.histogram_data_points.nanos_fraction IS 'Nanoseconds of the timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.histogram_data_points.start_timestamp IS 'Since when it counts, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.histogram_data_points.start_nanos_fraction IS 'Nanoseconds of the start below the microsecond, 0 to 999; NULL where the start is unset.';
COMMENT ON COLUMN otel.histogram_data_points.count IS 'How many measurements there are. An unsigned number: read it with u64().';
COMMENT ON COLUMN otel.histogram_data_points.sum IS 'Their sum; NULL where absent.';
COMMENT ON COLUMN otel.histogram_data_points.min IS 'The least of them; NULL where absent.';
COMMENT ON COLUMN otel.histogram_data_points.max IS 'The greatest of them; NULL where absent.';
COMMENT ON COLUMN otel.histogram_data_points.bucket_counts IS
    'How many are in each bucket, in unsigned numbers: read each with u64(). Empty where there are no buckets. As it came: producers may send more or fewer than one more than bounds.';
COMMENT ON COLUMN otel.histogram_data_points.explicit_bounds IS
    'The upper bounds of the buckets but the last, inclusive. As it came: may not ascend.';
COMMENT ON COLUMN otel.histogram_data_points.flags IS 'DataPointFlags: 1 says that no value was recorded. An unsigned number: read it with u32().';
