package io.ollyscale.functions.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Questions about a log that only a consumer can answer. Each opens a consumer of its own, without a group: they are asked
 * when something is unusual, never for each transaction.
 */
public final class LogProbe {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Properties kafka;

    public LogProbe(Properties kafka) {
        this.kafka = kafka;
    }

    /**
     * Whether a log was truncated below a position, by an unclean election or a producer that didn't wait for replicas.
     *
     * @param offset behind the last record that was read
     * @param leaderEpoch of that record
     * @return where the log has taken another course; empty if it holds what was read
     */
    public OptionalLong divergence(TopicPartition partition, long offset, int leaderEpoch) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.assign(List.of(partition));
            // Without the present leader's epoch, which this brings, the consumer would take any position for valid.
            consumer.endOffsets(List.of(partition), PATIENCE);
            consumer.seek(partition, new OffsetAndMetadata(offset, Optional.of(leaderEpoch), ""));
            // Waits for the broker to say where that epoch ended.
            consumer.position(partition, PATIENCE);
            return OptionalLong.empty();
        } catch (LogTruncationException e) {
            OffsetAndMetadata where = e.divergentOffsets().get(partition);
            return OptionalLong.of(where == null ? 0 : where.offset());
        } catch (OffsetOutOfRangeException e) {
            return OptionalLong.empty();
        }
    }

    /** The first committed record of a range that Kafka still has; empty if there is none. */
    public OptionalLong firstRecord(TopicPartition partition, long fromOffset, long toOffset) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, fromOffset);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < deadline) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    return record.offset() < toOffset ? OptionalLong.of(record.offset()) : OptionalLong.empty();
                }
                if (consumer.position(partition, PATIENCE) >= toOffset) {
                    return OptionalLong.empty();
                }
            }
            throw new KafkaException("Kafka gave no record of " + partition + " within " + PATIENCE.toSeconds() + " s");
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Properties properties = new Properties();
        properties.putAll(kafka);
        properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
        properties.putAll(Map.of(
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "none",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                "false",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                1,
                ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                1));
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
