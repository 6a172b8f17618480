package io.ollyscale.functions.flatten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.google.protobuf.Message;
import io.ollyscale.functions.dimensions.Sighting;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.DimensionKind;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.MetricRecords;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Flatten} reports of the dimensions that it sees, by a simulated clock. */
class SightingsTest {
    private static final long POLICY_VERSION = 7;
    private static final Duration INTERVAL = Duration.ofMinutes(10);
    private static final int MAX_RECENT = 50;
    private static final long NOW = Instant.parse("2026-01-01T12:00:00Z").toEpochMilli();

    private OneInputStreamOperatorTestHarness<RawRecord, RowBatch> harness;
    private int taken;

    @BeforeEach
    void open() throws Exception {
        open(Signal.TRACES, POLICY_VERSION);
    }

    private void open(Signal signal, long policyVersion) throws Exception {
        if (harness != null) {
            harness.close();
        }
        taken = 0;
        harness = new OneInputStreamOperatorTestHarness<>(new FlattenFactory(
                new RecordEncoder(
                        signal,
                        RecordEncoding.OTLP_PROTO,
                        TestPolicy.POLICY.registered(policyVersion, key -> 1),
                        DecodingLimits.DEFAULT),
                Flatten.NewerOtlp.KEEP_RECORD,
                INTERVAL,
                MAX_RECENT));
        harness.open();
        harness.setProcessingTime(NOW);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void reportsEachDimensionOfARecordOnce() throws Exception {
        List<Sighting> sightings = process(TraceRecords.numbered(0, 400), NOW);

        assertThat(sightings)
                .extracting(sighting -> sighting.dimension().hash())
                .doesNotHaveDuplicates();
        assertThat(ofKind(DimensionKind.RESOURCE, sightings)).hasSize(TraceRecords.SERVICES);
        assertThat(ofKind(DimensionKind.SCOPE, sightings)).hasSize(TraceRecords.SCOPES);
        assertThat(ofKind(DimensionKind.SERVICE, sightings)).hasSize(TraceRecords.SERVICES);
        assertThat(ofKind(DimensionKind.OPERATION, sightings)).isNotEmpty();
    }

    /** 25 consecutive numbers are of five metrics with five series each. */
    @Test
    void reportsEachMetricAndSeriesOnce() throws Exception {
        open(Signal.METRICS, POLICY_VERSION);
        List<Sighting> sightings = process(MetricRecords.numbered(0, 25), NOW);

        assertThat(sightings)
                .extracting(sighting -> sighting.dimension().hash())
                .doesNotHaveDuplicates();
        assertThat(ofKind(DimensionKind.RESOURCE, sightings)).hasSize(1);
        assertThat(ofKind(DimensionKind.SCOPE, sightings)).hasSize(1);
        assertThat(ofKind(DimensionKind.METRIC, sightings)).hasSize(5);
        assertThat(ofKind(DimensionKind.SERIES, sightings)).hasSize(25);
        assertThat(ofKind(DimensionKind.OPERATION, sightings)).isEmpty();
        assertThat(sightings)
                .allSatisfy(sighting -> assertThat(sighting.key())
                        .isEqualTo(sighting.dimension().id()));
    }

    /** The next points, with other times, values, counts and exemplars. */
    @Test
    void reportsNoSeriesAgainForItsNextPoint() throws Exception {
        open(Signal.METRICS, POLICY_VERSION);
        process(MetricRecords.numbered(0, 25), NOW);

        // The same service and scope come again after 48 blocks of 25.
        assertThat(process(MetricRecords.numbered(48 * 25, 25), NOW)).isEmpty();
    }

    /** A metric of another description is a variant, whose series are others. */
    @Test
    void reportsAVariantOfAMetricWithItsSeries() throws Exception {
        open(Signal.METRICS, POLICY_VERSION);
        process(MetricRecords.of(MetricRecords.metric(0)), NOW);

        assertThat(process(MetricRecords.of(MetricRecords.metric(0).setDescription("of the garden")), NOW))
                .extracting(sighting -> sighting.dimension().kind())
                .containsExactlyInAnyOrder(DimensionKind.METRIC, DimensionKind.SERIES);
    }

    @Test
    void reportsSeriesUnderANewPolicy() throws Exception {
        open(Signal.METRICS, POLICY_VERSION);
        List<Sighting> before = ofKind(DimensionKind.SERIES, process(MetricRecords.numbered(0, 25), NOW));
        open(Signal.METRICS, POLICY_VERSION + 1);
        List<Sighting> after = ofKind(DimensionKind.SERIES, process(MetricRecords.numbered(0, 25), NOW));
        assertThat(before).extracting(Sighting::policyVersion).containsOnly(POLICY_VERSION);
        assertThat(after).extracting(Sighting::policyVersion).containsOnly(POLICY_VERSION + 1);
        assertThat(after)
                .extracting(sighting -> sighting.dimension().hash())
                .containsExactlyInAnyOrderElementsOf(before.stream()
                        .map(sighting -> sighting.dimension().hash())
                        .toList());
    }

    @Test
    void reportsNothingAgainBeforeTheIntervalIsOver() throws Exception {
        int all = process(TraceRecords.numbered(0, 100), NOW).size();
        harness.setProcessingTime(NOW + INTERVAL.toMillis() - 1);
        assertThat(process(TraceRecords.numbered(0, 100), NOW)).isEmpty();

        harness.setProcessingTime(NOW + INTERVAL.toMillis());
        assertThat(process(TraceRecords.numbered(0, 100), NOW)).hasSize(all);
    }

    @Test
    void reportsWhatTheClockHadSeenInTheFuture() throws Exception {
        int all = process(TraceRecords.numbered(0, 100), NOW).size();
        harness.setProcessingTime(NOW - 1);

        assertThat(process(TraceRecords.numbered(0, 100), NOW)).hasSize(all);
    }

    /** A flood of names pushes out names, and not the resource that all of them have. */
    @Test
    void forgetsWhatIsNotSeenWhereThereAreTooMany() throws Exception {
        TracesData first = TraceRecords.of(TraceRecords.bareSpan(0).setName("first"));
        process(first, NOW);
        for (int number = 1; number <= MAX_RECENT; number++) {
            process(names(number, 1), NOW);
        }

        assertThat(process(names(MAX_RECENT, 1), NOW)).isEmpty();
        assertThat(process(first, NOW))
                .extracting(sighting -> sighting.dimension().kind())
                .containsExactly(DimensionKind.OPERATION);
    }

    /** Otherwise a dimension that nobody has heard of would count as reported. */
    @ParameterizedTest
    @EnumSource
    void reportsNothingOfARefusedRecord(Signal signal) throws Exception {
        open(signal, POLICY_VERSION);
        byte[] good = NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, 0, 100);
        byte[] refused = new byte[good.length + BadRecord.GARBAGE.bytes().length];
        System.arraycopy(good, 0, refused, 0, good.length);
        System.arraycopy(BadRecord.GARBAGE.bytes(), 0, refused, good.length, refused.length - good.length);

        assertThat(process(refused, NOW)).isEmpty();
        assertThat(process(good, NOW)).isNotEmpty();
    }

