package io.ollyscale.functions.faults;

import io.ollyscale.functions.testing.TestTopic;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.NumberedRecords;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes spans, log records or data points, each with another number, and remembers which must be stored. */
final class NumberedUnits implements AutoCloseable {
    static final int UNITS_IN_RECORD = 20;

    /** A record that Kafka acknowledged. */
    record Sent(int partition, long offset, int firstNumber) {}

    private final KafkaProducer<byte[], byte[]> producer;
    private final Signal signal;
    private final RecordEncoding encoding;
    private final TestTopic topic;
    private final List<Sent> sent = new ArrayList<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private int nextNumber;
    private int nextPartition;

    NumberedUnits(Signal signal, RecordEncoding encoding, String bootstrapServers, TestTopic topic, String acks) {
        this.signal = signal;
        this.encoding = encoding;
        this.topic = topic;
        producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", bootstrapServers,
                        "acks", acks,
                        "enable.idempotence", "false",
                        "linger.ms", "0",
                        // Of a topic that was created anew.
                        "metadata.max.age.ms", "500"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Publishes records to all partitions in turn, and returns when Kafka has them. */
    void send(int records) {
        List<Integer> partitions = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            partitions.add(nextPartition);
            nextPartition = (nextPartition + 1) % topic.partitions();
        }
        send(partitions);
    }

    /** Publishes records to one partition, and returns when Kafka has them. */
    void sendTo(int partition, int records) {
        List<Integer> partitions = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            partitions.add(partition);
        }
        send(partitions);
    }

    /** Publishes a record of anything else, which isn't among those that must be stored. */
    void sendOther(byte[] record) {
        await(publish(nextPartition, record));
        nextPartition = (nextPartition + 1) % topic.partitions();
    }

    private void send(List<Integer> partitions) {
        List<Future<RecordMetadata>> answers = new ArrayList<>();
        int first = nextNumber;
        for (int partition : partitions) {
            answers.add(publish(partition, NumberedRecords.bytes(signal, encoding, nextNumber, UNITS_IN_RECORD)));
            nextNumber += UNITS_IN_RECORD;
        }
        for (int i = 0; i < answers.size(); i++) {
            RecordMetadata record = await(answers.get(i));
            sent.add(new Sent(record.partition(), record.offset(), first + i * UNITS_IN_RECORD));
        }
    }

    private Future<RecordMetadata> publish(int partition, byte[] record) {
        return producer.send(new ProducerRecord<>(topic.name(), partition, null, record));
    }

    private RecordMetadata await(Future<RecordMetadata> answer) {
        try {
            RecordMetadata record = answer.get();
            ends.merge(new TopicPartition(topic.name(), record.partition()), record.offset() + 1, Math::max);
            return record;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("Kafka takes no record", e);
        }
    }

    /**
     * The offsets behind the last records, of the partitions that have any. Kafka itself may answer with less, while a
     * replica hasn't fetched them.
     */
    Map<TopicPartition, Long> ends() {
        return Map.copyOf(ends);
    }

    /** The logs were deleted or truncated, and end behind what is sent from now on; what was sent must be stored all the same. */
    void forgetEnds() {
        ends.clear();
    }

    /** Records that Kafka lost before the job could read them. */
    void expectLost(Predicate<Sent> lost) {
        sent.removeIf(lost);
    }

    /** The numbers that must be stored. */
    SortedSet<Integer> numbers() {
        SortedSet<Integer> numbers = new TreeSet<>();
        for (Sent record : sent) {
            for (int i = 0; i < UNITS_IN_RECORD; i++) {
                numbers.add(record.firstNumber() + i);
            }
        }
        return numbers;
    }

    /** The records that must be stored, as they stand in Kafka. */
    List<byte[]> records() {
        return sent.stream()
                .map(record -> NumberedRecords.bytes(signal, encoding, record.firstNumber(), UNITS_IN_RECORD))
                .toList();
    }

    @Override
    public void close() {
        producer.close();
    }
}
