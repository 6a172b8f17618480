-- Where ingest stands. Moved in the same transaction as the data, which is what makes it exactly once.

CREATE TABLE otel.ingest_ledger (
    next_offset bigint NOT NULL,
    safe_offset bigint NOT NULL,
    generation bigint NOT NULL,
    record_timestamp timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    partition_id integer NOT NULL,
    leader_epoch integer NOT NULL DEFAULT -1,
    cluster_id text COLLATE "C" NOT NULL,
    topic_id text COLLATE "C" NOT NULL,
    topic text COLLATE "C" NOT NULL,
    writer_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (cluster_id, topic_id, partition_id)
-- Each row is updated with every transaction: room on its page keeps that from growing the table.
) WITH (fillfactor = 50);
COMMENT ON TABLE otel.ingest_ledger IS 'How far each Kafka partition is stored. Only the ingest job writes here.';
COMMENT ON COLUMN otel.ingest_ledger.cluster_id IS 'Kafka''s cluster id.';
COMMENT ON COLUMN otel.ingest_ledger.topic_id IS
    'The topic''s UUID in Kafka''s base64 form, so that a topic created anew is another one; the name where the broker has no ids.';
COMMENT ON COLUMN otel.ingest_ledger.topic IS 'The topic''s name.';
COMMENT ON COLUMN otel.ingest_ledger.partition_id IS 'The partition of the topic.';
COMMENT ON COLUMN otel.ingest_ledger.next_offset IS 'Every record below this offset is stored, none from here on.';
COMMENT ON COLUMN otel.ingest_ledger.safe_offset IS
    'Facts and dimensions below this offset are stored; a start without state begins here.';
COMMENT ON COLUMN otel.ingest_ledger.leader_epoch IS 'Kafka''s leader epoch of the last stored record; -1 where unknown.';
COMMENT ON COLUMN otel.ingest_ledger.generation IS 'The job that wrote last, in ingest_generations.';
COMMENT ON COLUMN otel.ingest_ledger.writer_id IS 'The subtask that wrote last.';
COMMENT ON COLUMN otel.ingest_ledger.record_timestamp IS 'Kafka timestamp of the last stored record; NULL where it has none.';
COMMENT ON COLUMN otel.ingest_ledger.updated_at IS 'When the row was written.';

CREATE TABLE otel.ingest_generations (
    generation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    job_name text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL
);
COMMENT ON TABLE otel.ingest_generations IS 'Every submission of an ingest job. A job stops for good when a younger one has written to its partitions.';
COMMENT ON COLUMN otel.ingest_generations.generation IS 'Ascends with each submission.';
COMMENT ON COLUMN otel.ingest_generations.started_at IS 'When the job was submitted.';
COMMENT ON COLUMN otel.ingest_generations.job_name IS 'The job''s name.';
COMMENT ON COLUMN otel.ingest_generations.host IS 'The host that submitted it.';
COMMENT ON COLUMN otel.ingest_generations.version IS 'The version of Ollyscale.';

CREATE TABLE otel.ingest_gaps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_offset bigint NOT NULL,
    to_offset bigint NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    partition_id integer NOT NULL,
    cluster_id text COLLATE "C" NOT NULL,
    topic_id text COLLATE "C" NOT NULL,
    topic text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    -- A job that restarts before it has stored the next record notices the same gap again.
    UNIQUE (cluster_id, topic_id, partition_id, from_offset, reason)
);
COMMENT ON TABLE otel.ingest_gaps IS 'Offsets that Kafka no longer had when they were due: data that is lost.';
COMMENT ON COLUMN otel.ingest_gaps.id IS 'Number of the row.';
COMMENT ON COLUMN otel.ingest_gaps.cluster_id IS 'Kafka''s cluster id.';
COMMENT ON COLUMN otel.ingest_gaps.topic_id IS 'The topic, as in ingest_ledger.';
COMMENT ON COLUMN otel.ingest_gaps.topic IS 'The topic''s name.';
COMMENT ON COLUMN otel.ingest_gaps.partition_id IS 'The partition of the topic.';
COMMENT ON COLUMN otel.ingest_gaps.from_offset IS 'The first offset that is missing.';
COMMENT ON COLUMN otel.ingest_gaps.to_offset IS 'The first offset after the gap.';
COMMENT ON COLUMN otel.ingest_gaps.reason IS 'Why they are missing, a short code.';
COMMENT ON COLUMN otel.ingest_gaps.noticed_at IS 'When it was noticed.';
