package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.ollyscale.functions.dimensions.Sighting;
import io.ollyscale.functions.flatten.Flatten;
import io.ollyscale.functions.flatten.FlattenFactory;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.source.RawRecordDeserializer;
import io.ollyscale.functions.testing.DimensionWrites;
import io.ollyscale.functions.testing.StoredUnits;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.NumberedRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad input on its way from a topic into the tables: all that there is for a signal and an encoding comes through one
 * partition and one transaction, each between two good records.
 */
@ExtendWith(Servers.class)
class BadInputITCase {
    private static final byte[] KEY = {0, 'k', -1};
    private static final byte[] HEADER = {-1, 0, 1};

    private static final Map<List<Object>, Stored> STORED = new HashMap<>();

    /** Makes it the stack of the whole class: no test changes what is stored. */
    @BeforeAll
    static void share(Stack stack) {}

    @AfterAll
    static void forget() {
        STORED.clear();
    }

    static Stream<Arguments> inputs() {
        return Stream.of(Signal.values())
                .flatMap(signal -> Stream.of(RecordEncoding.values()).flatMap(encoding -> {
                    List<BadInput> inputs = BadInput.of(signal, encoding);
                    return IntStream.range(0, inputs.size())
                            .mapToObj(index -> argumentSet(
                                    signal + ", " + encoding + ": "
                                            + inputs.get(index)
                                                    .name()
                                                    .toLowerCase(Locale.ROOT)
                                                    .replace('_', ' '),
                                    signal,
                                    encoding,
                                    index));
                }));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void isStoredAsItCameOrQuarantinedAndStopsNothing(Signal signal, RecordEncoding encoding, int index, Stack servers)
            throws Exception {
        Stack stack = servers.of(signal, encoding);
        Stored stored = stored(stack);
        BadInput input = stored.inputs().get(index);
        String ids = "id > " + stored.goodIds().get(2 * index) + " AND id < "
                + stored.goodIds().get(2 * index + 2);

        List<String> found = new ArrayList<>();
        for (String table : stack.tables()) {
            found.addAll(stack.query("SELECT '" + table + "' FROM " + table + " WHERE " + ids));
        }
        if (input.stored() == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).containsExactly(input.stored().table());
            String metric = signal == Signal.METRICS
                    ? " JOIN otel.metric_series_dim AS s USING (series_id) JOIN otel.metrics_dim AS m USING (metric_id)"
                    : "";
            assertThat(stack.value(
                            "WITH odd AS (SELECT * FROM " + input.stored().table() + " WHERE " + ids + ") SELECT "
                                    + input.stored().columns() + " FROM odd" + metric))
                    .isEqualTo(input.stored().expected());
        }
        assertQuarantined(stack, stored.offset(index), input);
        assertThat(List.of(
                        stored.goodContents().get(2 * index),
                        stored.goodContents().get(2 * index + 2)))
                .containsExactly(StoredUnits.content(signal, 2 * index), StoredUnits.content(signal, 2 * index + 2));
    }

    private static void assertQuarantined(Stack stack, long offset, BadInput input) throws Exception {
        String quarantined = " FROM otel.quarantined_records WHERE record_offset = " + offset;
        if (input.refusal() == null) {
            assertThat(stack.query("SELECT reason, detail" + quarantined)).isEmpty();
            return;
        }
        assertThat(stack.value("SELECT signal, topic, partition_id, part, reason, headers, record_key,"
                        + " extract(epoch FROM record_timestamp)::bigint * 1000" + quarantined))
                .isEqualTo(String.join(
                        "|",
                        stack.signal().toString(),
                        stack.topic(),
                        "0|0",
                        input.refusal().code(),
                        "[{\"key\": \"b\", \"value\": \"/wAB\"}, {\"key\": \"a␀\", \"value\": null, \"key_base64\": \"YQA=\"}]",
                        "\\x006bff",
                        Long.toString(Stack.RECORD_MILLIS)));
        assertThat(stack.value("SELECT topic_id" + quarantined))
                .isEqualTo(stack.value("SELECT topic_id FROM otel.ingest_ledger"));
        assertThat(stack.bytes("SELECT payload" + quarantined)).isEqualTo(input.value());
    }

