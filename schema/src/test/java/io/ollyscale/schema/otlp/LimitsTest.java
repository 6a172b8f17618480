package io.ollyscale.schema.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Message;
import io.ollyscale.schema.testing.MetricRecords;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a record may expand to. */
class LimitsTest {
    private static final DecodingLimits SMALL = new DecodingLimits(128, 32, 2_000, 1 << 20);

    static Stream<Arguments> recordsThatExpand() {
        return Stream.of(
                Arguments.of("empty spans", spans(Collections.nCopies(3_000, Span.getDefaultInstance()))),
                Arguments.of(
                        "empty resources",
                        resources(IntStream.range(0, 3_000)
                                .mapToObj(i -> ResourceSpans.getDefaultInstance())
                                .toList())),
                Arguments.of(
                        "empty links of one span",
                        spans(List.of(Span.newBuilder()
                                .addAllLinks(Collections.nCopies(3_000, Span.Link.getDefaultInstance()))
                                .build()))),
                Arguments.of("empty log records", logs(Collections.nCopies(3_000, LogRecord.getDefaultInstance()))),
                Arguments.of(
                        "empty points",
                        metrics(Metric.newBuilder()
                                .setSummary(Summary.newBuilder()
                                        .addAllDataPoints(
                                                Collections.nCopies(3_000, SummaryDataPoint.getDefaultInstance()))))),
                Arguments.of(
                        "empty exemplars of one point",
                        metrics(MetricRecords.gauge(NumberDataPoint.newBuilder()
                                .addAllExemplars(Collections.nCopies(3_000, Exemplar.getDefaultInstance()))))),
                Arguments.of(
                        "empty quantiles of one point",
                        metrics(Metric.newBuilder()
                                .setSummary(Summary.newBuilder()
                                        .addDataPoints(SummaryDataPoint.newBuilder()
                                                .addAllQuantileValues(Collections.nCopies(
                                                        3_000,
                                                        SummaryDataPoint.ValueAtQuantile.getDefaultInstance())))))),
                Arguments.of(
                        "distinct metrics",
                        metrics(IntStream.range(0, 300)
                                .mapToObj(i -> MetricRecords.gauge(MetricRecords.barePoint(1))
                                        .setDescription("x".repeat(4_000) + i))
                                .toArray(Metric.Builder[]::new))),
                Arguments.of(
                        "distinct series",
                        metrics(Metric.newBuilder()
                                .setGauge(Gauge.newBuilder()
                                        .addAllDataPoints(IntStream.range(0, 600)
                                                .mapToObj(i -> NumberDataPoint.newBuilder()
                                                        .addAttributes(OtlpValues.attribute("n", "x".repeat(1_000) + i))
                                                        .build())
                                                .toList())))),
                Arguments.of(
                        "distinct resources",
                        resources(IntStream.range(0, 300)
                                .mapToObj(i -> ResourceSpans.newBuilder()
                                        .setResource(Resource.newBuilder()
                                                .addAttributes(OtlpValues.attribute("n", "x".repeat(4_000) + i)))
                                        .addScopeSpans(ScopeSpans.newBuilder().addSpans(TraceRecords.bareSpan(i)))
                                        .build())
                                .toList())),
                Arguments.of(
                        "doubles of 309 digits",
                        spans(List.of(TraceRecords.bareSpan(1)
                                .addAttributes(OtlpValues.attribute("doubles", Collections.nCopies(1_500, 1e308 * -1)))
                                .addAttributes(OtlpValues.attribute("more", "x".repeat(700_000)))
                                .build()))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recordsThatExpand")
    void refusesWhatExpandsBeyondALimit(String name, Message record) {
        for (RecordEncoding encoding : RecordEncoding.values()) {
            RecordEncoder encoder = encoder(record, encoding, SMALL);
            RefusedRecordException refusal = catchThrowableOfType(
                    RefusedRecordException.class, () -> encoder.encode(NumberedRecords.encoded(record, encoding)));
            assertThat(refusal).as("%s", encoding).isNotNull();
            assertThat(refusal.reason()).isEqualTo(RefusalReason.TOO_LARGE);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recordsThatExpand")
    void takesTheSameWithinTheLimits(String name, Message record) throws Exception {
        for (RecordEncoding encoding : RecordEncoding.values()) {
            assertThat(encoder(record, encoding, DecodingLimits.DEFAULT)
                            .encode(NumberedRecords.encoded(record, encoding)))
                    .isNotNull();
        }
    }

    /** Spans of some ten attributes. */
    @ParameterizedTest
    @EnumSource
    void takes100000Units(Signal signal) throws Exception {
        byte[] record = NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, 0, 100_000);
        assertThat(new RecordEncoder(signal, RecordEncoding.OTLP_PROTO, TestPolicy.POLICY, DecodingLimits.DEFAULT)
                        .encode(record)
                        .units())
                .isEqualTo(100_000);
    }

    /** A record of 43 MB whose points are all of new series: none of them may be refused for what it describes. */
    @Test
    void takes100000Series() throws Exception {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = 0; i < 100_000; i++) {
            NumberDataPoint.Builder point = gauge.addDataPointsBuilder().setAsInt(i);
            for (int attribute = 0; attribute < 10; attribute++) {
                point.addAttributes(OtlpValues.attribute("test.attribute." + attribute, "value " + i));
            }
        }
        byte[] record = metrics(Metric.newBuilder().setGauge(gauge)).toByteArray();

        assertThat(new RecordEncoder(
                                Signal.METRICS, RecordEncoding.OTLP_PROTO, TestPolicy.POLICY, DecodingLimits.DEFAULT)
                        .encode(record)
                        .units())
                .isEqualTo(100_000);
    }

    /** Parsed, each byte of them would be 8 to 20 in memory, before any row is made. */
    @Test
    void countsNumbersBeforeTheyAreParsed() throws Exception {
        int most = (int) (SMALL.rowBytes() / MessageCount.BYTES_OF_A_NUMBER);
        // A list's tag and length count with it.
        MessageCount.check(bucketCounts(most - 10), MetricsData.getDescriptor(), SMALL);

        assertThat(catchThrowableOfType(
                        RefusedRecordException.class,
                        () -> MessageCount.check(bucketCounts(most + 1), MetricsData.getDescriptor(), SMALL)))
                .returns(RefusalReason.TOO_LARGE, RefusedRecordException::reason);
    }

    private static byte[] bucketCounts(int count) {
        return metrics(Metric.newBuilder()
                        .setExponentialHistogram(ExponentialHistogram.newBuilder()
                                .addDataPoints(ExponentialHistogramDataPoint.newBuilder()
                                        .setPositive(ExponentialHistogramDataPoint.Buckets.newBuilder()
                                                .addAllBucketCounts(Collections.nCopies(count, 0L))))))
                .toByteArray();
    }

    private static RecordEncoder encoder(Message record, RecordEncoding encoding, DecodingLimits limits) {
        Signal of = Arrays.stream(Signal.values())
                .filter(signal -> signal.message().getDescriptorForType() == record.getDescriptorForType())
                .findFirst()
                .orElseThrow();
        return new RecordEncoder(of, encoding, TestPolicy.POLICY, limits);
    }

    private static LogsData logs(List<LogRecord> logs) {
        return LogsData.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder()
                        .addScopeLogs(ScopeLogs.newBuilder().addAllLogRecords(logs)))
                .build();
    }

    private static MetricsData metrics(Metric.Builder... metrics) {
        return MetricRecords.of(metrics);
    }

    private static TracesData spans(List<Span> spans) {
        return resources(List.of(ResourceSpans.newBuilder()
                .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(spans))
                .build()));
    }

    private static TracesData resources(List<ResourceSpans> resources) {
        return TracesData.newBuilder().addAllResourceSpans(resources).build();
    }
}
