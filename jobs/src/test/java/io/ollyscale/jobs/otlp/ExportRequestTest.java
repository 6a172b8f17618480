package io.ollyscale.jobs.otlp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.LogRecords;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExportRequestTest {
    private static final long MEMORY = 10 << 20;

    private final InFlight inFlight = new InFlight(new OtlpLimits(1 << 20, MEMORY, 1, Duration.ZERO, Duration.ZERO));

    @ParameterizedTest
    @EnumSource
    void leavesProtobufAsItCame(Signal signal) {
        MessageVariants.withAnUnknownField(NumberedRecords.allFields(signal)).forEach((where, newer) -> {
            byte[] message = newer.toByteArray();
            ExportRequest request = protobuf(signal, RecordEncoding.OTLP_PROTO, message);
            assertThat(request.record()).isSameAs(message);
            assertThat(request.warning()).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    void makesProtobufOfJson(Signal signal) {
        Message message = NumberedRecords.numbered(signal, 0, 50);
        ExportRequest request = json(signal, RecordEncoding.OTLP_PROTO, OtlpJsonWriter.write(message));
        assertThat(request.record()).isEqualTo(message.toByteArray());
        assertThat(request.warning()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void makesJsonOfBothForATopicOfJson(Signal signal) {
        Message message = NumberedRecords.numbered(signal, 0, 50);
        byte[] json = OtlpJsonWriter.write(message);
        byte[] spaced = (" { " + new String(json, UTF_8).substring(1) + "\n").getBytes(UTF_8);

        assertThat(protobuf(signal, RecordEncoding.OTLP_JSON, message.toByteArray())
                        .record())
                .isEqualTo(json);
        assertThat(json(signal, RecordEncoding.OTLP_JSON, spaced).record()).isEqualTo(json);
    }

    @ParameterizedTest
    @EnumSource
    void exportsNothingOfNothing(RecordEncoding encoding) {
        assertThat(protobuf(Signal.LOGS, encoding, new byte[0]).record()).isEmpty();
        assertThat(json(Signal.LOGS, encoding, "{\"resourceLogs\":[]}").record())
                .isEmpty();
    }

    @Test
    void refusesTheJsonOfAnotherSignal() {
        assertThatThrownBy(() -> json(Signal.TRACES, RecordEncoding.OTLP_PROTO, "{\"resourceLogs\":[]}"))
                .hasMessageStartingWith("No OTLP/JSON of traces: the document of another signal at /resourceLogs");
    }

    @ParameterizedTest
    @EnumSource
    void warnsOfKeysThatAreLost(RecordEncoding encoding) {
        String document = "{\"resourceSpans\":[{\"new\":1,\"resource\":{\"newer\":{\"x\":1}}}]}";
        assertThat(json(Signal.TRACES, encoding, document).warning())
                .contains(
                        "Left out because of JSON (2): keys or fields that OTLP 1.11 doesn't have, or payloads of NaN;"
                                + " protobuf keeps them");
    }

    @ParameterizedTest
    @EnumSource
    void warnsOfFieldsThatJsonLoses(Signal signal) {
        MessageVariants.withAnUnknownField(NumberedRecords.allFields(signal)).forEach((where, newer) -> {
            ExportRequest request = protobuf(signal, RecordEncoding.OTLP_JSON, newer.toByteArray());
            assertThat(request.warning())
                    .as(where)
                    .hasValueSatisfying(text -> assertThat(text).startsWith("Left out because of JSON"));
        });
    }

    /** Of 300 KB that would take fifty times as much. */
    @Test
    void refusesJsonThatExpandsBeyondTheMemory() {
        String spans = "{\"resourceSpans\":[" + "{},".repeat(100_000) + "{}]}";
        assertThatThrownBy(() -> json(spans)).extracting("problem").isEqualTo(Problem.TOO_LARGE);
        json("{\"resourceSpans\":[" + "{},".repeat(45_000) + "{}]}");
        json("{\"resourceSpans\":[{\"schemaUrl\":\"" + "{\\\"".repeat(100_000) + "\"}]}");
    }

    /** Two bytes each on the wire; as they are for a topic of protobuf, where no objects are made of them. */
    @Test
    void refusesProtobufThatExpandsBeyondTheMemory() {
        byte[] messages = new byte[2 * 60_000];
        byte[] unknown = new byte[2 * 60_000];
        for (int i = 0; i < messages.length; i += 2) {
            messages[i] = 1 << 3 | 2;
            unknown[i] = 15 << 3 | 2;
        }
        for (byte[] request : List.of(messages, unknown)) {
            assertThatThrownBy(() -> protobuf(Signal.METRICS, RecordEncoding.OTLP_JSON, request))
                    .extracting("problem")
                    .isEqualTo(Problem.TOO_LARGE);
            protobuf(Signal.METRICS, RecordEncoding.OTLP_JSON, Arrays.copyOf(request, 2 * 40_000));
            protobuf(Signal.METRICS, RecordEncoding.OTLP_PROTO, request);
        }
    }

    /** A control character takes one byte, and six in JSON. */
    @Test
    void refusesProtobufWhoseJsonIsBeyondTheMemory() {
        Function<Integer, byte[]> ofControls = count ->
                TraceRecords.of(Span.newBuilder().setName("\1".repeat(count))).toByteArray();
        assertThatThrownBy(() -> protobuf(Signal.TRACES, RecordEncoding.OTLP_JSON, ofControls.apply(1 << 20)))
                .extracting("problem")
                .isEqualTo(Problem.TOO_LARGE);
        protobuf(Signal.TRACES, RecordEncoding.OTLP_JSON, ofControls.apply(1 << 18));
    }

    @Test
    void writesWhatIsNestedAsDeepAsTheCheckAllows() throws Exception {
        AnyValue value = AnyValue.newBuilder().setIntValue(1).build();
        for (int i = 0; i < (ProtobufCheck.MAX_NESTING - 10) / 2; i++) {
            value = AnyValue.newBuilder()
                    .setArrayValue(ArrayValue.newBuilder().addValues(value))
                    .build();
        }
        LogsData message = LogRecords.of(LogRecord.newBuilder().setBody(value));

        byte[] json = protobuf(Signal.LOGS, RecordEncoding.OTLP_JSON, message.toByteArray())
                .record();

        assertThat(new OtlpJson(ProtobufCheck.MAX_NESTING)
                        .parse(json, LogsData.getDefaultInstance())
                        .message())
                .isEqualTo(message);
    }

    /** The parser remembers each. */
    @Test
    void refusesJsonOfMoreNamesThanTheMemoryHolds() {
        String names =
                IntStream.range(0, 140_000).mapToObj(n -> "\"" + n + "\":0").collect(Collectors.joining(","));
        assertThatThrownBy(() -> json("{\"x\":{" + names + "}}"))
                .extracting("problem")
                .isEqualTo(Problem.TOO_LARGE);
    }

    private ExportRequest json(String document) {
        return json(Signal.TRACES, RecordEncoding.OTLP_PROTO, document);
    }

    private ExportRequest json(Signal signal, RecordEncoding encoding, String document) {
        return json(signal, encoding, document.getBytes(UTF_8));
    }

    private ExportRequest json(Signal signal, RecordEncoding encoding, byte[] document) {
        try (InFlight.Place place = inFlight.enter()) {
            return ExportRequest.ofJson(new OtlpService(signal, "topic", encoding), document, place);
        }
    }

    private ExportRequest protobuf(Signal signal, RecordEncoding encoding, byte[] message) {
        try (InFlight.Place place = inFlight.enter()) {
            return ExportRequest.ofProtobuf(new OtlpService(signal, "topic", encoding), message, place);
        }
    }
}