    // What is done with the records

    /**
     * All inputs of a signal and encoding, in the tables. Good records have the even numbers.
     *
     * @param firstOffset of the good record before the first input
     * @param goodIds ids of the good records' units, by number
     * @param goodContents and how they are stored
     */
    private record Stored(
            List<BadInput> inputs, long firstOffset, Map<Integer, Long> goodIds, Map<Integer, String> goodContents) {

        long offset(int index) {
            return firstOffset + 2L * index + 1;
        }
    }

    /** Stores them for the first test that asks. */
    private static Stored stored(Stack stack) throws Exception {
        List<Object> key = List.of(stack.signal(), stack.encoding());
        if (!STORED.containsKey(key)) {
            STORED.put(key, null);
            STORED.put(key, store(stack));
        }
        return Objects.requireNonNull(STORED.get(key), "what the first of these tests couldn't store");
    }

    private static Stored store(Stack stack) throws Exception {
        List<BadInput> inputs = BadInput.of(stack.signal(), stack.encoding());
        List<byte[]> values = new ArrayList<>();
        for (int index = 0; index <= inputs.size(); index++) {
            values.add(NumberedRecords.bytes(stack.signal(), stack.encoding(), 2 * index, 1));
            if (index < inputs.size()) {
                values.add(inputs.get(index).value());
            }
        }
        String units = "(" + StoredUnits.query(stack.signal()) + ") AS u";
        String before = stack.value("SELECT coalesce(max(id), 0) FROM " + units);
        long firstOffset = publish(stack, values);
        store(stack, read(stack, firstOffset, values.size()));

        assertThat(stack.nextOffset()).isEqualTo(Long.toString(firstOffset + values.size()));
        Map<Integer, Long> ids = new HashMap<>();
        Map<Integer, String> contents = new HashMap<>();
        for (String row : stack.query(
                "SELECT number, id, content FROM " + units + " WHERE id > " + before + " AND number % 2 = 0")) {
            String[] columns = row.split("\\|", 3);
            ids.put(Integer.valueOf(columns[0]), Long.valueOf(columns[1]));
            contents.put(Integer.valueOf(columns[0]), columns[2]);
        }
        assertThat(ids).hasSize(inputs.size() + 1);
        return new Stored(inputs, firstOffset, ids, contents);
    }

    /** Returns the offset of the first one. */
    private static long publish(Stack stack, List<byte[]> values) throws Exception {
        Properties properties = stack.kafka();
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 << 20);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (byte[] value : values) {
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(stack.topic(), 0, Stack.RECORD_MILLIS, KEY, value);
                record.headers().add("b", HEADER).add("a\0", null);
                sent.add(producer.send(record));
            }
        }
        for (Future<RecordMetadata> record : sent) {
            record.get();
        }
        return sent.get(0).get().offset();
    }

    private static List<RawRecord> read(Stack stack, long firstOffset, int count) {
        List<RawRecord> records = new ArrayList<>();
        RawRecordDeserializer deserializer = new RawRecordDeserializer();
        Properties properties = stack.kafka();
        // Closing waits for a fetch under way.
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(stack.topic(), 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, firstOffset);
            while (records.size() < count) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(10))) {
                    deserializer.deserialize(record, new ListCollector<>(records));
                }
            }
        }
        return records;
    }

    private static void store(Stack stack, List<RawRecord> records) throws Exception {
        OneInputStreamOperatorTestHarness<RawRecord, RowBatch> flatten = new OneInputStreamOperatorTestHarness<>(
                new FlattenFactory(stack.encoder(), Flatten.NewerOtlp.KEEP_RECORD, Duration.ofMinutes(10), 1_000));
        flatten.open();
        for (RawRecord record : records) {
            flatten.processElement(new StreamRecord<>(record));
        }
        flatten.close();
        stack.writer().open().store(flatten.extractOutputValues().toArray(RowBatch[]::new));
        List<Sighting> sightings = new ArrayList<>();
        flatten.getSideOutput(Flatten.SIGHTINGS).forEach(sighting -> sightings.add(sighting.getValue()));
        DimensionWrites.write(stack.postgres(), sightings);
    }
}
