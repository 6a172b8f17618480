CREATE OR REPLACE VIEW otel.quarantine AS
SELECT
    id, signal, cluster_id, topic_id, topic, partition_id, record_offset, part, leader_epoch, record_timestamp,
    octet_length(payload) AS payload_size, reason, detail, quarantined_at
FROM otel.quarantined_records;
COMMENT ON VIEW otel.quarantine IS 'quarantined_records for readers who may not see foreign bytes: without payload, headers and key.';
