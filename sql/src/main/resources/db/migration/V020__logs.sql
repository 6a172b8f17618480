-- Columns stand widest first, so that no padding is stored between them.

CREATE TABLE otel.logs_fact (
    id bigint NOT NULL,
    resource_id bigint NOT NULL,
    scope_id bigint NOT NULL,
    service_id bigint NOT NULL,
    timestamp timestamptz,
    observed_timestamp timestamptz,
    body_int bigint,
    body_double double precision,
    severity_number integer NOT NULL,
    body_type integer,
    flags integer NOT NULL,
    dropped_attributes_count integer NOT NULL,
    nanos_fraction smallint,
    observed_nanos_fraction smallint,
    body_bool boolean,
    trace_id bytea,
    span_id bytea,
    severity_text text COLLATE "C" NOT NULL,
    event_name text COLLATE "C" NOT NULL,
    body_str text COLLATE "C",
    body_bytes bytea,
    body_json jsonb,
    attributes_other jsonb,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- The log records of a trace. Most records have none.
CREATE INDEX ON otel.logs_fact (trace_id) WHERE trace_id IS NOT NULL;
-- The latest of a service. By the time that readers see: many producers set only when they observed a record, and in an
-- index on the timestamp alone those would all stand before the latest.
CREATE INDEX ON otel.logs_fact (service_id, coalesce(timestamp, observed_timestamp) DESC);
-- The latest errors, of all services: there are few, so that one service's are found among them.
CREATE INDEX ON otel.logs_fact (coalesce(timestamp, observed_timestamp) DESC) WHERE severity_number >= 17;
-- Event time within a partition that isn't excluded as a whole; costs nothing to maintain.
CREATE INDEX ON otel.logs_fact USING brin (coalesce(timestamp, observed_timestamp));

COMMENT ON TABLE otel.logs_fact IS 'Log records, one row each. Partitioned by id, which is by time of arrival.';
COMMENT ON COLUMN otel.logs_fact.id IS 'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound.';
COMMENT ON COLUMN otel.logs_fact.resource_id IS 'What produced the record, in resources_dim.';
COMMENT ON COLUMN otel.logs_fact.scope_id IS 'The library that produced the record, in scopes_dim.';
COMMENT ON COLUMN otel.logs_fact.service_id IS 'The service, in service_dim.';
COMMENT ON COLUMN otel.logs_fact.timestamp IS
    'When it happened, to the microsecond; NULL where unset. Indexes are on coalesce(timestamp, observed_timestamp).';
COMMENT ON COLUMN otel.logs_fact.nanos_fraction IS 'Nanoseconds of the timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.logs_fact.observed_timestamp IS 'When it was first observed, by a Collector say, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.logs_fact.observed_nanos_fraction IS
    'Nanoseconds of the observed timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.logs_fact.trace_id IS 'The trace that it belongs to, as it came; NULL where unset.';
COMMENT ON COLUMN otel.logs_fact.span_id IS 'OTLP''s id of the span that it belongs to, as it came; NULL where unset.';
COMMENT ON COLUMN otel.logs_fact.severity_number IS 'The severity, in log_severity_numbers; 0 where unset; an unknown number as it came.';
COMMENT ON COLUMN otel.logs_fact.severity_text IS 'The severity in the producer''s own words; empty where unset.';
COMMENT ON COLUMN otel.logs_fact.event_name IS 'The name of the event that the record is; empty where it is none.';
COMMENT ON COLUMN otel.logs_fact.body_type IS 'Which type the body has, in log_body_types: 0 where it has nothing set, NULL where there is none.';
COMMENT ON COLUMN otel.logs_fact.body_str IS
    'The body, where it is a string. It has U+2400 for U+0000; the exact text is then in attributes_other, under $fields.';
COMMENT ON COLUMN otel.logs_fact.body_int IS 'The body, where it is an int.';
COMMENT ON COLUMN otel.logs_fact.body_double IS 'The body, where it is a double.';
COMMENT ON COLUMN otel.logs_fact.body_bool IS 'The body, where it is a bool.';
COMMENT ON COLUMN otel.logs_fact.body_bytes IS 'The body, where it is bytes.';
COMMENT ON COLUMN otel.logs_fact.body_json IS 'The body, where it is an array or a kvlist, as a catch-all has it.';
COMMENT ON COLUMN otel.logs_fact.flags IS 'W3C trace flags. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.logs_fact.dropped_attributes_count IS 'How many attributes the producer dropped. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.logs_fact.attributes_other IS
    'Attributes that no typed table holds; NULL where there are none. Reserved keys beginning with $ say what JSON cannot.';
