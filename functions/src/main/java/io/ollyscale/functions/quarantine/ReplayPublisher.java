package io.ollyscale.functions.quarantine;

import io.ollyscale.functions.kafka.KafkaTopics;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.postgresql.PGStatement;

/**
 * Publishes rows of quarantine to Kafka as they came, each with the header that names its row. No row is locked while Kafka
 * is waited for, because the sink deletes it as soon as the record arrives. A row may be published any number of times:
 * it is stored once. Holds one payload at a time besides those on their way. Not for several threads.
 */
public final class ReplayPublisher implements AutoCloseable {

    /** As many rows are published and then marked as such. */
    public static final int PAGE = 100;

    /**
     * Once payloads of as many bytes are on their way, Kafka is waited for. The producer's own bound would refuse a larger
     * record: it counts bytes before compression, and what came compressed may well have more.
     */
    private static final int MAX_BYTES_UNDER_WAY = 32 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Keys as bytes: one may hold a U+0000, which no text of PostgreSQL does. */
    private static final String ROW = """
            SELECT topic, replay_token, record_timestamp, record_key, payload,
                ARRAY(SELECT coalesce(decode(h ->> 'key_base64', 'base64'), convert_to(h ->> 'key', 'UTF8'))
                      FROM jsonb_array_elements(headers) WITH ORDINALITY AS e (h, n) ORDER BY n) AS header_keys,
                ARRAY(SELECT decode(h ->> 'value', 'base64')
                      FROM jsonb_array_elements(headers) WITH ORDINALITY AS e (h, n) ORDER BY n) AS header_values
            FROM otel.quarantined_records
            WHERE id = ? AND reason <> 'newer-otlp'
            """;

    private static final String MARK = """
            WITH published AS MATERIALIZED (
                SELECT id FROM otel.quarantined_records WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE otel.quarantined_records AS q SET replayed_at = now() FROM published WHERE q.id = published.id
            """;

    private final Connection connection;
    private final KafkaTopics topics;
    private final KafkaProducer<byte[], byte[]> producer;

    /** Why Kafka takes nothing for a topic; empty where it does. */
    private final Map<String, Optional<String>> obstacles = new HashMap<>();

    /** A row that Kafka doesn't take, and why. */
    public record Refused(long id, String why) {}

    /**
     * What became of some rows; those that were gone, or are stored already, are neither.
     *
     * @param bytes of the payloads that were published
     */
    public record Outcome(long published, long bytes, List<Refused> refused) {}

    private record Sent(long id, int bytes, Future<RecordMetadata> answer) {}

    /**
     * @param connection in autocommit mode; stays the caller's
     * @param kafka properties of a client, the bootstrap servers among them
     */
    public ReplayPublisher(Connection connection, Properties kafka) {
        this.connection = connection;
        topics = new KafkaTopics(kafka);
        try {
            producer = producer(kafka);
        } catch (RuntimeException e) {
            topics.close();
            throw e;
        }
    }

    /** Publishes all of these rows; see {@link #publish(List, String, BooleanSupplier)}. */
    public Outcome publish(List<Long> ids, String topic) throws SQLException {
        return publish(ids, topic, () -> false);
    }

    /**
     * Publishes rows, waits until Kafka has them, and marks them.
     *
     * @param ids at most {@link #PAGE}
     * @param topic for all of them; null for each one's own
     * @param enough asked after each row; the rows behind are left as they are
     * @throws KafkaException if Kafka can't be reached; what it has taken until then is marked
     */
    public Outcome publish(List<Long> ids, String topic, BooleanSupplier enough) throws SQLException {
        List<Refused> refused = new ArrayList<>();
        List<Sent> sent = new ArrayList<>();
        long underWay = 0;
        try (PreparedStatement query = connection.prepareStatement(ROW)) {
            // In binary: as text PostgreSQL gives no payload of more than 512 MB.
            query.unwrap(PGStatement.class).setPrepareThreshold(-1);
            for (long id : ids) {
                query.setLong(1, id);
                try (ResultSet row = query.executeQuery()) {
                    if (row.next()) {
                        underWay += send(id, row, topic, sent, refused);
                    }
                }
                if (underWay >= MAX_BYTES_UNDER_WAY) {
                    producer.flush();
                    underWay = 0;
                }
                if (hasFailed(sent) || enough.getAsBoolean()) {
                    break;
                }
            }
        }
        producer.flush();
        return outcome(sent, refused);
    }

