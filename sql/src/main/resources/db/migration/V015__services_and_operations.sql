-- What spans are grouped by. Both are named by the hash of their columns, as resources and scopes are, and few enough to
-- be indexed for reading: a service has a row for each version, an operation only if its service's limit admits it.

CREATE TABLE otel.service_dim (
    service_id bigint PRIMARY KEY,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    service_hash text COLLATE "C" NOT NULL UNIQUE,
    name text COLLATE "C",
    namespace text COLLATE "C",
    environment text COLLATE "C",
    version text COLLATE "C",
    attributes_other jsonb
);

-- A service by its name, in all its versions. Hash, because a name may be of any length, and a B-tree refuses it over 2,704
-- bytes.
CREATE INDEX ON otel.service_dim USING hash (name);

COMMENT ON TABLE otel.service_dim IS 'Services: one row for each distinct name, namespace, environment and version. A NULL among them is absent, which is not empty.';
COMMENT ON COLUMN otel.service_dim.service_id IS 'The first 8 bytes of the hash, big-endian.';
COMMENT ON COLUMN otel.service_dim.service_hash IS 'SHA-256 of the canonical form, 64 hex digits. Covers name, namespace, environment and version.';
COMMENT ON COLUMN otel.service_dim.name IS 'service.name; NULL where the resource has none.';
COMMENT ON COLUMN otel.service_dim.namespace IS 'service.namespace; NULL where the resource has none.';
COMMENT ON COLUMN otel.service_dim.environment IS
    'deployment.environment.name, else the older deployment.environment; NULL where the resource has neither.';
COMMENT ON COLUMN otel.service_dim.version IS 'service.version; NULL where the resource has none.';
COMMENT ON COLUMN otel.service_dim.attributes_other IS
    'Under $fields the exact texts of columns whose text has U+0000, for which the column has U+2400; NULL where none has.';
COMMENT ON COLUMN otel.service_dim.first_seen IS 'Kafka timestamp of the record that had the service first. Never changes.';
COMMENT ON COLUMN otel.service_dim.last_seen IS 'The latest Kafka timestamp of a record that had the service, as of the last write. Only grows.';

CREATE TABLE otel.operation_dim (
    operation_id bigint PRIMARY KEY,
    service_id bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    span_kind integer NOT NULL,
    operation_hash text COLLATE "C" NOT NULL UNIQUE,
    name text COLLATE "C" NOT NULL,
    attributes_other jsonb
);

-- The operations of a service in the order of their names, or one of them by its name. The job admits names of at most
-- 1,024 bytes. None on the name alone: without the service it would find the same few names everywhere.
CREATE INDEX ON otel.operation_dim (service_id, name);

COMMENT ON TABLE otel.operation_dim IS
    'Operations: one row for each distinct service, span name and span kind that the service''s limit admitted. Spans of the others have an operation_id without a row here.';
COMMENT ON COLUMN otel.operation_dim.operation_id IS 'The first 8 bytes of the hash, big-endian.';
COMMENT ON COLUMN otel.operation_dim.operation_hash IS 'SHA-256 of the canonical form, 64 hex digits. Covers service, name and span kind.';
COMMENT ON COLUMN otel.operation_dim.service_id IS 'The service, in service_dim.';
COMMENT ON COLUMN otel.operation_dim.name IS 'The name of its spans.';
COMMENT ON COLUMN otel.operation_dim.span_kind IS 'The kind of its spans, in span_kinds; an unknown number as it came.';
COMMENT ON COLUMN otel.operation_dim.attributes_other IS
    'Under $fields the exact name, where it has U+0000, for which the column has U+2400; else NULL.';
COMMENT ON COLUMN otel.operation_dim.first_seen IS 'Kafka timestamp of the record that had the operation first. Never changes.';
COMMENT ON COLUMN otel.operation_dim.last_seen IS 'The latest Kafka timestamp of a record that had the operation, as of the last write. Only grows.';

COMMENT ON COLUMN otel.dimension_collisions.kind IS 'resource, scope, service or operation.';
COMMENT ON COLUMN otel.spans_fact.service_id IS 'The service, in service_dim.';
COMMENT ON COLUMN otel.spans_fact.operation_id IS 'The operation, in operation_dim if it was admitted: service, span name and kind.';
COMMENT ON COLUMN otel.resources_dim.service_id IS 'The service, in service_dim: name, namespace, environment and version.';
