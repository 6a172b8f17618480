package io.ollyscale.functions.flatten;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.source.RawHeader;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.TestPolicy;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowBatchTest {

    @ParameterizedTest
    @EnumSource
    void isSerializedWithoutKryo(Signal signal) throws Exception {
        byte[] value = NumberedRecords.allFields(signal).toByteArray();
        RawRecord record = new RawRecord(
                "topic", 1, 2, 3, 4, new byte[] {5}, value, List.of(new RawHeader("key", new byte[] {6})));
        EncodedRecord rows = new RecordEncoder(
                        signal, RecordEncoding.OTLP_PROTO, TestPolicy.POLICY, DecodingLimits.DEFAULT)
                .encode(value);

        assertReadsWhatItWrote(new RowBatch(record, rows, new Refusal(RefusalReason.NEWER_OTLP, "detail")));
    }

    @Test
    void isSerializedWithoutKryoWhereNothingIsIn() throws Exception {
        RawRecord tombstone = new RawRecord("topic", 1, 2, -1, -1, null, null, List.of());

        assertReadsWhatItWrote(new RowBatch(tombstone, EncodedRecord.EMPTY, null));
    }

    @ParameterizedTest
    @EnumSource
    void countsMemoryOfRecordAndRows(Signal signal) throws Exception {
        byte[] value = NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, 0, 25);
        RawRecord record = new RawRecord("topic", 1, 2, -1, -1, null, value, List.of());
        EncodedRecord rows = new RecordEncoder(
                        signal, RecordEncoding.OTLP_PROTO, TestPolicy.POLICY, DecodingLimits.DEFAULT)
                .encode(value);

        assertThat(new RowBatch(record, rows, null).memory()).isGreaterThan(value.length + rows.memory());
        assertThat(new RowBatch(record, EncodedRecord.EMPTY, null).memory())
                .isBetween((long) value.length, value.length + 1_000L);
    }

    @Test
    void countsMemoryOfTombstonesWithTheirKeysAndHeaders() {
        RawRecord record = new RawRecord(
                "topic", 1, 2, -1, -1, new byte[5_000], null, List.of(new RawHeader("h", new byte[3_000])));

        assertThat(new RowBatch(record, EncodedRecord.EMPTY, null).memory()).isBetween(8_000L, 9_000L);
    }

    private static void assertReadsWhatItWrote(RowBatch batch) throws Exception {
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.setGenericTypes(false);
        TypeSerializer<RowBatch> serializer = TypeInformation.of(RowBatch.class).createSerializer(config);
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(batch, out);

        RowBatch read = serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));

        assertThat(read).usingRecursiveComparison().isEqualTo(batch);
    }
}
