package io.ollyscale.jobs.cli;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A row of the view {@code otel.quarantine}: everything but foreign bytes.
 *
 * @param recordTimestamp null where the record has none
 * @param replayRequestedAt null where no replay was asked for by SQL
 * @param replayedAt null where it wasn't published, or not since then
 */
record QuarantineRow(
        long id,
        String signal,
        String clusterId,
        String topicId,
        String topic,
        int partition,
        long offset,
        int part,
        int leaderEpoch,
        Instant recordTimestamp,
        long payloadSize,
        String reason,
        String detail,
        Instant quarantinedAt,
        Instant replayRequestedAt,
        Instant replayedAt) {

    static final String COLUMNS =
            "id, signal, cluster_id, topic_id, topic, partition_id, record_offset, part, leader_epoch,"
                    + " record_timestamp, payload_size, reason, detail, quarantined_at, replay_requested_at, replayed_at";

    static QuarantineRow of(ResultSet row) throws SQLException {
        return new QuarantineRow(
                row.getLong("id"),
                row.getString("signal"),
                row.getString("cluster_id"),
                row.getString("topic_id"),
                row.getString("topic"),
                row.getInt("partition_id"),
                row.getLong("record_offset"),
                row.getInt("part"),
                row.getInt("leader_epoch"),
                instant(row.getTimestamp("record_timestamp")),
                row.getLong("payload_size"),
                row.getString("reason"),
                row.getString("detail"),
                instant(row.getTimestamp("quarantined_at")),
                instant(row.getTimestamp("replay_requested_at")),
                instant(row.getTimestamp("replayed_at")));
    }

    /** For programs: the view's names, times in ISO 8601. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("signal", signal);
        json.put("cluster_id", clusterId);
        json.put("topic_id", topicId);
        json.put("topic", topic);
        json.put("partition_id", partition);
        json.put("record_offset", offset);
        json.put("part", part);
        json.put("leader_epoch", leaderEpoch);
        json.put("record_timestamp", text(recordTimestamp));
        json.put("payload_size", payloadSize);
        json.put("reason", reason);
        json.put("detail", detail);
        json.put("quarantined_at", text(quarantinedAt));
        json.put("replay_requested_at", text(replayRequestedAt));
        json.put("replayed_at", text(replayedAt));
        return json;
    }

    static Instant instant(Timestamp timestampOrNull) {
        return timestampOrNull == null ? null : timestampOrNull.toInstant();
    }

    private static String text(Instant timeOrNull) {
        return timeOrNull == null ? null : timeOrNull.toString();
    }
}
