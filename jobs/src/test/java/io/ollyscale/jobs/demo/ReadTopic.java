package io.ollyscale.jobs.demo;

import static org.assertj.core.api.Assertions.fail;

import io.ollyscale.local.LocalKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A topic of one partition, and what was read of it so far. */
final class ReadTopic implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final List<DemoSpan> spans = new ArrayList<>();
    private final List<Duration> ages = new ArrayList<>();
    private long firstTimestamp;
    private long lastTimestamp;

    private ReadTopic(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        this.consumer = consumer;
        this.partition = partition;
    }

    static ReadTopic create(LocalKafka kafka, String name) {
        kafka.createTopic(name, 1);
        TopicPartition partition = new TopicPartition(name, 0);
        return new ReadTopic(consumer(kafka, partition), partition);
    }

    /** What a topic of one partition has now, whatever signal it is of. */
    static List<byte[]> values(LocalKafka kafka, String name) {
        TopicPartition partition = new TopicPartition(name, 0);
        List<byte[]> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka, partition)) {
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(partition) < end) {
                if (System.nanoTime() > deadline) {
                    fail("no more than %s records of %s came", values.size(), end);
                }
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }

    private static KafkaConsumer<byte[], byte[]> consumer(LocalKafka kafka, TopicPartition partition) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(List.of(partition));
        return consumer;
    }

    /** Reads until there are so many spans at least. */
    void awaitSpans(int count) {
        readUntil(() -> spans.size() >= count);
    }

    /** Reads until so much time lies between the first and the last record; keeps their ages alone. */
    void awaitTime(Duration time) {
        readUntil(() -> {
            // As many as the machine can make: too many to keep.
            spans.clear();
            return lastTimestamp - firstTimestamp >= time.toMillis();
        });
    }

    private void readUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("no more than %s spans came", spans.size());
            }
            consumer.poll(Duration.ofMillis(100)).forEach(this::read);
        }
    }

    private void read(ConsumerRecord<byte[], byte[]> record) {
        List<DemoSpan> ofRecord = DemoSpan.in(record.value());
        long end = ofRecord.stream()
                .mapToLong(span -> span.span().getEndTimeUnixNano())
                .max()
                .orElseThrow();
        if (ages.isEmpty()) {
            firstTimestamp = record.timestamp();
        }
        lastTimestamp = record.timestamp();
        // The timestamp is in whole milliseconds.
        ages.add(Duration.ofNanos(TimeUnit.MILLISECONDS.toNanos(record.timestamp() + 1) - end));
        spans.addAll(ofRecord);
    }

    boolean isAtEnd() {
        return consumer.position(partition)
                == consumer.endOffsets(List.of(partition)).get(partition);
    }

    List<DemoSpan> spans() {
        return List.copyOf(spans);
    }

    /** By record, how long before it was sent its newest span ended. */
    List<Duration> ages() {
        return List.copyOf(ages);
    }

    int records() {
        return ages.size();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
