-- What sends telemetry: the resources seen last, with their attributes.
SELECT
    r.last_seen,
    r.service_name,
    r.environment,
    r.service_version,
    r.service_instance_id,
    (
        SELECT string_agg(
            u.key || '=' || coalesce(u.str_value, u.int_value::text, u.double_value::text, u.bool_value::text, u.bytes_value::text, u.other_value::text),
            ' ' ORDER BY u.key)
        FROM otel.resource_attrs_unified AS u
        WHERE u.resource_id = r.resource_id
    ) AS attributes
FROM otel.resources_dim AS r
ORDER BY r.last_seen DESC
LIMIT 50;
