package io.ollyscale.functions.sink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.postgres.RecordTimestamps;
import io.ollyscale.functions.source.RawHeader;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.RefusalReason;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** Rows of {@code otel.quarantined_records}, written in the transaction that moves the ledger past their record. */
final class Quarantine {

    /** Longest detail: it may quote the record. */
    private static final int LONGEST_DETAIL = 2_000;

    private static final JsonFactory JSON = new JsonFactory();

    private final String signal;

    Quarantine(String signal) {
        this.signal = signal;
    }

    /**
     * @param part 0 for the whole record; parts that PostgreSQL refused are numbered from 1
     * @param payload the record's value, or an OTLP message of the part
     */
    void add(
            Connection connection,
            PartitionKey key,
            RawRecord record,
            int part,
            byte[] payload,
            RefusalReason reason,
            String detail)
            throws SQLException {
        String sql = """
                INSERT INTO otel.quarantined_records
                    (signal, cluster_id, topic_id, topic, partition_id, record_offset, part, leader_epoch,
                     record_timestamp, record_key, headers, payload, reason, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?)
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, signal);
            statement.setString(2, key.clusterId());
            statement.setString(3, key.topicId());
            statement.setString(4, key.topic());
            statement.setInt(5, key.partition());
            statement.setLong(6, record.offset());
            statement.setInt(7, part);
            statement.setInt(8, record.leaderEpoch());
            statement.setTimestamp(9, RecordTimestamps.of(record.timestamp()));
            statement.setBytes(10, record.key());
            statement.setString(11, headers(record.headers()));
            statement.setBytes(12, payload);
            statement.setString(13, reason.code());
            statement.setString(14, detail(detail));
            statement.executeUpdate();
        }
    }

    private static String detail(String text) {
        String printable = text == null ? "" : text.replace('\0', '\u2400');
        if (printable.length() <= LONGEST_DETAIL) {
            return printable;
        }
        boolean splitsCharacter = Character.isHighSurrogate(printable.charAt(LONGEST_DETAIL - 1));
        return printable.substring(0, LONGEST_DETAIL - (splitsCharacter ? 1 : 0)) + "…";
    }

    /** {@code [{"key": …, "value": base64 or null}, …]}; {@code key_base64} beside it where the key has a U+0000. */
    private static String headers(List<RawHeader> headers) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (RawHeader header : headers) {
                json.writeStartObject();
                json.writeStringField("key", header.key().replace('\0', '\u2400'));
                if (header.key().indexOf('\0') >= 0) {
                    json.writeBinaryField("key_base64", header.key().getBytes(StandardCharsets.UTF_8));
                }
                json.writeFieldName("value");
                if (header.value() == null) {
                    json.writeNull();
                } else {
                    json.writeBinary(header.value());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
