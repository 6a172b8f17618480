package io.ollyscale.jobs.otlp;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes messages as a Collector's Kafka exporter does: a record each, without key or headers. For several threads. */
final class KafkaPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaPublisher.class);

    private final KafkaProducer<byte[], byte[]> producer;
    private final Duration timeout;

    /** Without what surrounds it. */
    private final int maxRecordBytes;

    private final AtomicBoolean failing = new AtomicBoolean();

    KafkaPublisher(String bootstrapServers, OtlpLimits limits) {
        timeout = limits.kafkaTimeout();
        // Two waits, one after the other: for room and for the topic's leaders, then for the acknowledgement.
        int half = (int) timeout.dividedBy(2).toMillis();
        int maxRequestBytes = limits.requestBytes() + (1 << 20);
        maxRecordBytes = maxRequestBytes - (1 << 10);
        producer = new KafkaProducer<>(
                Map.ofEntries(
                        Map.entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                        Map.entry(ProducerConfig.CLIENT_ID_CONFIG, "ollyscale-otlp"),
                        Map.entry(ProducerConfig.ACKS_CONFIG, "all"),
                        Map.entry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true),
                        // As "load" does: a seventh of the bytes, for 2 % of a core at 10,000 spans a second.
                        Map.entry(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd"),
                        Map.entry(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxRequestBytes),
                        // The largest request and some more.
                        Map.entry(ProducerConfig.BUFFER_MEMORY_CONFIG, maxRequestBytes + (32L << 20)),
                        Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, half),
                        Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, half / 2),
                        Map.entry(ProducerConfig.LINGER_MS_CONFIG, 5),
                        Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, half)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /**
     * Blocks while Kafka has no room. The message isn't held when this returns.
     *
     * @return completed by Kafka's acknowledgement, or by a {@link RefusedRequestException}
     */
    CompletableFuture<Void> publish(String topic, byte[] message) {
        int length = message.length;
        if (length > maxRecordBytes) {
            // No request is as large as that: it was written anew, as JSON.
            return CompletableFuture.failedFuture(new RefusedRequestException(
                    Problem.TOO_LARGE,
                    "The request takes " + length + " bytes as JSON, which the topic " + topic
                            + " has, and records of up to " + maxRecordBytes + " are published: send less at once"));
        }
        CompletableFuture<Void> published = new CompletableFuture<>();
        try {
            producer.send(new ProducerRecord<>(topic, message), (metadata, failure) -> {
                if (failure == null) {
                    recovered();
                    published.complete(null);
                } else {
                    published.completeExceptionally(refusal(failure, topic, length));
                }
            });
        } catch (KafkaException e) {
            published.completeExceptionally(refusal(e, topic, length));
        }
        return published;
    }

    /** Gives what is on its way the time that it may take. */
    @Override
    public void close() {
        producer.close(timeout);
    }

    private RefusedRequestException refusal(Exception failure, String topic, int length) {
        if (failure instanceof RecordTooLargeException) {
            return new RefusedRequestException(
                    Problem.TOO_LARGE,
                    "Kafka takes no record of " + length + " bytes: raise max.message.bytes of the topic " + topic);
        }
        // Once for all that fail together: senders try again every second.
        if (failing.compareAndSet(false, true)) {
            LOG.warn(
                    "Kafka doesn't take OTLP requests for the topic {}; senders are told to try again", topic, failure);
        }
        return new RefusedRequestException(
                Problem.UNAVAILABLE,
                "Kafka didn't take the request for the topic " + topic + ": " + failure.getMessage());
    }

    private void recovered() {
        if (failing.compareAndSet(true, false)) {
            LOG.info("Kafka takes OTLP requests again");
        }
    }
}
