package io.ollyscale.jobs.cli.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.LogRecords;
import io.ollyscale.schema.testing.NumberedRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SignalGuessTest {

    @Test
    void tellsTraces() throws IOException {
        assertThat(guess(traces(Span.newBuilder()
                        .setTraceId(ByteString.copyFrom(new byte[] {1, (byte) 0xC0, 3}))
                        .setName("GET /")
                        .setKindValue(2)
                        .setStartTimeUnixNano(1))))
                .isEqualTo("traces");
        assertThat(guess(traces(Span.newBuilder().setName("x").setEndTimeUnixNano(7))))
                .isEqualTo("traces");
    }

    @Test
    void tellsLogs() throws IOException {
        LogRecord.Builder log = LogRecord.newBuilder()
                .setTimeUnixNano(5)
                .setBody(AnyValue.newBuilder().setStringValue("disk is full"));

        assertThat(guess(LogsData.newBuilder()
                        .addResourceLogs(ResourceLogs.newBuilder()
                                .addScopeLogs(ScopeLogs.newBuilder().addLogRecords(log)))
                        .build()))
                .isEqualTo("logs");
    }

    @Test
    void tellsMetrics() throws IOException {
        // A gauge without points is a span's name on the wire.
        Metric.Builder likeASpan = Metric.newBuilder().setName("up").setGauge(Gauge.getDefaultInstance());
        Metric.Builder sum = Metric.newBuilder()
                .setName("requests")
                .setSum(Sum.newBuilder()
                        .addDataPoints(NumberDataPoint.newBuilder().setAsInt(3)));

        assertThat(guess(metrics(likeASpan, sum))).isEqualTo("metrics");
        assertThat(guess(metrics(likeASpan))).as("it may be either").isEqualTo("unknown");
    }

    @ParameterizedTest
    @EnumSource
    void tellsARecordOfManyKinds(Signal signal) throws IOException {
        Message record = NumberedRecords.numbered(signal, 0, 1_000);
        for (RecordEncoding encoding : RecordEncoding.values()) {
            assertThat(SignalGuess.of(NumberedRecords.encoded(record, encoding), encoding))
                    .contains(signal);
        }
        assertThat(guess(NumberedRecords.allFields(signal))).isEqualTo(signal.toString());
    }

    @Test
    void tellsWhatIsNestedDeeperThanProtobufReadsByDefault() throws IOException {
        AnyValue value = AnyValue.newBuilder().setIntValue(1).build();
        for (int i = 0; i < 128; i++) {
            value = AnyValue.newBuilder()
                    .setArrayValue(ArrayValue.newBuilder().addValues(value))
                    .build();
        }
        assertThat(guess(LogRecords.of(LogRecord.newBuilder().setTimeUnixNano(1).setBody(value))))
                .isEqualTo("logs");
    }

    @Test
    void tellsNothingFromEmptyRecords() throws IOException {
        assertThat(guess(TracesData.getDefaultInstance())).isEqualTo("unknown");
        assertThat(guess(TracesData.newBuilder()
                        .addResourceSpans(ResourceSpans.getDefaultInstance())
                        .build()))
                .isEqualTo("unknown");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"resourceSpans": []}                   | traces
                    {"newer": [{}], "resourceLogs": []}     | logs
                    {"resourceMetrics": [                   | metrics
                    {}                                      | unknown
                    {"resourceProfiles": []}                | unknown
                    """)
    void tellsJsonByItsKeys(String document, String expected) throws IOException {
        assertThat(SignalGuess.of(document.getBytes(UTF_8), RecordEncoding.OTLP_JSON)
                        .map(Signal::toString)
                        .orElse("unknown"))
                .isEqualTo(expected);
    }

    @Test
    void refusesWhatIsBroken() {
        assertThatIOException().isThrownBy(() -> SignalGuess.of(new byte[] {0x0A, 0x7F, 1}, RecordEncoding.OTLP_PROTO));
        assertThatIOException().isThrownBy(() -> SignalGuess.of("{\"a\": }".getBytes(UTF_8), RecordEncoding.OTLP_JSON));
    }

    private static String guess(Message record) throws IOException {
        return SignalGuess.of(record.toByteArray(), RecordEncoding.OTLP_PROTO)
                .map(Signal::toString)
                .orElse("unknown");
    }

    private static Message traces(Span.Builder span) {
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .addScopeSpans(ScopeSpans.newBuilder().addSpans(span)))
                .build();
    }

    private static Message metrics(Metric.Builder... metrics) {
        ScopeMetrics.Builder scope = ScopeMetrics.newBuilder();
        for (Metric.Builder metric : metrics) {
            scope.addMetrics(metric);
        }
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder().addScopeMetrics(scope))
                .build();
    }
}
