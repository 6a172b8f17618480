package io.ollyscale.jobs.cli.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordTimesTest {

    @ParameterizedTest
    @EnumSource
    void replacesEveryTimeOfASignal(Signal signal) throws IOException {
        Set<String> times = new TreeSet<>();
        Message before = full(signal.message(), times, new HashSet<>());
        byte[] record = before.toByteArray();

        new RecordTimes(signal).replaceAll(record, time -> time + 1);

        assertThat(times).isNotEmpty();
        String expected = before.toString().replaceAll("(time_unix_nano: )1000\\b", "$11001");
        assertThat(before.newBuilderForType().mergeFrom(record).build().toString())
                .isNotEqualTo(before.toString())
                .isEqualTo(expected);
    }

    @Test
    void leavesUnsetAndImpossibleTimesAndUnknownFields() throws IOException {
        Span span = Span.newBuilder()
                .setName("x")
                .setStartTimeUnixNano(0)
                .setEndTimeUnixNano(-1)
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                99,
                                UnknownFieldSet.Field.newBuilder().addFixed64(5).build())
                        .build())
                .build();
        byte[] record = record(span);
        byte[] before = record.clone();

        new RecordTimes(Signal.TRACES).replaceAll(record, time -> time + 1);

        assertThat(record).isEqualTo(before);
    }

    @Test
    void refusesWhatIsCutOff() {
        byte[] record = record(Span.newBuilder().setEndTimeUnixNano(5).build());

        assertThatIOException()
                .isThrownBy(() -> new RecordTimes(Signal.TRACES)
                        .replaceAll(Arrays.copyOf(record, record.length - 1), time -> time));
    }

    private static byte[] record(Span span) {
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .addScopeSpans(ScopeSpans.newBuilder().addSpans(span)))
                .build()
                .toByteArray();
    }

    /** Sets every field once, two members of a oneof where they are repeated; each time is 1000. */
    private static Message full(Message type, Set<String> times, Set<Descriptor> outer) {
        Message.Builder builder = type.newBuilderForType();
        Set<Descriptor> here = new HashSet<>(outer);
        here.add(type.getDescriptorForType());
        for (FieldDescriptor field : type.getDescriptorForType().getFields()) {
            if (field.getType() == FieldDescriptor.Type.MESSAGE && here.contains(field.getMessageType())) {
                continue;
            }
            if (field.getFullName().equals("opentelemetry.proto.metrics.v1.ScopeMetrics.metrics")) {
                addEachKindOfMetric(builder, field, times, here);
            } else if (field.isRepeated()) {
                builder.addRepeatedField(field, value(builder, field, times, here));
            } else {
                builder.setField(field, value(builder, field, times, here));
            }
        }
        return builder.build();
    }

    private static void addEachKindOfMetric(
            Message.Builder scope, FieldDescriptor metrics, Set<String> times, Set<Descriptor> outer) {
        for (FieldDescriptor kind : metrics.getMessageType().getFields()) {
            if (kind.getContainingOneof() != null) {
                Message.Builder metric = scope.newBuilderForField(metrics);
                metric.setField(kind, value(metric, kind, times, outer));
                scope.addRepeatedField(metrics, metric.build());
            }
        }
    }

    private static Object value(Message.Builder of, FieldDescriptor field, Set<String> times, Set<Descriptor> outer) {
        if (field.getName().endsWith("time_unix_nano")) {
            times.add(field.getFullName());
            return 1000L;
        }
        return switch (field.getJavaType()) {
            case MESSAGE -> full(of.newBuilderForField(field).build(), times, outer);
            case STRING -> "text";
            case BYTE_STRING -> ByteString.copyFromUtf8("12345678");
            case ENUM -> field.getEnumType().findValueByNumber(1);
            case BOOLEAN -> true;
            case INT -> 1000;
            case LONG -> 1000L;
            case DOUBLE -> 1000.0;
            case FLOAT -> 1000f;
        };
    }
}
