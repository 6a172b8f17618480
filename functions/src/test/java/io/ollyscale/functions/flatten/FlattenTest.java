package io.ollyscale.functions.flatten;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.testing.Units;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.BadJson;
import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.TestPolicy;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FlattenTest {

    static Stream<Arguments> topics() {
        return Stream.of(Signal.values())
                .flatMap(signal -> Stream.of(RecordEncoding.values()).map(encoding -> Arguments.of(signal, encoding)));
    }

    @ParameterizedTest
    @MethodSource("topics")
    void emitsBatchForEachRecord(Signal signal, RecordEncoding encoding) throws Exception {
        byte[] bad =
                encoding == RecordEncoding.OTLP_JSON ? BadJson.NO_JSON.bytes(signal) : BadRecord.GARBAGE.bytes(signal);
        List<RowBatch> batches = flatten(
                new RecordEncoder(signal, encoding, TestPolicy.POLICY, DecodingLimits.DEFAULT),
                Flatten.NewerOtlp.KEEP_RECORD,
                List.of(
                        record(7, NumberedRecords.bytes(signal, encoding, 0, 25)),
                        record(8, null),
                        record(9, bad),
                        record(10, NumberedRecords.bytes(signal, encoding, 25, 5))));

        assertThat(batches).extracting(batch -> batch.record().offset()).containsExactly(7L, 8L, 9L, 10L);
        assertThat(batches).extracting(batch -> batch.rows().units()).containsExactly(25, 0, 0, 5);
        assertThat(batches)
                .extracting(batch ->
                        batch.refusal() == null ? null : batch.refusal().reason())
                .containsExactly(
                        null,
                        null,
                        encoding == RecordEncoding.OTLP_JSON
                                ? RefusalReason.INVALID_JSON
                                : RefusalReason.INVALID_PROTOBUF,
                        null);
    }

    @ParameterizedTest
    @EnumSource
    void keepsRecordOfNewerOtlp(Signal signal) throws Exception {
        RowBatch batch = flatten(
                        encoder(signal, DecodingLimits.DEFAULT), Flatten.NewerOtlp.KEEP_RECORD, List.of(newer(signal)))
                .get(0);

        assertThat(batch.rows().units()).isEqualTo(1);
        assertThat(batch.refusal().reason()).isEqualTo(RefusalReason.NEWER_OTLP);
    }

    @ParameterizedTest
    @EnumSource
    void keepsNoRecordOfNewerOtlpWhereItIsOnlyToBeCounted(Signal signal) throws Exception {
        RowBatch batch = flatten(
                        encoder(signal, DecodingLimits.DEFAULT), Flatten.NewerOtlp.COUNT_ONLY, List.of(newer(signal)))
                .get(0);

        assertThat(batch.rows().units()).isEqualTo(1);
        assertThat(batch.refusal()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void survivesNestingThatTheStackDoesNot(Signal signal) throws Exception {
        byte[] deep =
                BadRecord.nested(signal, 200_000, AnyValue.ARRAY_VALUE_FIELD_NUMBER, ArrayValue.VALUES_FIELD_NUMBER);

        List<RowBatch> batches = flatten(
                encoder(signal, new DecodingLimits(1_000_000, 32, 3_000_000, 256L << 20)),
                Flatten.NewerOtlp.KEEP_RECORD,
                List.of(record(0, deep), record(1, NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, 0, 1))));

        assertThat(batches.get(0).rows().chunks()).isEmpty();
        assertThat(batches.get(0).refusal().reason()).isEqualTo(RefusalReason.NESTED_TOO_DEEPLY);
        assertThat(batches.get(1).rows().units()).isEqualTo(1);
    }

    private static RawRecord newer(Signal signal) {
        UnknownFieldSet.Field one =
                UnknownFieldSet.Field.newBuilder().addVarint(1).build();
        Message record = Units.changed(
                NumberedRecords.numbered(signal, 1, 1),
                number -> true,
                unit -> unit.toBuilder()
                        .setUnknownFields(UnknownFieldSet.newBuilder()
                                .addField(9_999, one)
                                .build())
                        .build());
        return record(0, record.toByteArray());
    }

    private static RawRecord record(long offset, byte[] value) {
        return new RawRecord("topic", 0, offset, 0, 0, null, value, List.of());
    }

    private static RecordEncoder encoder(Signal signal, DecodingLimits limits) {
        return new RecordEncoder(signal, RecordEncoding.OTLP_PROTO, TestPolicy.POLICY, limits);
    }

    private static List<RowBatch> flatten(RecordEncoder encoder, Flatten.NewerOtlp newer, List<RawRecord> records)
            throws Exception {
        OneInputStreamOperatorTestHarness<RawRecord, RowBatch> harness = new OneInputStreamOperatorTestHarness<>(
                new FlattenFactory(encoder, newer, Duration.ofMinutes(10), 1_000));
        harness.open();
        for (RawRecord record : records) {
            harness.processElement(new StreamRecord<>(record));
        }
        harness.close();
        return harness.extractOutputValues();
    }
}
