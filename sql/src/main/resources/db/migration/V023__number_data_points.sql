CREATE TABLE otel.number_data_points (
    id bigint NOT NULL,
    series_id bigint NOT NULL,
    timestamp timestamptz,
    start_timestamp timestamptz,
    int_value bigint,
    double_value double precision,
    flags integer NOT NULL,
    nanos_fraction smallint,
    start_nanos_fraction smallint,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- The points of a series in the order of time.
CREATE INDEX ON otel.number_data_points (series_id, timestamp);
-- Event time within a partition that isn't excluded as a whole; costs nothing to maintain.
CREATE INDEX ON otel.number_data_points USING brin (timestamp);

COMMENT ON TABLE otel.number_data_points IS 'Points of gauges and sums, one row each. Partitioned by id, which is by time of arrival.';
COMMENT ON COLUMN otel.number_data_points.id IS 'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound.';
COMMENT ON COLUMN otel.number_data_points.series_id IS 'The series, in metric_series_dim: metric, resource, scope and attributes.';
COMMENT ON COLUMN otel.number_data_points.timestamp IS 'When it was measured, or until when, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.number_data_points.nanos_fraction IS 'Nanoseconds of the timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.number_data_points.start_timestamp IS 'Since when it counts, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.number_data_points.start_nanos_fraction IS 'Nanoseconds of the start below the microsecond, 0 to 999; NULL where the start is unset.';
COMMENT ON COLUMN otel.number_data_points.int_value IS 'The value, where it is an int. Both values are NULL where the point has none.';
COMMENT ON COLUMN otel.number_data_points.double_value IS 'The value, where it is a double.';
COMMENT ON COLUMN otel.number_data_points.flags IS 'DataPointFlags: 1 says that no value was recorded. An unsigned number: read it with u32().';
