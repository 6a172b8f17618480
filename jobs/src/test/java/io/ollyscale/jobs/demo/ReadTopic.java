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
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        TopicPartition partition = new TopicPartition(name, 0);
        consumer.assign(List.of(partition));
        return new ReadTopic(consumer, partition);
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
