CREATE OR REPLACE VIEW otel.quarantine AS
SELECT
    id, signal, cluster_id, topic_id, topic, partition_id, record_offset, part, leader_epoch, record_timestamp,
    octet_length(payload) AS payload_size, reason, detail, quarantined_at, replay_requested_at, replayed_at
FROM otel.quarantined_records;
COMMENT ON VIEW otel.quarantine IS 'quarantined_records for readers who may not see foreign bytes: without payload, headers, key and token.';

DO $$
DECLARE
    shared record;
BEGIN
    FOR shared IN
        SELECT a.attname, col_description(a.attrelid, a.attnum) AS description
        FROM pg_attribute AS a
        JOIN pg_attribute AS v ON v.attname = a.attname AND v.attrelid = 'otel.quarantine'::regclass
        WHERE a.attrelid = 'otel.quarantined_records'::regclass AND a.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN otel.quarantine.%I IS %L', shared.attname, shared.description);
    END LOOP;
END
$$;
COMMENT ON COLUMN otel.quarantine.payload_size IS 'How many bytes the payload has.';

-- With their owner's rights, so that whoever is granted them needs none on the table and sees no foreign bytes. Rows are locked
-- in the order of their ids, as by everybody else.

CREATE OR REPLACE FUNCTION otel.request_replay(ids bigint[]) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH wanted AS MATERIALIZED (
        SELECT q.id FROM otel.quarantined_records AS q
        WHERE q.id = ANY (request_replay.ids) AND q.reason <> 'newer-otlp'
        ORDER BY q.id
        FOR NO KEY UPDATE
    ), marked AS (
        UPDATE otel.quarantined_records AS q SET replay_requested_at = now(), replayed_at = NULL
        FROM wanted
        WHERE q.id = wanted.id
        RETURNING q.id
    )
    SELECT count(*) FROM marked;
END;
COMMENT ON FUNCTION otel.request_replay(bigint[]) IS
    'Has the job publish these rows to their topics, within a minute if it reads the Kafka that they came from; each is then stored once and its row goes, however often it is asked for. What Kafka refuses is no longer requested then: replay_requested_at is NULL again, and the log of the job says why. Returns how many were marked: not those that are gone, nor those of reason newer-otlp, which are stored already.';

CREATE OR REPLACE FUNCTION otel.delete_quarantined(ids bigint[]) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH unwanted AS MATERIALIZED (
        SELECT q.id FROM otel.quarantined_records AS q
        WHERE q.id = ANY (delete_quarantined.ids)
        ORDER BY q.id
        FOR UPDATE
    ), deleted AS (
        DELETE FROM otel.quarantined_records AS q USING unwanted
        WHERE q.id = unwanted.id
        RETURNING q.id
    )
    SELECT count(*) FROM deleted;
END;
COMMENT ON FUNCTION otel.delete_quarantined(bigint[]) IS
    'Deletes these rows and their bytes for good; a replay of one that is under way stores nothing any more. Returns how many there were.';

REVOKE ALL ON FUNCTION otel.request_replay(bigint[]), otel.delete_quarantined(bigint[]) FROM PUBLIC;
