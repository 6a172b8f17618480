package io.ollyscale.jobs.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProtobufCheckTest {
    private static final Message TRACES = TracesData.getDefaultInstance();

    @Test
    void acceptsEveryFieldAndNewOnes() {
        assertThat(isAccepted(new byte[0], TRACES)).isTrue();
        assertThat(isAccepted(TraceRecords.allFields().toByteArray(), TRACES)).isTrue();
        MessageVariants.withAnUnknownField(TraceRecords.allFields())
                .forEach((where, message) -> assertThat(isAccepted(message.toByteArray(), TRACES))
                        .as(where)
                        .isTrue());
    }

    @Test
    void refusesKnownFieldsOfAnotherWireType() {
        MessageVariants.withAnotherWireType(TraceRecords.allFields())
                .forEach((where, message) -> assertThat(isAccepted(message.toByteArray(), TRACES))
                        .as(where)
                        .isFalse());
        assertThat(isAccepted(metrics().toByteArray(), TRACES)).isFalse();
    }

    /** Of which protobuf's own parser is the judge, but for known fields of another wire type. */
    @Test
    void agreesWithTheParserOnDamagedMessages() {
        byte[] whole = TraceRecords.allFields().toByteArray();
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = damaged(whole, random);
            boolean expected = parses(damaged, TracesData.getDefaultInstance());
            assertThat(isAccepted(damaged, TRACES))
                    .as(() -> HexFormat.of().formatHex(damaged))
                    .isEqualTo(expected);
            refused += expected ? 0 : 1;
        }
        assertThat(refused).isBetween(2_000, 18_000);
    }

    @Test
    void readsPackedAndUnpackedLists() {
        byte[] packed = HistogramDataPoint.newBuilder()
                .addAllBucketCounts(List.of(1L, 2L, 3L))
                .addAllExplicitBounds(List.of(0.5))
                .build()
                .toByteArray();
        assertThat(isAccepted(packed, HistogramDataPoint.getDefaultInstance())).isTrue();
        byte[] unpacked = UnknownFieldSet.newBuilder()
                .addField(
                        HistogramDataPoint.BUCKET_COUNTS_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                                .addFixed64(1)
                                .addFixed64(2)
                                .build())
                .build()
                .toByteArray();
        assertThat(isAccepted(unpacked, HistogramDataPoint.getDefaultInstance()))
                .isTrue();
        byte[] uneven = UnknownFieldSet.newBuilder()
                .mergeLengthDelimitedField(
                        HistogramDataPoint.BUCKET_COUNTS_FIELD_NUMBER, ByteString.copyFrom(new byte[12]))
                .build()
                .toByteArray();
        assertThat(isAccepted(uneven, HistogramDataPoint.getDefaultInstance())).isFalse();
    }

    @Test
    void refusesMessagesAndGroupsWithoutEnd() throws IOException {
        AnyValue value = AnyValue.newBuilder().setStringValue("core").build();
        for (int level = 0; level < ProtobufCheck.MAX_NESTING; level++) {
            value = AnyValue.newBuilder()
                    .setArrayValue(ArrayValue.newBuilder().addValues(value))
                    .build();
        }
        assertThatThrownBy(() -> ProtobufCheck.check(nested(10_000_000), AnyValue.getDescriptor()))
                .isInstanceOf(RefusedRequestException.class);
        assertThatThrownBy(() -> ProtobufCheck.check(groups(10_000_000), AnyValue.getDescriptor()))
                .isInstanceOf(RefusedRequestException.class);
        byte[] tooDeep = value.toByteArray();
        assertThatThrownBy(() -> ProtobufCheck.check(tooDeep, AnyValue.getDescriptor()))
                .hasMessageContaining("more than 500 deep");
    }

    @Test
    void saysWhereTheProblemIs() {
        byte[] message =
                TraceRecords.of(TraceRecords.bareSpan(1).setName("a name")).toByteArray();
        message[new String(message, StandardCharsets.ISO_8859_1).indexOf("a name")] = -1;
        assertThatThrownBy(() -> ProtobufCheck.check(message, TracesData.getDescriptor()))
                .isInstanceOfSatisfying(RefusedRequestException.class, refusal -> {
                    assertThat(refusal.problem()).isEqualTo(Problem.UNDECODABLE);
                    assertThat(refusal.field()).isEqualTo("opentelemetry.proto.trace.v1.Span");
                    assertThat(refusal).hasMessageEndingWith("field 5 isn't UTF-8");
                });
    }

    private static boolean isAccepted(byte[] message, Message type) {
        try {
            ProtobufCheck.check(message, type.getDescriptorForType());
            return true;
        } catch (RefusedRequestException e) {
            return false;
        }
    }

    private static boolean parses(byte[] message, Message type) {
        CodedInputStream input = CodedInputStream.newInstance(message);
        input.setRecursionLimit(ProtobufCheck.MAX_NESTING);
        try {
            return hasNoFieldOfAnotherType(
                    type.getParserForType().parseFrom(input, ExtensionRegistryLite.getEmptyRegistry()));
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    private static boolean hasNoFieldOfAnotherType(Object value) {
        if (value instanceof List<?> elements) {
            return elements.stream().allMatch(ProtobufCheckTest::hasNoFieldOfAnotherType);
        }
        return !(value instanceof Message message)
                || message.getUnknownFields().asMap().keySet().stream()
                                .allMatch(
                                        number -> message.getDescriptorForType().findFieldByNumber(number) == null)
                        && message.getAllFields().values().stream()
                                .allMatch(ProtobufCheckTest::hasNoFieldOfAnotherType);
    }

    private static byte[] damaged(byte[] whole, Random random) {
        byte[] damaged = random.nextInt(4) == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
        for (int changes = random.nextInt(3); changes >= 0 && damaged.length > 0; changes--) {
            int position = random.nextInt(damaged.length);
            damaged[position] =
                    (byte) (random.nextBoolean() ? random.nextInt() : damaged[position] ^ 1 << random.nextInt(8));
        }
        return damaged;
    }

    /** An AnyValue whose list's value's list's value … has lengths that are right for the outermost alone. */
    private static byte[] nested(int bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes);
        for (int left = bytes; left > 16; left -= 12) {
            for (int field : new int[] {AnyValue.ARRAY_VALUE_FIELD_NUMBER, ArrayValue.VALUES_FIELD_NUMBER}) {
                out.write(field << 3 | 2);
                int length = left;
                for (int digit = 0; digit < 4; digit++, length >>>= 7) {
                    out.write(length & 0x7f | 0x80);
                }
                out.write(length);
                left -= 6;
            }
        }
        return out.toByteArray();
    }

    private static byte[] groups(int count) {
        byte[] groups = new byte[count];
        // Field 15, which no message here has.
        Arrays.fill(groups, (byte) (15 << 3 | 3));
        return groups;
    }

    private static MetricsData metrics() {
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .addScopeMetrics(ScopeMetrics.newBuilder()
                                .addMetrics(Metric.newBuilder()
                                        .setName("queue")
                                        .setSum(Sum.newBuilder()
                                                .addDataPoints(NumberDataPoint.newBuilder()
                                                        .setTimeUnixNano(1)
                                                        .setAsInt(3))))))
                .build();
    }
}
