-- What the attribute policy has put in force.

CREATE TABLE otel.attribute_keys (
    created_at timestamptz NOT NULL DEFAULT now(),
    key_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    is_indexed boolean NOT NULL DEFAULT true,
    is_searchable boolean NOT NULL DEFAULT true,
    key text COLLATE "C" NOT NULL,
    value_type text COLLATE "C" NOT NULL CHECK (value_type IN ('string', 'int', 'double', 'bool', 'bytes')),
    description text COLLATE "C",
    UNIQUE (key, value_type)
);
COMMENT ON TABLE otel.attribute_keys IS
    'Attribute keys with a place in the typed tables. One row for each key and type: real data has one key with two types. Rows are never deleted and a key_id never changes.';
COMMENT ON COLUMN otel.attribute_keys.key_id IS 'The number that the typed tables have instead of the key.';
COMMENT ON COLUMN otel.attribute_keys.key IS 'The attribute''s key, as in OTLP.';
COMMENT ON COLUMN otel.attribute_keys.value_type IS 'Which typed table: string, int, double, bool or bytes.';
COMMENT ON COLUMN otel.attribute_keys.description IS 'What the attribute means; NULL where nobody wrote it.';
COMMENT ON COLUMN otel.attribute_keys.is_indexed IS
    'Whether new partitions of the facts'' typed tables have its values in their (key_id, value) index. False for near-unique values (a URL path), which would make the index twice as dear.';
COMMENT ON COLUMN otel.attribute_keys.is_searchable IS 'Whether tools offer the key as a filter.';
COMMENT ON COLUMN otel.attribute_keys.created_at IS 'When the key was registered.';

CREATE TABLE otel.attribute_policy (
    version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    active_since timestamptz NOT NULL DEFAULT now(),
    content jsonb NOT NULL
);
COMMENT ON TABLE otel.attribute_policy IS 'Every attribute policy that was in force: which keys are promoted to typed tables, which are dropped.';
COMMENT ON COLUMN otel.attribute_policy.version IS 'Ascends with each change.';
COMMENT ON COLUMN otel.attribute_policy.active_since IS 'When the policy was registered; it holds until that of the next version.';
COMMENT ON COLUMN otel.attribute_policy.content IS 'The whole policy, as JSON.';