    @Test
    void keepsOperationsUnderTheirService() throws Exception {
        List<Sighting> sightings = process(TraceRecords.numbered(0, 400), NOW);
        List<Long> services = ofKind(DimensionKind.SERVICE, sightings).stream()
                .map(sighting -> sighting.dimension().id())
                .toList();

        assertThat(ofKind(DimensionKind.OPERATION, sightings))
                .extracting(Sighting::key)
                .isSubsetOf(services);
        assertThat(ofKind(DimensionKind.RESOURCE, sightings))
                .allSatisfy(sighting -> assertThat(sighting.key())
                        .isEqualTo(sighting.dimension().id()));
    }

    @Test
    void carriesThePolicyVersionOfWhatHasAttributes() throws Exception {
        List<Sighting> sightings = process(TraceRecords.numbered(0, 10), NOW);

        assertThat(ofKind(DimensionKind.RESOURCE, sightings))
                .extracting(Sighting::policyVersion)
                .containsOnly(POLICY_VERSION);
        assertThat(ofKind(DimensionKind.SCOPE, sightings))
                .extracting(Sighting::policyVersion)
                .containsOnly(POLICY_VERSION);
        assertThat(ofKind(DimensionKind.OPERATION, sightings))
                .extracting(Sighting::policyVersion)
                .containsOnly(0L);
    }

    /** A metric's metadata isn't the policy's. */
    @Test
    void carriesThePolicyVersionOfSeriesAndNoneOfMetrics() throws Exception {
        open(Signal.METRICS, POLICY_VERSION);
        List<Sighting> sightings = process(MetricRecords.numbered(0, 25), NOW);

        assertThat(ofKind(DimensionKind.SERIES, sightings))
                .extracting(Sighting::policyVersion)
                .containsOnly(POLICY_VERSION);
        assertThat(ofKind(DimensionKind.METRIC, sightings))
                .extracting(Sighting::policyVersion)
                .containsOnly(0L);
    }

    static Stream<Arguments> recordTimestamps() {
        long inFiveMinutes = NOW + Duration.ofMinutes(5).toMillis();
        return Stream.of(
                argumentSet("none", -1L, NOW),
                argumentSet("the first millisecond of 1970", 0L, 0L),
                argumentSet("in 1970", 5_000L, 5_000L),
                argumentSet("now", NOW, NOW),
                argumentSet("a little ahead", inFiveMinutes, inFiveMinutes),
                argumentSet("ahead", inFiveMinutes + 1, inFiveMinutes),
                argumentSet("in 2554", Instant.parse("2554-07-21T00:00:00Z").toEpochMilli(), inFiveMinutes),
                argumentSet("never", Long.MAX_VALUE, inFiveMinutes));
    }

    @ParameterizedTest
    @MethodSource("recordTimestamps")
    void isSeenAtTheRecordsTimeButNotFarAhead(long recordTimestamp, long seen) throws Exception {
        assertThat(process(TraceRecords.numbered(0, 10), recordTimestamp))
                .isNotEmpty()
                .extracting(Sighting::seen)
                .containsOnly(seen);
    }

    private List<Sighting> process(Message record, long recordTimestamp) throws Exception {
        return process(record.toByteArray(), recordTimestamp);
    }

    /** The sightings of this record. */
    private List<Sighting> process(byte[] record, long recordTimestamp) throws Exception {
        harness.processElement(
                new StreamRecord<>(new RawRecord("topic", 0, 0, 0, recordTimestamp, null, record, List.of())));
        var output = harness.getSideOutput(Flatten.SIGHTINGS);
        List<Sighting> all = new ArrayList<>();
        if (output != null) {
            output.forEach(sighting -> all.add(sighting.getValue()));
        }
        List<Sighting> fresh = List.copyOf(all.subList(taken, all.size()));
        taken = all.size();
        return fresh;
    }

    private static List<Sighting> ofKind(DimensionKind kind, List<Sighting> sightings) {
        return sightings.stream()
                .filter(sighting -> sighting.dimension().kind() == kind)
                .toList();
    }

    /** As many spans of names of their own. */
    private static TracesData names(int from, int count) {
        return TraceRecords.of(IntStream.range(from, from + count)
                .mapToObj(number -> TraceRecords.bareSpan(number).setName("name " + number))
                .toArray(Span.Builder[]::new));
    }
}
