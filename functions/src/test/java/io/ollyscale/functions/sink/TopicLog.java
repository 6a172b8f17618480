package io.ollyscale.functions.sink;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.source.RawHeader;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.source.RawRecordDeserializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A test's topic: what is published to it, and what comes out again in the order of its arrival at each partition. */
final class TopicLog implements AutoCloseable {
    private final Stack stack;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;

    TopicLog(Stack stack) {
        this.stack = stack;
        producer = new KafkaProducer<>(stack.kafka(), new ByteArraySerializer(), new ByteArraySerializer());
        Properties properties = stack.kafka();
        // Closing waits for a fetch under way.
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = IntStream.range(0, Stack.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(stack.topic(), partition))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    void publish(int partition, byte[] key, byte[] value, RawHeader... headers) throws Exception {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(stack.topic(), partition, Stack.RECORD_MILLIS, key, value);
        for (RawHeader header : headers) {
            record.headers().add(header.key(), header.value());
        }
        producer.send(record).get();
    }

    /** The next records. */
    List<RawRecord> read(int count) {
        List<RawRecord> records = new ArrayList<>();
        RawRecordDeserializer deserializer = new RawRecordDeserializer();
        while (records.size() < count) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(10))) {
                deserializer.deserialize(record, new ListCollector<>(records));
            }
        }
        return records;
    }

    /** The next records, flattened. */
    RowBatch[] batches(int count) throws Exception {
        List<RowBatch> batches = new ArrayList<>();
        for (RawRecord record : read(count)) {
            batches.add(new RowBatch(record, stack.encoder().encode(record.value()), null));
        }
        return batches.toArray(RowBatch[]::new);
    }

    @Override
    public void close() {
        consumer.close();
        producer.close();
    }
}
