package io.ollyscale.schema.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.MessageVariants;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OtlpJsonWriterTest {

    /** Of 128 levels of kvlists, as deep as the decoder accepts by default. */
    private static final int MAX_NESTING = 400;

    private final OtlpJson json = new OtlpJson(MAX_NESTING);

    @Test
    void writesByTheSpecification() {
        Span span = Span.newBuilder()
                .setTraceId(ByteString.copyFrom(new byte[] {0, -85}))
                .setParentSpanId(ByteString.copyFrom(new byte[] {-1}))
                .setName("\"ä\0\n")
                .setKindValue(99)
                .setStartTimeUnixNano(-1)
                .setFlags(-1)
                .addAttributes(KeyValue.newBuilder()
                        .setKey("k")
                        .setValue(AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(new byte[] {-5, -1}))))
                .addAttributes(
                        KeyValue.newBuilder().setValue(AnyValue.newBuilder().setIntValue(0)))
                .setStatus(Status.getDefaultInstance())
                .build();

        assertThat(text(span)).isEqualTo("""
                {"traceId":"00ab","parentSpanId":"ff","name":"\\"ä\\u0000\\n","kind":99,\
                "startTimeUnixNano":"18446744073709551615",\
                "attributes":[{"key":"k","value":{"bytesValue":"+/8="}},{"value":{"intValue":"0"}}],\
                "status":{},"flags":4294967295}""");
    }

    @Test
    void leavesOutWhatIsUnsetAndKeepsWhatIsSet() {
        assertThat(text(TracesData.getDefaultInstance())).isEqualTo("{}");
        assertThat(text(NumberDataPoint.getDefaultInstance())).isEqualTo("{}");
        assertThat(text(NumberDataPoint.newBuilder().setAsInt(0).build())).isEqualTo("{\"asInt\":\"0\"}");
        assertThat(text(HistogramDataPoint.newBuilder().setSum(0).setMin(-0.0).build()))
                .isEqualTo("{\"sum\":0.0,\"min\":-0.0}");
        assertThat(text(AnyValue.newBuilder().setStringValue("").build())).isEqualTo("{\"stringValue\":\"\"}");
        assertThat(text(AnyValue.newBuilder()
                        .setArrayValue(ArrayValue.getDefaultInstance())
                        .build()))
                .isEqualTo("{\"arrayValue\":{}}");
    }

    @Test
    void writesWhatIsNoNumberAsText() {
        assertThat(text(HistogramDataPoint.newBuilder()
                        .addExplicitBounds(Double.NaN)
                        .addExplicitBounds(Double.POSITIVE_INFINITY)
                        .addExplicitBounds(Double.NEGATIVE_INFINITY)
                        .addExplicitBounds(1e21)
                        .build()))
                .isEqualTo("{\"explicitBounds\":[\"NaN\",\"Infinity\",\"-Infinity\",1.0E21]}");
    }

    @Test
    void countsNansThatLoseTheirPayload() throws IOException {
        Exemplar.Builder exemplar = Exemplar.newBuilder();
        HistogramDataPoint point = HistogramDataPoint.newBuilder()
                .setSum(Double.longBitsToDouble(0xfff8000000000000L))
                .addExplicitBounds(Double.NaN)
                .addExemplars(exemplar.setAsDouble(Double.longBitsToDouble(0x7ff800000000beefL)))
                .build();

        assertThat(OtlpJsonWriter.write(point, new ByteArrayOutputStream())).isEqualTo(2);
    }

    @Test
    void writesBehindWhatTheStreamHolds() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OtlpJsonWriter.write(TracesData.getDefaultInstance(), out);
        out.write('\n');
        OtlpJsonWriter.write(
                TracesData.newBuilder()
                        .addResourceSpans(ResourceSpans.getDefaultInstance())
                        .build(),
                out);

        assertThat(out.toString(UTF_8)).isEqualTo("{}\n{\"resourceSpans\":[{}]}");
    }

    @Test
    void writesWhatIsNestedAsDeepAsTheDecoderAccepts() throws OtlpJsonException {
        // An array's level is two messages; five are around it.
        AnyValue value = AnyValue.getDefaultInstance();
        for (int i = 0; i < (MAX_NESTING - 5) / 2; i++) {
            value = AnyValue.newBuilder()
                    .setArrayValue(ArrayValue.newBuilder().addValues(value))
                    .build();
        }
        TracesData record = TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .addSpans(Span.newBuilder()
                                        .addAttributes(KeyValue.newBuilder().setValue(value)))))
                .build();

        assertThat(read(OtlpJsonWriter.write(record), record)).isEqualTo(record);
    }

    @ParameterizedTest
    @EnumSource
    void theReaderReadsTheSameMessage(Signal signal) throws OtlpJsonException {
        RandomMessage random = new RandomMessage(42);
        Set<FieldDescriptor> set = new HashSet<>();
        for (int i = 0; i < 3_000; i++) {
            Message message = random.like(signal.message(), 9);
            set.addAll(MessageVariants.fieldsSet(message));
            byte[] document = OtlpJsonWriter.write(message);

            assertThat(document).doesNotContain('\n');
            assertThat(read(document, message)).isEqualTo(message);
        }
        assertThat(set).isEqualTo(MessageVariants.fields(signal.message().getDescriptorForType()));
    }

    private <M extends Message> M read(byte[] document, M type) throws OtlpJsonException {
        @SuppressWarnings("unchecked") // its default instance is of its type
        M defaults = (M) type.getDefaultInstanceForType();
        OtlpJson.Document<M> parsed = json.parse(document, defaults);
        assertThat(parsed.unknownKeys()).isZero();
        return parsed.message();
    }

    private static String text(Message message) {
        return new String(OtlpJsonWriter.write(message), UTF_8);
    }
}
