-- How far each Kafka partition is stored, and how old its last record is.
SELECT
    topic,
    partition_id,
    next_offset,
    next_offset - safe_offset AS not_yet_safe,
    record_timestamp,
    date_trunc('milliseconds', updated_at - record_timestamp) AS stored_after,
    date_trunc('seconds', now() - updated_at) AS idle_for
FROM otel.ingest_ledger
ORDER BY topic, partition_id, updated_at DESC;
