CREATE TABLE otel.span_links (
    id bigint NOT NULL,
    parent_id bigint NOT NULL,
    flags integer NOT NULL,
    dropped_attributes_count integer NOT NULL,
    linked_trace_id bytea,
    linked_span_id bytea,
    trace_state text COLLATE "C" NOT NULL,
    attributes_other jsonb,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- The links of a span.
CREATE INDEX ON otel.span_links (parent_id);

COMMENT ON TABLE otel.span_links IS 'Links of spans to other spans, one row each; the ids of a span''s links ascend in their order.';
COMMENT ON COLUMN otel.span_links.id IS 'Unique and ascending with arrival.';
COMMENT ON COLUMN otel.span_links.parent_id IS 'The span that has the link, in spans_fact.';
COMMENT ON COLUMN otel.span_links.linked_trace_id IS 'The trace that is linked to; NULL where unset.';
COMMENT ON COLUMN otel.span_links.linked_span_id IS 'OTLP''s id of the span that is linked to; NULL where unset.';
COMMENT ON COLUMN otel.span_links.trace_state IS 'W3C trace state of the linked trace; empty where unset.';
COMMENT ON COLUMN otel.span_links.flags IS 'W3C trace flags and OTLP''s own bits. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.span_links.dropped_attributes_count IS 'How many attributes the producer dropped. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.span_links.attributes_other IS
    'Attributes that no typed table holds; NULL where there are none. Reserved keys beginning with $ say what JSON cannot.';
