package io.ollyscale.benchmarks;

import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes records to the partitions of a topic, uncompressed, which is the default of the Collector's exporter. */
final class TopicFiller implements AutoCloseable {
    private static final int MAX_REQUEST_BYTES = 65 << 20;

    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    TopicFiller(String bootstrapServers, String topic) {
        this.topic = topic;
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES,
                        ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * MAX_REQUEST_BYTES),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** @return complete when Kafka has it */
    Future<RecordMetadata> send(int partition, byte[] record) {
        return producer.send(new ProducerRecord<>(topic, partition, null, record), (metadata, error) -> {
            if (error != null) {
                failure.compareAndSet(null, error);
            }
        });
    }

    /** Waits until Kafka has everything. */
    @Override
    public void close() {
        producer.close();
        if (failure.get() != null) {
            throw new IllegalStateException("Kafka didn't take a record", failure.get());
        }
    }
}
