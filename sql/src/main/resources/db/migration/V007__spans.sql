-- Columns stand widest first, so that no padding is stored between them.

CREATE TABLE otel.spans_fact (
    id bigint NOT NULL,
    resource_id bigint NOT NULL,
    scope_id bigint NOT NULL,
    service_id bigint NOT NULL,
    operation_id bigint NOT NULL,
    start_timestamp timestamptz,
    duration_ns bigint NOT NULL,
    kind integer NOT NULL,
    flags integer NOT NULL,
    status_code integer,
    dropped_attributes_count integer NOT NULL,
    dropped_events_count integer NOT NULL,
    dropped_links_count integer NOT NULL,
    start_nanos_fraction smallint,
    trace_id bytea,
    span_id bytea,
    parent_span_id bytea,
    name text COLLATE "C" NOT NULL,
    trace_state text COLLATE "C" NOT NULL,
    status_message text COLLATE "C",
    attributes_other jsonb,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- A trace by its id.
CREATE INDEX ON otel.spans_fact (trace_id);
-- The latest spans of a resource or service.
CREATE INDEX ON otel.spans_fact (resource_id, start_timestamp DESC);
-- Event time within a partition that isn't excluded as a whole; costs nothing to maintain.
CREATE INDEX ON otel.spans_fact USING brin (start_timestamp);

COMMENT ON TABLE otel.spans_fact IS 'Spans, one row each. Partitioned by id, which is by time of arrival.';
COMMENT ON COLUMN otel.spans_fact.id IS 'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound.';
COMMENT ON COLUMN otel.spans_fact.resource_id IS 'What produced the span, in resources_dim.';
COMMENT ON COLUMN otel.spans_fact.scope_id IS 'The library that produced the span, in scopes_dim.';
COMMENT ON COLUMN otel.spans_fact.service_id IS 'The service: name, namespace, environment and version.';
COMMENT ON COLUMN otel.spans_fact.operation_id IS 'The operation: service, span name and kind.';
COMMENT ON COLUMN otel.spans_fact.start_timestamp IS 'Start, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.spans_fact.start_nanos_fraction IS 'Nanoseconds of the start below the microsecond, 0 to 999; NULL where the start is unset.';
COMMENT ON COLUMN otel.spans_fact.duration_ns IS
    'End minus start in nanoseconds, modulo 2^64 as two''s complement; negative where the end lies before the start. An unset start counts as 0 here.';
COMMENT ON COLUMN otel.spans_fact.trace_id IS 'The trace, as it came; NULL where unset.';
COMMENT ON COLUMN otel.spans_fact.span_id IS 'OTLP''s id of the span, as it came; NULL where unset.';
COMMENT ON COLUMN otel.spans_fact.parent_span_id IS 'OTLP''s id of the parent span; NULL for a root span.';
COMMENT ON COLUMN otel.spans_fact.trace_state IS 'W3C trace state; empty where unset.';
COMMENT ON COLUMN otel.spans_fact.name IS 'The span''s name.';
COMMENT ON COLUMN otel.spans_fact.kind IS 'The kind, in span_kinds; an unknown number as it came.';
COMMENT ON COLUMN otel.spans_fact.flags IS 'W3C trace flags and OTLP''s own bits. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.spans_fact.status_code IS 'The status, in status_codes; NULL where the span has no status at all.';
COMMENT ON COLUMN otel.spans_fact.status_message IS 'The status''s message; NULL where the span has no status at all.';
COMMENT ON COLUMN otel.spans_fact.dropped_attributes_count IS 'How many attributes the producer dropped. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.spans_fact.dropped_events_count IS 'How many events the producer dropped. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.spans_fact.dropped_links_count IS 'How many links the producer dropped. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.spans_fact.attributes_other IS
    'Attributes that no typed table holds; NULL where there are none. Reserved keys beginning with $ say what JSON cannot.';
