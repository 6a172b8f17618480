CREATE OR REPLACE VIEW otel.quarantine AS
SELECT
    id, signal, cluster_id, topic_id, topic, partition_id, record_offset, part, leader_epoch, record_timestamp,
    octet_length(payload) AS payload_size, reason, detail, quarantined_at
FROM otel.quarantined_records;
COMMENT ON VIEW otel.quarantine IS 'quarantined_records for readers who may not see foreign bytes: without payload, headers and key.';

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