    /** Gives what is on its way a few seconds. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
        topics.close();
    }

    /** @return how many bytes the payload has that is on its way now */
    private int send(long id, ResultSet row, String topic, List<Sent> sent, List<Refused> refused) throws SQLException {
        String to = topic == null ? row.getString("topic") : topic;
        Optional<String> obstacle = obstacles.computeIfAbsent(to, this::obstacle);
        if (obstacle.isPresent()) {
            refused.add(new Refused(id, obstacle.get()));
            return 0;
        }
        Timestamp timestamp = row.getTimestamp("record_timestamp");
        byte[] payload = row.getBytes("payload");
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                to, null, timestamp == null ? null : timestamp.getTime(), row.getBytes("record_key"), payload);
        addHeaders(record.headers(), row);
        ReplayTicket ticket = new ReplayTicket(id, row.getObject("replay_token", UUID.class));
        record.headers().add(ReplayTicket.HEADER, ticket.toBytes());
        sent.add(new Sent(id, payload.length, producer.send(record)));
        return payload.length;
    }

    /** Whether Kafka has failed already, so that the rows behind needn't each wait for it too. */
    private static boolean hasFailed(List<Sent> sent) {
        if (sent.isEmpty() || !sent.get(sent.size() - 1).answer().isDone()) {
            return false;
        }
        KafkaException failure = failure(sent.get(sent.size() - 1).answer());
        return failure != null && !isRefusal(failure);
    }

    /** Those of the record, but for the one of an earlier replay. */
    private static void addHeaders(Headers headers, ResultSet row) throws SQLException {
        byte[][] keys = (byte[][]) row.getArray("header_keys").getArray();
        byte[][] values = (byte[][]) row.getArray("header_values").getArray();
        for (int i = 0; i < keys.length; i++) {
            String key = new String(keys[i], StandardCharsets.UTF_8);
            if (!key.equals(ReplayTicket.HEADER)) {
                headers.add(key, values[i]);
            }
        }
    }

    private Optional<String> obstacle(String topic) {
        try {
            // A producer would create it, with the broker's limit of 1 MB a record.
            return KafkaTopics.await(topics.topicIds(List.of(topic))).containsKey(topic)
                    ? Optional.empty()
                    : Optional.of("Kafka has no topic " + topic);
        } catch (KafkaException e) {
            if (e.getCause() instanceof KafkaException cause && isRefusal(cause)) {
                return Optional.of(cause.getMessage());
            }
            throw e;
        }
    }

    private Outcome outcome(List<Sent> sent, List<Refused> refused) throws SQLException {
        List<Long> published = new ArrayList<>();
        long bytes = 0;
        KafkaException broken = null;
        for (Sent row : sent) {
            KafkaException failure = failure(row.answer());
            if (failure == null) {
                published.add(row.id());
                bytes += row.bytes();
            } else if (isRefusal(failure)) {
                refused.add(new Refused(row.id(), failure.getMessage()));
            } else if (broken == null) {
                broken = failure;
            }
        }
        mark(published);
        if (broken != null) {
            throw broken;
        }
        return new Outcome(published.size(), bytes, refused);
    }

    private void mark(List<Long> ids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MARK)) {
            statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            statement.executeUpdate();
        }
    }

    /** @return null if Kafka has the record */
    private static KafkaException failure(Future<RecordMetadata> answer) {
        try {
            answer.get();
            return null;
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            return e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
        }
    }

    /** Of this record alone: too large, a time that the topic doesn't take, a topic that may not be written. */
    private static boolean isRefusal(KafkaException failure) {
        return failure instanceof ApiException
                && !(failure instanceof RetriableException)
                && !(failure instanceof AuthenticationException);
    }

    private static KafkaProducer<byte[], byte[]> producer(Properties kafka) {
        Properties properties = new Properties();
        properties.putAll(kafka);
        properties.keySet().removeIf(name -> !ProducerConfig.configNames().contains(String.valueOf(name)));
        // Of the same name, but a consumer's.
        properties.remove(ProducerConfig.INTERCEPTOR_CLASSES_CONFIG);
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "ollyscale-replay");
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // The topic's limit counts compressed bytes, and the record came compressed.
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.MAX_VALUE);
        // Each record by itself: a batch that one of them makes too large would be split and tried again until it
        // expires.
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 0);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, (long) Integer.MAX_VALUE);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis() / 2);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
