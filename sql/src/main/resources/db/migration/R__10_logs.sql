-- Log records as a reader wants to see them, in the manner of spans: what isn't selected costs nothing, and the facts' own
-- columns are passed on bare, so that conditions on them reach indexes and partitions.

DO $generate$
DECLARE
    convention record;
BEGIN
    EXECUTE format(
        $view$
CREATE OR REPLACE VIEW otel.logs AS
SELECT
    l.id,
    coalesce(l.timestamp, l.observed_timestamp) AS time,
    r.service_name,
    coalesce(n.name, l.severity_number::text) AS severity,
    coalesce(
        l.body_str, l.body_json::text, l.body_int::text, l.body_double::text, l.body_bool::text, '\x' || encode(l.body_bytes, 'hex')) AS body,
    l.event_name,
    encode(l.trace_id, 'hex') AS trace_id,
    encode(l.span_id, 'hex') AS span_id,
    r.service_namespace,
    r.environment,
    r.service_version,
    r.service_instance_id,
    sc.name AS scope_name,
    sc.version AS scope_version,
    %1$s AS attributes,
    %2$s AS resource_attributes,
    l.severity_number,
    l.severity_text,
    coalesce(t.name, l.body_type::text) AS body_type,
    otel.u32(l.flags) AS flags,
    otel.u32(l.dropped_attributes_count) AS dropped_attributes_count,
    l.timestamp,
    l.nanos_fraction,
    l.observed_timestamp,
    l.observed_nanos_fraction,
    l.body_str,
    l.body_int,
    l.body_double,
    l.body_bool,
    l.body_bytes,
    l.body_json,
    l.resource_id,
    l.scope_id,
    l.service_id,
    l.trace_id AS trace_id_bytes,
    l.span_id AS span_id_bytes,
    %3$s
FROM otel.logs_fact AS l
LEFT JOIN otel.resources_dim AS r ON r.resource_id = l.resource_id
LEFT JOIN otel.scopes_dim AS sc ON sc.scope_id = l.scope_id
LEFT JOIN otel.log_severity_numbers AS n ON n.id = l.severity_number
LEFT JOIN otel.log_body_types AS t ON t.id = l.body_type
$view$,
        otel.attributes_expression('log', 'parent_id', 'l.id'), otel.attributes_expression('resource', 'resource_id', 'l.resource_id'),
        (SELECT string_agg(c.expression || ' AS ' || c.name, E',\n    ') FROM otel.convention_columns('log', 'parent_id', 'l.id') AS c));

    FOR convention IN
        SELECT c.name, c.description FROM otel.convention_columns('log', 'parent_id', 'l.id') AS c
    LOOP
        EXECUTE format(
            'COMMENT ON COLUMN otel.logs.%I IS %L', convention.name,
            'Attribute ' || convention.description || '; NULL where it has neither, or of another type. To read, not to search: no index has it.');
    END LOOP;
END
$generate$;

COMMENT ON VIEW otel.logs IS
    'Log records with names instead of numbers, one row each, also where a dimension is not there (yet): its columns are NULL then. Bound it by arrival, id >= id_at(now() - interval ''1 hour''), and only the partitions of that time are read. Columns that are not selected cost nothing; attributes and resource_attributes cost an index lookup in five tables for each row.';
COMMENT ON COLUMN otel.logs.id IS 'Unique and ascending with arrival: arrival_of(id) is the time, id_at(t) the bound. The attribute tables'' parent_id.';
COMMENT ON COLUMN otel.logs.time IS 'When it happened, else when it was observed; NULL where neither is set. As it is indexed.';
COMMENT ON COLUMN otel.logs.service_name IS 'service.name of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.logs.severity IS 'The name of its severity_number: TRACE to FATAL4, or UNSPECIFIED; an unknown number as it came.';
COMMENT ON COLUMN otel.logs.body IS
    'The body as text: a string as it is, arrays and kvlists as JSON, bytes as \x and hex digits; NULL where there is none or it has nothing set.';
