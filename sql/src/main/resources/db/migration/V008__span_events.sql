CREATE TABLE otel.span_events (
    id bigint NOT NULL,
    parent_id bigint NOT NULL,
    timestamp timestamptz,
    dropped_attributes_count integer NOT NULL,
    nanos_fraction smallint,
    name text COLLATE "C" NOT NULL,
    attributes_other jsonb,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- The events of a span.
CREATE INDEX ON otel.span_events (parent_id);
CREATE INDEX ON otel.span_events USING brin (timestamp);

COMMENT ON TABLE otel.span_events IS 'Events of spans, one row each; the ids of a span''s events ascend in their order.';
COMMENT ON COLUMN otel.span_events.id IS 'Unique and ascending with arrival.';
COMMENT ON COLUMN otel.span_events.parent_id IS 'The span, in spans_fact.';
COMMENT ON COLUMN otel.span_events.timestamp IS 'When it happened, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.span_events.nanos_fraction IS 'Nanoseconds below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.span_events.name IS 'The event''s name.';
COMMENT ON COLUMN otel.span_events.dropped_attributes_count IS 'How many attributes the producer dropped. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.span_events.attributes_other IS
    'Attributes that no typed table holds; NULL where there are none. Reserved keys beginning with $ say what JSON cannot.';
