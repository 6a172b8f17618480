-- The names of the documents that this store grew from, so that their queries run as they are. Plain views, one relation each
-- where that is possible, columns passed on bare: conditions on them reach indexes and partitions, and joins that a query
-- doesn't need are left out. Unsigned numbers have their value here. sql/README.md lists what differs.

DO $$
BEGIN
    -- Not IF NOT EXISTS: that asks for the right to create schemas even where there is nothing to create.
    IF to_regnamespace('otel_seed') IS NULL THEN
        CREATE SCHEMA otel_seed;
    END IF;
END
$$;
COMMENT ON SCHEMA otel_seed IS
    'The tables of schema otel under the names of the original design documents: views, and promote_attribute. SET search_path = otel_seed, otel and their queries run.';

CREATE OR REPLACE PROCEDURE otel.create_seed_view(name text, query text, described text, base text, columns jsonb DEFAULT '{}')
    LANGUAGE plpgsql
AS $$
DECLARE
    col record;
BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW otel_seed.%I AS %s', name, query);
    EXECUTE format('COMMENT ON VIEW otel_seed.%I IS %L', name, described);
    FOR col IN
        SELECT a.attname,
            coalesce(columns ->> a.attname, regexp_replace(
                col_description(b.attrelid, b.attnum), ',? (An|in) unsigned numbers?: read (it|each) with u(32|64)\(\)', '')) AS description
        FROM pg_attribute AS a
        LEFT JOIN pg_attribute AS b ON b.attrelid = to_regclass('otel.' || base) AND b.attname = coalesce(columns ->> ('=' || a.attname), a.attname)
        WHERE a.attrelid = format('otel_seed.%I', name)::regclass AND a.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN otel_seed.%I.%I IS %L', name, col.attname, regexp_replace(col.description, '\.+$', '.'));
    END LOOP;
END
$$;
COMMENT ON PROCEDURE otel.create_seed_view(text, text, text, text, jsonb) IS
    'Part of otel_seed: creates a view there with its comments. A column has the comment that columns gives it, else that of base''s column of its name, or of the name that columns has under "=name".';

CREATE OR REPLACE PROCEDURE otel.create_seed_attribute_views(
    context text, owner text, described text, owner_described text, base_context text, query text)
    LANGUAGE plpgsql
AS $$
DECLARE
    kind record;
BEGIN
    FOR kind IN
        SELECT * FROM (VALUES
            ('string', 'a.key_id, a.value', 'Promoted attributes of type string of '), ('int', 'a.key_id, a.value', 'Promoted attributes of type int of '),
            ('double', 'a.key_id, a.value', 'Promoted attributes of type double of '), ('bool', 'a.key_id, a.value', 'Promoted attributes of type bool of '),
            ('bytes', 'a.key_id, a.value', 'Promoted attributes of type bytes of '), ('other', 'a.attributes', 'Attributes that no typed table holds, of '),
            (
                'unified', 'a.key, a.type, a.str_value, a.int_value, a.double_value, a.bool_value, a.bytes_value, a.other_value',
                'All attributes, typed ones and the catch-all''s, of '
            )
        ) AS k (name, columns, described)
    LOOP
        CALL otel.create_seed_view(
            context || '_attrs_' || kind.name, format(query, kind.columns, base_context || '_attrs_' || kind.name), kind.described || described || '.',
            base_context || '_attrs_' || kind.name, jsonb_build_object(owner, owner_described));
    END LOOP;
END
$$;
COMMENT ON PROCEDURE otel.create_seed_attribute_views(text, text, text, text, text, text) IS
    'Part of otel_seed: creates the seven views <context>_attrs_… of an owner''s attributes. query selects from those of base_context: a format of the columns and the table, which it calls a.';

CREATE OR REPLACE FUNCTION otel.end_nanos_of_span(start_timestamp timestamptz, start_nanos_fraction smallint, duration_ns bigint) RETURNS smallint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE
        WHEN start_timestamp < timestamptz '2200-01-01 00:00:00+00' AND duration_ns BETWEEN 0 AND 1000000000000000000
            THEN (duration_ns + start_nanos_fraction) % 1000
        ELSE mod(
            nullif(
                mod(
                    coalesce(extract(epoch FROM start_timestamp) * 1000000000 + start_nanos_fraction, 0) + duration_ns + 18446744073709551616,
                    18446744073709551616),
                0),
            1000)
        END::smallint;
COMMENT ON FUNCTION otel.end_nanos_of_span(timestamptz, smallint, bigint) IS
    'Nanoseconds of end_of_span below the microsecond, 0 to 999; NULL where the end is unset.';

DO $generate$
DECLARE
    copied record;
    context record;
    type text;
