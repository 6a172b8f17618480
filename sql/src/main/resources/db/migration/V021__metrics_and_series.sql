-- What data points are of. A series names its metric, resource and scope without foreign keys, because the four arrive in
-- any order.

CREATE TABLE otel.metrics_dim (
    metric_id bigint PRIMARY KEY,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    metric_type integer NOT NULL,
    aggregation_temporality integer,
    is_monotonic boolean,
    metric_hash text COLLATE "C" NOT NULL UNIQUE,
    metric_identity_hash text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    metadata jsonb,
    attributes_other jsonb
);

-- The variants of a metric, which differ in description or metadata.
CREATE INDEX ON otel.metrics_dim (metric_identity_hash);
-- A metric by its name. Hash, because a name may be of any length, and a B-tree refuses it over 2,704 bytes.
CREATE INDEX ON otel.metrics_dim USING hash (name);

COMMENT ON TABLE otel.metrics_dim IS
    'Metrics: one row for each distinct name, type, unit, temporality, monotonicity, description and metadata, whoever produces it.';
COMMENT ON COLUMN otel.metrics_dim.metric_id IS 'The first 8 bytes of metric_hash, big-endian.';
COMMENT ON COLUMN otel.metrics_dim.metric_hash IS 'SHA-256 of the canonical form of every field but the points, 64 hex digits.';
COMMENT ON COLUMN otel.metrics_dim.metric_identity_hash IS
    'SHA-256 of the canonical form without description and metadata, 64 hex digits: equal in all variants of a metric.';
COMMENT ON COLUMN otel.metrics_dim.name IS 'Metric.name.';
COMMENT ON COLUMN otel.metrics_dim.metric_type IS 'Which type of points it has, in metric_types.';
COMMENT ON COLUMN otel.metrics_dim.unit IS 'Metric.unit, in UCUM''s notation; empty where unset.';
COMMENT ON COLUMN otel.metrics_dim.aggregation_temporality IS
    'The temporality, in aggregation_temporalities; an unknown number as it came; NULL for gauges and summaries, which have none.';
COMMENT ON COLUMN otel.metrics_dim.is_monotonic IS 'Whether a sum never falls but for a reset; NULL for the other types, which cannot say.';
COMMENT ON COLUMN otel.metrics_dim.description IS 'Metric.description; empty where unset.';
COMMENT ON COLUMN otel.metrics_dim.metadata IS 'Metric.metadata, as a catch-all has attributes; NULL where there is none.';
COMMENT ON COLUMN otel.metrics_dim.attributes_other IS
    'Under $fields the exact texts of columns whose text has U+0000, for which the column has U+2400; NULL where none has.';
COMMENT ON COLUMN otel.metrics_dim.first_seen IS 'Kafka timestamp of the record that had the metric first. Never changes.';
COMMENT ON COLUMN otel.metrics_dim.last_seen IS 'The latest Kafka timestamp of a record that had the metric, as of the last write. Only grows.';

CREATE TABLE otel.metric_series_dim (
    series_id bigint PRIMARY KEY,
    metric_id bigint NOT NULL,
    resource_id bigint NOT NULL,
    scope_id bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    policy_version bigint NOT NULL,
    policy_dropped_count integer NOT NULL,
    series_hash text COLLATE "C" NOT NULL UNIQUE
);

-- The series of a metric: a graph of it, how many there are.
CREATE INDEX ON otel.metric_series_dim (metric_id);
-- What a resource or service measures.
CREATE INDEX ON otel.metric_series_dim (resource_id);

COMMENT ON TABLE otel.metric_series_dim IS 'Series: one row for each distinct metric, resource, scope and attributes of data points.';
COMMENT ON COLUMN otel.metric_series_dim.series_id IS 'The first 8 bytes of the hash, big-endian.';
COMMENT ON COLUMN otel.metric_series_dim.series_hash IS
    'SHA-256 of the canonical form, 64 hex digits. Covers metric, resource, scope and all attributes, also those that the policy drops.';
COMMENT ON COLUMN otel.metric_series_dim.metric_id IS 'The metric, in metrics_dim.';
COMMENT ON COLUMN otel.metric_series_dim.resource_id IS 'What produces the points, in resources_dim.';
COMMENT ON COLUMN otel.metric_series_dim.scope_id IS 'The library that produces the points, in scopes_dim.';
COMMENT ON COLUMN otel.metric_series_dim.policy_dropped_count IS 'How many attributes the policy dropped when the row was last written.';
COMMENT ON COLUMN otel.metric_series_dim.policy_version IS
    'Version of the attribute policy that the row and its attributes were last written by, in attribute_policy. Only grows.';
COMMENT ON COLUMN otel.metric_series_dim.first_seen IS 'Kafka timestamp of the record that had the series first. Never changes.';
COMMENT ON COLUMN otel.metric_series_dim.last_seen IS 'The latest Kafka timestamp of a record that had the series, as of the last write. Only grows.';

COMMENT ON COLUMN otel.dimension_collisions.kind IS 'resource, scope, service, operation, metric or series.';
COMMENT ON COLUMN otel.refused_dimensions.kind IS 'resource, scope, service, operation, metric or series.';
