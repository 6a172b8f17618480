-- Resources and scopes, stored once. The id is the first 8 bytes of the hash, so that facts can name a dimension
-- without asking the database for a number.

CREATE TABLE otel.resources_dim (
    resource_id bigint PRIMARY KEY,
    service_id bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    dropped_attributes_count integer NOT NULL,
    policy_dropped_count integer NOT NULL,
    present boolean NOT NULL,
    resource_hash text COLLATE "C" NOT NULL UNIQUE,
    schema_url text COLLATE "C" NOT NULL,
    service_name text COLLATE "C",
    service_namespace text COLLATE "C",
    service_version text COLLATE "C",
    service_instance_id text COLLATE "C",
    environment text COLLATE "C",
    entity_refs jsonb
);
COMMENT ON TABLE otel.resources_dim IS 'Resources: what produced the telemetry. One row for each distinct resource and schema URL.';
COMMENT ON COLUMN otel.resources_dim.resource_id IS 'The first 8 bytes of the hash, big-endian.';
COMMENT ON COLUMN otel.resources_dim.resource_hash IS
    'SHA-256 of the canonical form, 64 hex digits. Covers every field and all attributes, also those that the policy drops.';
COMMENT ON COLUMN otel.resources_dim.present IS 'False where the message had no resource at all, which is not an empty one.';
COMMENT ON COLUMN otel.resources_dim.service_id IS 'The service: name, namespace, environment and version.';
COMMENT ON COLUMN otel.resources_dim.service_name IS 'service.name; NULL where the resource has none.';
COMMENT ON COLUMN otel.resources_dim.service_namespace IS 'service.namespace; NULL where the resource has none.';
COMMENT ON COLUMN otel.resources_dim.service_version IS 'service.version; NULL where the resource has none.';
COMMENT ON COLUMN otel.resources_dim.service_instance_id IS 'service.instance.id; NULL where the resource has none.';
COMMENT ON COLUMN otel.resources_dim.environment IS
    'deployment.environment.name, else the older deployment.environment; NULL where the resource has neither.';
COMMENT ON COLUMN otel.resources_dim.schema_url IS 'The schema URL of the resource''s envelope.';
COMMENT ON COLUMN otel.resources_dim.dropped_attributes_count IS 'How many attributes the producer dropped. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.resources_dim.policy_dropped_count IS 'How many attributes the policy dropped when the row was last written.';
COMMENT ON COLUMN otel.resources_dim.entity_refs IS 'Resource.entity_refs as JSON; NULL where there are none.';
COMMENT ON COLUMN otel.resources_dim.first_seen IS 'Kafka timestamp of the record that had the resource first. Never changes.';
COMMENT ON COLUMN otel.resources_dim.last_seen IS 'The latest Kafka timestamp of a record that had the resource, as of the last write. Only grows.';

CREATE TABLE otel.scopes_dim (
    scope_id bigint PRIMARY KEY,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    dropped_attributes_count integer NOT NULL,
    present boolean NOT NULL,
    scope_hash text COLLATE "C" NOT NULL UNIQUE,
    name text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    schema_url text COLLATE "C" NOT NULL
);
COMMENT ON TABLE otel.scopes_dim IS 'Instrumentation scopes: the library that produced the telemetry. One row for each distinct scope and schema URL.';
COMMENT ON COLUMN otel.scopes_dim.scope_id IS 'The first 8 bytes of the hash, big-endian.';
COMMENT ON COLUMN otel.scopes_dim.scope_hash IS 'SHA-256 of the canonical form, 64 hex digits. Covers every field and all attributes.';
COMMENT ON COLUMN otel.scopes_dim.present IS 'False where the message had no scope at all, which is not an empty one.';
COMMENT ON COLUMN otel.scopes_dim.name IS 'InstrumentationScope.name; empty where unset.';
COMMENT ON COLUMN otel.scopes_dim.version IS 'InstrumentationScope.version; empty where unset.';
COMMENT ON COLUMN otel.scopes_dim.schema_url IS 'The schema URL of the scope''s envelope.';
COMMENT ON COLUMN otel.scopes_dim.dropped_attributes_count IS 'How many attributes the producer dropped. An unsigned number: read it with u32().';
COMMENT ON COLUMN otel.scopes_dim.first_seen IS 'Kafka timestamp of the record that had the scope first. Never changes.';
COMMENT ON COLUMN otel.scopes_dim.last_seen IS 'The latest Kafka timestamp of a record that had the scope, as of the last write. Only grows.';

CREATE TABLE otel.dimension_collisions (
    id bigint NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    kind text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    payload jsonb NOT NULL,
    CONSTRAINT dimension_collisions_pkey PRIMARY KEY (kind, id, hash)
);
COMMENT ON TABLE otel.dimension_collisions IS
    'Dimensions whose id another one with another hash already has. Expected never to have a row: of a million dimensions two collide once in 37 million times.';
COMMENT ON COLUMN otel.dimension_collisions.kind IS 'resource or scope.';
COMMENT ON COLUMN otel.dimension_collisions.id IS 'The id that both have.';
COMMENT ON COLUMN otel.dimension_collisions.hash IS 'The hash of the one that came second and is not in the dimension''s table.';
COMMENT ON COLUMN otel.dimension_collisions.payload IS 'Its columns and attributes.';
COMMENT ON COLUMN otel.dimension_collisions.noticed_at IS 'When it was first seen.';