BEGIN
    FOREACH type IN ARRAY ARRAY['span_kinds', 'status_codes', 'log_severity_numbers', 'log_body_types', 'metric_types', 'aggregation_temporalities']
    LOOP
        CALL otel.create_seed_view(
            type, format('SELECT id, name, description FROM otel.%I', type), obj_description(format('otel.%I', type)::regclass, 'pg_class'), type);
    END LOOP;

    FOR copied IN
        SELECT * FROM (VALUES
            ('attribute_keys', 'key_id, key, value_type, description, is_indexed, is_searchable, created_at'),
            (
                'resources_dim',
                'resource_id, resource_hash, service_name, service_namespace, service_instance_id, service_version, schema_url,
                 otel.u32(dropped_attributes_count) AS dropped_attributes_count, first_seen, last_seen,
                 service_id, environment, present, policy_dropped_count, entity_refs'
            ),
            (
                'scopes_dim',
                'scope_id, scope_hash, name, version, schema_url, otel.u32(dropped_attributes_count) AS dropped_attributes_count, first_seen, last_seen,
                 present'
            ),
            ('service_dim', 'service_id, service_hash, name, namespace, environment, version, first_seen, last_seen'),
            ('operation_dim', 'operation_id, operation_hash, service_id, name, span_kind, first_seen, last_seen'),
            (
                'metrics_dim',
                'metric_id, metric_hash, metric_identity_hash, name, metric_type, unit, aggregation_temporality, is_monotonic, description, metadata,
                 first_seen, last_seen'
            )
        ) AS c (name, columns)
    LOOP
        CALL otel.create_seed_view(
            copied.name, format('SELECT %s FROM otel.%I', copied.columns, copied.name),
            obj_description(format('otel.%I', copied.name)::regclass, 'pg_class'), copied.name);
    END LOOP;

    CALL otel.create_seed_view(
        'spans_fact',
        'SELECT id, resource_id, scope_id, trace_id, span_id, parent_span_id, trace_state, name, kind, otel.u32(flags) AS flags,
             start_timestamp, start_nanos_fraction, otel.end_of_span(start_timestamp, start_nanos_fraction, duration_ns) AS end_timestamp,
             otel.end_nanos_of_span(start_timestamp, start_nanos_fraction, duration_ns) AS end_nanos_fraction,
             duration_ns AS duration_time_unix_nano, coalesce(status_code, 0) AS status_code, status_message AS status_status_message,
             otel.u32(dropped_attributes_count) AS dropped_attributes_count, otel.u32(dropped_events_count) AS dropped_events_count,
             otel.u32(dropped_links_count) AS dropped_links_count, service_id, operation_id
         FROM otel.spans_fact',
        'Spans, one row each. id is what the attributes'', events'' and links'' span_id names; span_id is OTLP''s.', 'spans_fact',
        '{"end_timestamp": "End, to the microsecond below; NULL where unset. Computed from start and duration.",
          "end_nanos_fraction": "Nanoseconds of the end below the microsecond, 0 to 999; NULL where the end is unset.",
          "=duration_time_unix_nano": "duration_ns", "=status_status_message": "status_message",
          "status_code": "The status, in status_codes; 0 also where the span has no status at all; an unknown number as it came."}');
    CALL otel.create_seed_view(
        'span_events',
        'SELECT id AS event_id, parent_id AS span_id, timestamp AS time_timestamp, nanos_fraction AS time_nanos_fraction, name,
             otel.u32(dropped_attributes_count) AS dropped_attributes_count
         FROM otel.span_events',
        'Events of spans, one row each; the ids of a span''s events ascend in their order.', 'span_events',
        '{"=event_id": "id", "span_id": "The span, spans_fact.id.", "=time_timestamp": "timestamp", "=time_nanos_fraction": "nanos_fraction"}');
    CALL otel.create_seed_view(
        'span_links',
        'SELECT id AS link_id, parent_id AS span_id, linked_trace_id, linked_span_id, trace_state, otel.u32(flags) AS flags,
             otel.u32(dropped_attributes_count) AS dropped_attributes_count
         FROM otel.span_links',
        'Links of spans to other spans, one row each; the ids of a span''s links ascend in their order.', 'span_links',
        '{"=link_id": "id", "span_id": "The span that has the link, spans_fact.id."}');
    CALL otel.create_seed_view(
        'logs_fact',
        'SELECT id, resource_id, scope_id, timestamp AS time_timestamp, nanos_fraction AS time_nanos_fraction, observed_timestamp,
             observed_nanos_fraction, trace_id, span_id, severity_number, severity_text, event_name, body_type, body_str, body_int, body_double, body_bool,
             body_bytes, body_json, otel.u32(flags) AS flags, otel.u32(dropped_attributes_count) AS dropped_attributes_count, service_id
         FROM otel.logs_fact',
        'Log records, one row each.', 'logs_fact', '{"=time_timestamp": "timestamp", "=time_nanos_fraction": "nanos_fraction"}');

    FOR context IN
        SELECT * FROM (VALUES
            ('resource', 'resource_id', 'resource_id', 'resources', 'The resource.'),
            ('scope', 'scope_id', 'scope_id', 'scopes', 'The scope.'),
            ('span', 'parent_id', 'span_id', 'spans', 'The span, spans_fact.id.'),
            ('span_event', 'parent_id', 'event_id', 'events of spans', 'The event, in span_events.'),
            ('span_link', 'parent_id', 'link_id', 'links of spans', 'The link, in span_links.'),
            ('log', 'parent_id', 'log_id', 'log records', 'The log record, logs_fact.id.')
        ) AS c (name, owner, seed_owner, described, owner_described)
    LOOP
        CALL otel.create_seed_attribute_views(
            context.name, context.seed_owner, context.described, context.owner_described, context.name,
            format('SELECT a.%I AS %I, %%s FROM otel.%%I AS a', context.owner, context.seed_owner));
    END LOOP;
END
$generate$;
