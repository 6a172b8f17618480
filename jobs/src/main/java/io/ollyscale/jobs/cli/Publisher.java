package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.recording.Recording;
import io.ollyscale.jobs.cli.recording.RecordingFormat;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends records to Kafka, each once, and fails with the first one that Kafka refuses. Not for several threads. */
final class Publisher implements AutoCloseable {

    private static final int MAX_REQUEST_BYTES = RecordingFormat.MAX_MESSAGE_BYTES + (1 << 20);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<RuntimeException> firstFailure = new AtomicReference<>();

    /** @param kafka properties of a client, the bootstrap servers among them */
    Publisher(Properties kafka) {
        Properties properties = new Properties();
        properties.putAll(kafka);
        properties.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, "ollyscale-load");
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        // One record of that size and some more.
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, MAX_REQUEST_BYTES + (32L << 20));
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 1 << 20);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Blocks while Kafka is slower than the caller. */
    void publish(Recording recording, String topic, byte[] value) {
        throwFailure();
        long number = recording.number();
        producer.send(new ProducerRecord<>(topic, value), (metadata, failure) -> {
            if (failure != null) {
                firstFailure.compareAndSet(
                        null, translated(failure, recording.file() + ", record " + number, topic, value.length));
            }
        });
    }

    /** Waits until Kafka has all records. */
    void flush() {
        producer.flush();
        throwFailure();
    }

    /** Gives what is on its way a few seconds. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }

    private void throwFailure() {
        RuntimeException failure = firstFailure.get();
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException translated(Exception failure, String record, String topic, int bytes) {
        if (failure instanceof RecordTooLargeException) {
            return new UserFailure(String.format(
                    Locale.ROOT,
                    "%s: Kafka refuses it as too large (%,d bytes before compression): raise max.message.bytes of topic"
                            + " %s, or message.max.bytes of the brokers",
                    record,
                    bytes,
                    topic));
        }
        return failure instanceof RuntimeException runtime ? runtime : new IllegalStateException(failure);
    }
}
