CREATE TABLE otel.exemplars (
    id bigint NOT NULL,
    parent_id bigint NOT NULL,
    timestamp timestamptz,
    int_value bigint,
    double_value double precision,
    nanos_fraction smallint,
    trace_id bytea,
    span_id bytea,
    attributes_other jsonb,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- The exemplars of a point.
CREATE INDEX ON otel.exemplars (parent_id);
-- The exemplars of a trace.
CREATE INDEX ON otel.exemplars (trace_id) WHERE trace_id IS NOT NULL;

COMMENT ON TABLE otel.exemplars IS
    'Exemplars of data points: single measurements with their traces, one row each; the ids of a point''s exemplars ascend in their order.';
COMMENT ON COLUMN otel.exemplars.id IS 'Unique and ascending with arrival.';
COMMENT ON COLUMN otel.exemplars.parent_id IS
    'The point, in number_data_points, histogram_data_points or exp_histogram_data_points: ids are unique over the three.';
COMMENT ON COLUMN otel.exemplars.timestamp IS 'When it was measured, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.exemplars.nanos_fraction IS 'Nanoseconds below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.exemplars.int_value IS 'The measurement, where it is an int. Both values are NULL where the exemplar has none.';
COMMENT ON COLUMN otel.exemplars.double_value IS 'The measurement, where it is a double.';
COMMENT ON COLUMN otel.exemplars.trace_id IS 'The trace within which it was measured, as it came; NULL where unset.';
COMMENT ON COLUMN otel.exemplars.span_id IS 'OTLP''s id of the span within which it was measured, as it came; NULL where unset.';
COMMENT ON COLUMN otel.exemplars.attributes_other IS
    'Attributes that no typed table holds; NULL where there are none. Reserved keys beginning with $ say what JSON cannot.';
