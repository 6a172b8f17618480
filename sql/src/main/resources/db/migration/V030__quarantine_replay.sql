-- Each row needs a token of its own, so the first column rewrites the table with its payloads, while nobody else reads or
-- writes it: seconds for each gigabyte. Who has many gigabytes there deletes first what is of no use any more.
--
-- (position, part) is still no unique key, although no two rows have the same: of two writers that hold the same record
-- the second would wait for the first, for a stopped one as long as its session lives, and then fail with 23505, which
-- stops a job for good. It shall wait for nobody and lose the ledger's compare-and-set, which takes its row back too.
ALTER TABLE otel.quarantined_records
    ADD COLUMN replay_token uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN replay_requested_at timestamptz,
    ADD COLUMN replayed_at timestamptz;

COMMENT ON COLUMN otel.quarantined_records.id IS 'Number of the row; a replay names it, together with replay_token.';
COMMENT ON COLUMN otel.quarantined_records.replay_token IS
    'Tells the row from one of the same number in another store. Whoever knows it and may write to the topic can have the row deleted.';
COMMENT ON COLUMN otel.quarantined_records.replay_requested_at IS 'When request_replay asked for a replay; NULL: it didn''t, or Kafka refused the row.';
COMMENT ON COLUMN otel.quarantined_records.replayed_at IS
    'When the row was last published to Kafka; the row goes when that is stored. NULL: never, or not since request_replay.';

-- Maintenance asks for these every minute; there are next to none.
CREATE INDEX quarantined_records_requested ON otel.quarantined_records (id)
    WHERE replay_requested_at IS NOT NULL AND replayed_at IS NULL;
