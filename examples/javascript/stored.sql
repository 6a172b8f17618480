-- All that the tables say of the trace TRACE_ID, with the type of each attribute, as one JSON value.
WITH typed AS (
    SELECT 'span' AS context, parent_id AS owner, key, type, str_value, int_value, double_value, bool_value, other_value
    FROM span_attrs_unified WHERE parent_id IN (SELECT id FROM spans_fact WHERE trace_id = '\xTRACE_ID')
    UNION ALL
    SELECT 'event', parent_id, key, type, str_value, int_value, double_value, bool_value, other_value
    FROM span_event_attrs_unified
    WHERE parent_id IN (
        SELECT e.id FROM span_events AS e JOIN spans_fact AS s ON s.id = e.parent_id WHERE s.trace_id = '\xTRACE_ID')
    UNION ALL
    SELECT 'link', parent_id, key, type, str_value, int_value, double_value, bool_value, other_value
    FROM span_link_attrs_unified
    WHERE parent_id IN (
        SELECT l.id FROM span_links AS l JOIN spans_fact AS s ON s.id = l.parent_id WHERE s.trace_id = '\xTRACE_ID')
    UNION ALL
    SELECT 'resource', resource_id, key, type, str_value, int_value, double_value, bool_value, other_value
    FROM resource_attrs_unified
    WHERE resource_id IN (SELECT resource_id FROM spans_fact WHERE trace_id = '\xTRACE_ID')
), attributes AS (
    SELECT context, owner, jsonb_object_agg(key, jsonb_build_array(type, coalesce(
        to_jsonb(str_value), to_jsonb(int_value), to_jsonb(double_value), to_jsonb(bool_value), other_value))) AS list
    FROM typed
    GROUP BY context, owner
)
SELECT jsonb_agg(jsonb_build_object(
    'name', s.name, 'kind', s.kind, 'status', s.status, 'status_message', s.status_message, 'duration_ms', s.duration_ms,
    'parent', (
        SELECT p.name FROM spans_fact AS p WHERE p.trace_id = s.trace_id_bytes AND p.span_id = s.parent_span_id_bytes),
    'attributes', (SELECT list FROM attributes WHERE context = 'span' AND owner = s.id),
    'events', (
        SELECT jsonb_agg(jsonb_build_object(
            'name', e.name,
            'after_ms', extract(epoch FROM e.timestamp - s.start_timestamp) * 1000,
            'attributes', (SELECT list FROM attributes WHERE context = 'event' AND owner = e.id)) ORDER BY e.id)
        FROM span_events AS e WHERE e.parent_id = s.id),
    'links', (
        SELECT jsonb_agg(jsonb_build_object(
            'trace', encode(l.linked_trace_id, 'hex'), 'span', encode(l.linked_span_id, 'hex'),
            'trace_state', l.trace_state,
            'attributes', (SELECT list FROM attributes WHERE context = 'link' AND owner = l.id)) ORDER BY l.id)
        FROM span_links AS l WHERE l.parent_id = s.id),
    'resource', (SELECT list FROM attributes WHERE context = 'resource' AND owner = s.resource_id),
    'scope', (
        SELECT jsonb_build_object('name', c.name, 'version', c.version, 'schema_url', c.schema_url)
        FROM scopes_dim AS c WHERE c.scope_id = s.scope_id)
) ORDER BY s.start_timestamp) AS trace
FROM spans AS s
WHERE s.trace_id_bytes = '\xTRACE_ID';
