CREATE TABLE otel.refused_dimensions (
    id bigint NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    kind text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    sqlstate text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL,
    columns text COLLATE "C",
    other text COLLATE "C",
    attributes text COLLATE "C" NOT NULL,
    -- Nothing else is indexed, and nothing is JSONB: what is here was refused by an index or a type.
    CONSTRAINT refused_dimensions_pkey PRIMARY KEY (kind, id, hash)
);
COMMENT ON TABLE otel.refused_dimensions IS
    'Dimensions that PostgreSQL refused, such as a text of megabytes for a column that somebody gave a B-tree. Facts that name them are stored. A row goes when the dimension is stored later.';
COMMENT ON COLUMN otel.refused_dimensions.kind IS 'resource, scope, service or operation.';
COMMENT ON COLUMN otel.refused_dimensions.id IS 'The id by which facts name it.';
COMMENT ON COLUMN otel.refused_dimensions.hash IS 'Its hash.';
COMMENT ON COLUMN otel.refused_dimensions.sqlstate IS 'PostgreSQL''s error code.';
COMMENT ON COLUMN otel.refused_dimensions.detail IS 'PostgreSQL''s message, at most 1,000 characters of it.';
COMMENT ON COLUMN otel.refused_dimensions.columns IS 'Its columns, as they were sent: JSON.';
COMMENT ON COLUMN otel.refused_dimensions.other IS 'Its catch-all, as it was sent: JSON; NULL where there is none.';
COMMENT ON COLUMN otel.refused_dimensions.attributes IS
    'Its promoted attributes as JSON: for each type the ids of the keys and the values in the same order, doubles as texts, bytes as hex.';
COMMENT ON COLUMN otel.refused_dimensions.noticed_at IS 'When it was first refused.';
