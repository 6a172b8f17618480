package io.ollyscale.jobs.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExportTest {
    private static final long MEMORY = 10 << 20;

    private final InFlight inFlight = new InFlight(new OtlpLimits(1 << 20, MEMORY, 1, Duration.ZERO, Duration.ZERO));

    @Test
    void leavesProtobufAsItCame() {
        MessageVariants.withAnUnknownField(TraceRecords.allFields()).forEach((where, newer) -> {
            byte[] message = newer.toByteArray();
            assertThat(Export.ofProtobuf(OtlpService.TRACES, message).message()).isSameAs(message);
        });
    }

    @Test
    void makesProtobufOfJson() throws InvalidProtocolBufferException {
        Export export = json("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"a {b} \\\"{\"}]}]}]}");
        assertThat(TracesData.parseFrom(export.message())
                        .getResourceSpans(0)
                        .getScopeSpans(0)
                        .getSpans(0)
                        .getName())
                .isEqualTo("a {b} \"{");
        assertThat(export.warning()).isEmpty();
        assertThat(json("{\"resourceSpans\":[]}").message()).isEmpty();
    }

    @Test
    void takesTheJsonOfEachService() throws InvalidProtocolBufferException {
        String logs = "{\"resourceLogs\":[{\"schemaUrl\":\"a\"}]}";
        try (InFlight.Place place = inFlight.enter()) {
            Export export = Export.ofJson(OtlpService.LOGS, logs.getBytes(StandardCharsets.UTF_8), place);
            assertThat(LogsData.parseFrom(export.message()).getResourceLogs(0).getSchemaUrl())
                    .isEqualTo("a");
        }
        assertThatThrownBy(() -> json(logs))
                .hasMessageStartingWith("No OTLP/JSON of traces: the document of another signal at /resourceLogs");
    }

    @Test
    void warnsOfKeysThatAreLost() {
        assertThat(json("{\"resourceSpans\":[{\"new\":1,\"resource\":{\"newer\":{\"x\":1}}}]}")
                        .warning())
                .contains("Keys that are no fields of OTLP 1.11 were left out (2); protobuf keeps them");
    }

    /** Of 300 KB that would take fifty times as much. */
    @Test
    void refusesJsonThatExpandsBeyondTheMemory() {
        String spans = "{\"resourceSpans\":[" + "{},".repeat(100_000) + "{}]}";
        assertThatThrownBy(() -> json(spans)).extracting("problem").isEqualTo(Problem.TOO_LARGE);
        json("{\"resourceSpans\":[" + "{},".repeat(45_000) + "{}]}");
        json("{\"resourceSpans\":[{\"schemaUrl\":\"" + "{\\\"".repeat(100_000) + "\"}]}");
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

    private Export json(String document) {
        try (InFlight.Place place = inFlight.enter()) {
            return Export.ofJson(OtlpService.TRACES, document.getBytes(StandardCharsets.UTF_8), place);
        }
    }
}
