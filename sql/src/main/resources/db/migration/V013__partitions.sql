CREATE TABLE otel.partitions (
    from_id bigint NOT NULL,
    to_id bigint NOT NULL,
    arrival_from timestamptz NOT NULL,
    arrival_to timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sealed_at timestamptz,
    rows bigint,
    bytes bigint,
    table_name text COLLATE "C" NOT NULL,
    partition_name text COLLATE "C" PRIMARY KEY,
    event_times tstzmultirange
);
COMMENT ON TABLE otel.partitions IS 'The partitions of the fact tables, written by ensure_partitions.';
COMMENT ON COLUMN otel.partitions.table_name IS 'The partitioned table, in schema otel.';
COMMENT ON COLUMN otel.partitions.partition_name IS 'The partition, in schema otel.';
COMMENT ON COLUMN otel.partitions.from_id IS 'The lowest id that belongs here.';
COMMENT ON COLUMN otel.partitions.to_id IS 'The lowest id that no longer belongs here.';
COMMENT ON COLUMN otel.partitions.arrival_from IS 'Rows arrived from then on.';
COMMENT ON COLUMN otel.partitions.arrival_to IS 'Rows arrived before then.';
COMMENT ON COLUMN otel.partitions.event_times IS 'Which event times the rows have, at most eight intervals; NULL until sealed.';
COMMENT ON COLUMN otel.partitions.sealed_at IS 'Since when ingest never writes here again; NULL while it may.';
COMMENT ON COLUMN otel.partitions.rows IS 'How many rows there are; NULL until sealed.';
COMMENT ON COLUMN otel.partitions.bytes IS 'How large it is, with indexes; NULL until sealed.';
COMMENT ON COLUMN otel.partitions.created_at IS 'When it was created.';
