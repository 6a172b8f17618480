package io.ollyscale.functions.flatten;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.TracesEncoder;
import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import java.time.Duration;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class FlattenTest {

    @Test
    void emitsBatchForEachRecord() throws Exception {
        List<RowBatch> batches = flatten(
                Flatten.NewerOtlp.KEEP_RECORD,
                DecodingLimits.DEFAULT,
                List.of(record(7, TraceRecords.bytes(0, 25)), record(8, null), record(9, BadRecord.GARBAGE.bytes())));

        assertThat(batches).extracting(batch -> batch.record().offset()).containsExactly(7L, 8L, 9L);
        assertThat(batches).extracting(batch -> batch.rows().units()).containsExactly(25, 0, 0);
        assertThat(batches.get(0).refusal()).isNull();
        assertThat(batches.get(1).refusal()).isNull();
        assertThat(batches.get(2).refusal().reason()).isEqualTo(RefusalReason.INVALID_PROTOBUF);
    }

    @Test
    void keepsRecordOfNewerOtlp() throws Exception {
        RowBatch batch = flatten(Flatten.NewerOtlp.KEEP_RECORD, DecodingLimits.DEFAULT, List.of(newer()))
                .get(0);

        assertThat(batch.rows().units()).isEqualTo(1);
        assertThat(batch.refusal().reason()).isEqualTo(RefusalReason.NEWER_OTLP);
    }

    @Test
    void keepsNoRecordOfNewerOtlpWhereItIsOnlyToBeCounted() throws Exception {
        RowBatch batch = flatten(Flatten.NewerOtlp.COUNT_ONLY, DecodingLimits.DEFAULT, List.of(newer()))
                .get(0);

        assertThat(batch.rows().units()).isEqualTo(1);
        assertThat(batch.refusal()).isNull();
    }

    @Test
    void survivesNestingThatTheStackDoesNot() throws Exception {
        byte[] deep = BadRecord.nested(200_000, AnyValue.ARRAY_VALUE_FIELD_NUMBER, ArrayValue.VALUES_FIELD_NUMBER);

        List<RowBatch> batches = flatten(
                Flatten.NewerOtlp.KEEP_RECORD,
                new DecodingLimits(1_000_000, 32, 3_000_000, 10_000, 256L << 20),
                List.of(record(deep), record(TraceRecords.bytes(0, 1))));

        assertThat(batches.get(0).rows().chunks()).isEmpty();
        assertThat(batches.get(0).refusal().reason()).isEqualTo(RefusalReason.NESTED_TOO_DEEPLY);
        assertThat(batches.get(1).rows().units()).isEqualTo(1);
    }

    private static RawRecord newer() {
        return record(TraceRecords.of(TraceRecords.span(1)
                        .setUnknownFields(UnknownFieldSet.newBuilder()
                                .addField(
                                        9_999,
                                        UnknownFieldSet.Field.newBuilder()
                                                .addVarint(1)
                                                .build())
                                .build()))
                .toByteArray());
    }

    private static RawRecord record(byte[] value) {
        return record(0, value);
    }

    private static RawRecord record(long offset, byte[] value) {
        return new RawRecord("topic", 0, offset, 0, 0, null, value, List.of());
    }

    private static List<RowBatch> flatten(Flatten.NewerOtlp newer, DecodingLimits limits, List<RawRecord> records)
            throws Exception {
        OneInputStreamOperatorTestHarness<RawRecord, RowBatch> harness = new OneInputStreamOperatorTestHarness<>(
                new Flatten(new TracesEncoder(TestPolicy.POLICY, limits), newer, Duration.ofMinutes(10), 1_000));
        harness.open();
        for (RawRecord record : records) {
            harness.processElement(new StreamRecord<>(record));
        }
        harness.close();
        return harness.extractOutputValues();
    }
}
