CREATE TABLE otel.quarantined_records (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record_offset bigint NOT NULL,
    record_timestamp timestamptz,
    quarantined_at timestamptz NOT NULL DEFAULT now(),
    partition_id integer NOT NULL,
    part integer NOT NULL,
    leader_epoch integer NOT NULL DEFAULT -1,
    signal text COLLATE "C" NOT NULL,
    cluster_id text COLLATE "C" NOT NULL,
    topic_id text COLLATE "C" NOT NULL,
    topic text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL,
    headers jsonb NOT NULL DEFAULT '[]',
    record_key bytea,
    payload bytea NOT NULL
);
COMMENT ON TABLE otel.quarantined_records IS
    'Kafka records, or parts of them, that could not be stored, with their bytes. Foreign data as it came: read it through the view quarantine where the bytes are not needed.';
COMMENT ON COLUMN otel.quarantined_records.id IS 'Number of the row; a replay names it.';
COMMENT ON COLUMN otel.quarantined_records.signal IS 'traces, logs or metrics.';
COMMENT ON COLUMN otel.quarantined_records.cluster_id IS 'Kafka''s cluster id.';
COMMENT ON COLUMN otel.quarantined_records.topic_id IS 'The topic, as in ingest_ledger.';
COMMENT ON COLUMN otel.quarantined_records.topic IS 'The topic''s name.';
COMMENT ON COLUMN otel.quarantined_records.partition_id IS 'The partition of the topic.';
COMMENT ON COLUMN otel.quarantined_records.record_offset IS 'The record''s offset.';
COMMENT ON COLUMN otel.quarantined_records.part IS '0 for the record as a whole; parts of it that were refused are numbered from 1.';
COMMENT ON COLUMN otel.quarantined_records.leader_epoch IS 'Kafka''s leader epoch of the record; -1 where unknown.';
COMMENT ON COLUMN otel.quarantined_records.record_timestamp IS 'Kafka''s timestamp of the record; NULL where it has none.';
COMMENT ON COLUMN otel.quarantined_records.record_key IS 'The record''s key; NULL where it has none.';
COMMENT ON COLUMN otel.quarantined_records.headers IS 'The record''s headers: [{"key": …, "value": base64 or null}, …], in their order; key_base64 beside a key that holds U+0000.';
COMMENT ON COLUMN otel.quarantined_records.payload IS 'The record''s bytes, or an OTLP message of the refused part alone.';
COMMENT ON COLUMN otel.quarantined_records.reason IS 'Why, a short code.';
COMMENT ON COLUMN otel.quarantined_records.detail IS 'Why, in words.';
COMMENT ON COLUMN otel.quarantined_records.quarantined_at IS 'When it was put here.';

-- Payload, headers and key may hold anything, secrets included.
REVOKE ALL ON otel.quarantined_records FROM PUBLIC;
