package io.ollyscale.functions.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RawRecordDeserializerTest {
    private static final byte[] KEY = {1, 0};
    private static final byte[] VALUE = {2, 0};
    private static final byte[] HEADER = "header".getBytes(StandardCharsets.UTF_8);

    private final RawRecordDeserializer deserializer = new RawRecordDeserializer();

    @Test
    void handsOnWholeRecord() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("a", HEADER).add("b", null).add("a", new byte[0]);

        RawRecord record = deserialize(new ConsumerRecord<>(
                "topic", 3, 42, 1_000, TimestampType.CREATE_TIME, 2, 2, KEY, VALUE, headers, Optional.of(7)));

        assertThat(record)
                .usingRecursiveComparison()
                .isEqualTo(new RawRecord(
                        "topic",
                        3,
                        42,
                        7,
                        1_000,
                        KEY,
                        VALUE,
                        List.of(
                                new RawHeader("a", HEADER),
                                new RawHeader("b", null),
                                new RawHeader("a", new byte[0]))));
    }

    @Test
    void handsOnTombstoneWithoutKeyEpochAndTime() {
        RawRecord record = deserialize(new ConsumerRecord<>("topic", 3, 42, null, null));

        assertThat(record)
                .usingRecursiveComparison()
                .isEqualTo(new RawRecord("topic", 3, 42, -1, -1, null, null, List.of()));
    }

    @Test
    void recordIsSerializedWithoutKryo() throws Exception {
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.setGenericTypes(false);
        TypeSerializer<RawRecord> serializer = deserializer.getProducedType().createSerializer(config);
        for (RawRecord record : List.of(
                new RawRecord("topic", 3, 42, 7, 1_000, KEY, VALUE, List.of(new RawHeader("a", HEADER))),
                new RawRecord("topic", 3, 42, -1, -1, null, null, List.of()))) {
            DataOutputSerializer out = new DataOutputSerializer(64);
            serializer.serialize(record, out);

            assertThat(serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
                    .usingRecursiveComparison()
                    .isEqualTo(record);
        }
    }

    private RawRecord deserialize(ConsumerRecord<byte[], byte[]> record) {
        List<RawRecord> records = new ArrayList<>();
        deserializer.deserialize(record, new ListCollector<>(records));
        assertThat(records).hasSize(1);
        return records.get(0);
    }
}