COMMENT ON COLUMN otel.logs.event_name IS 'The name of the event that the record is; empty where it is none.';
COMMENT ON COLUMN otel.logs.trace_id IS
    'The trace as lowercase hex digits; NULL where unset. To read, not to search: no index has it. Use trace_id_bytes = ''\x…''.';
COMMENT ON COLUMN otel.logs.span_id IS 'OTLP''s id of the span as lowercase hex digits; NULL where unset.';
COMMENT ON COLUMN otel.logs.service_namespace IS 'service.namespace of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.logs.environment IS
    'deployment.environment.name of its resource, else the older deployment.environment; NULL where it has neither.';
COMMENT ON COLUMN otel.logs.service_version IS 'service.version of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.logs.service_instance_id IS 'service.instance.id of its resource; NULL where it has none.';
COMMENT ON COLUMN otel.logs.scope_name IS 'Name of the library that produced the record; empty where unset.';
COMMENT ON COLUMN otel.logs.scope_version IS 'Version of the library that produced the record; empty where unset.';
COMMENT ON COLUMN otel.logs.attributes IS
    'All attributes that are stored, typed ones and the catch-all''s, as the catch-all writes them: a double has a fraction, reserved keys beginning with $ say what JSON cannot.';
COMMENT ON COLUMN otel.logs.resource_attributes IS 'All attributes of its resource that are stored, in the same form.';
COMMENT ON COLUMN otel.logs.severity_number IS 'The severity: a higher number is more severe, 17 and more are errors, 0 is unset. As it is indexed.';
COMMENT ON COLUMN otel.logs.severity_text IS 'The severity in the producer''s own words; empty where unset.';
COMMENT ON COLUMN otel.logs.body_type IS
    'STRING, INT, DOUBLE, BOOL, BYTES, ARRAY or KVLIST, EMPTY where the body has nothing set; an unknown number as it came; NULL where there is no body.';
COMMENT ON COLUMN otel.logs.flags IS 'W3C trace flags.';
COMMENT ON COLUMN otel.logs.dropped_attributes_count IS 'How many attributes the producer dropped.';
COMMENT ON COLUMN otel.logs.timestamp IS 'When it happened, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.logs.nanos_fraction IS 'Nanoseconds of the timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.logs.observed_timestamp IS 'When it was first observed, by a Collector say, to the microsecond; NULL where unset.';
COMMENT ON COLUMN otel.logs.observed_nanos_fraction IS
    'Nanoseconds of the observed timestamp below the microsecond, 0 to 999; NULL where the time is unset.';
COMMENT ON COLUMN otel.logs.body_str IS 'The body, where it is a string, with U+2400 for U+0000.';
COMMENT ON COLUMN otel.logs.body_int IS 'The body, where it is an int.';
COMMENT ON COLUMN otel.logs.body_double IS 'The body, where it is a double.';
COMMENT ON COLUMN otel.logs.body_bool IS 'The body, where it is a bool.';
COMMENT ON COLUMN otel.logs.body_bytes IS 'The body, where it is bytes.';
COMMENT ON COLUMN otel.logs.body_json IS 'The body, where it is an array or a kvlist, as a catch-all has it.';
COMMENT ON COLUMN otel.logs.resource_id IS 'What produced the record, in resources_dim.';
COMMENT ON COLUMN otel.logs.scope_id IS 'The library that produced the record, in scopes_dim.';
COMMENT ON COLUMN otel.logs.service_id IS 'The service, in service_dim. As it is indexed.';
COMMENT ON COLUMN otel.logs.trace_id_bytes IS 'The trace, as it came and as it is indexed; NULL where unset.';
COMMENT ON COLUMN otel.logs.span_id_bytes IS 'OTLP''s id of the span, as it came; NULL where unset.';
