package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.DemoSpan.SEED;
import static io.ollyscale.jobs.demo.DemoSpan.START;
import static io.ollyscale.jobs.demo.DemoSpan.TRACES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.PolicyFiles;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemoShopTest {
    private static final Set<Signal> ALL = Set.of(Signal.values());
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** What Kafka takes of a producer that isn't told otherwise. */
    private static final int LARGEST_RECORD = 1_000_000;

    @Test
    void givesTheSameBytesForTheSameSeedAndStart() {
        List<byte[]> expected = records(new DemoShop(SEED, START, 5_000, ALL), 1_000);
        Locale locale = Locale.getDefault();
        TimeZone zone = TimeZone.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
            assertThat(records(new DemoShop(SEED, START, 5_000, ALL), 1_000)).containsExactlyElementsOf(expected);
        } finally {
            Locale.setDefault(locale);
            TimeZone.setDefault(zone);
        }
    }

    @ParameterizedTest
    @EnumSource(Signal.class)
    void givesTheSameBytesWithoutTheOtherSignals(Signal signal) {
        DemoShop all = new DemoShop(SEED, START, 2_000, ALL);
        List<byte[]> expected = new ArrayList<>();
        while (expected.size() < 50) {
            DemoRecord record = all.next();
            if (record.signal() == signal) {
                expected.add(record.message());
            }
        }
        assertThat(records(new DemoShop(SEED, START, 2_000, Set.of(signal)), 50))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void givesOtherInstancesAndTracesForAnotherSeed() {
        List<DemoSpan> some = DemoSpan.from(new DemoShop(SEED, START, 20_000, TRACES), 20_000);
        List<DemoSpan> others = DemoSpan.from(new DemoShop(SEED + 1, START, 20_000, TRACES), 20_000);
        Set<ByteString> traces = values(some, span -> span.span().getTraceId());
        traces.retainAll(values(others, span -> span.span().getTraceId()));
        assertThat(traces).isEmpty();
        Set<String> pods = values(some, DemoSpan::pod);
        pods.retainAll(values(others, DemoSpan::pod));
        // That of browsers, which have none.
        assertThat(pods).containsExactly("");
    }

    @Test
    void tellsTheSameRequestsAtAnotherRateAndTime() {
        // Both before the first incident.
        Map<ByteString, List<Span>> slow = requests(new DemoShop(SEED, START, 2_000, TRACES), 60_000);
        Map<ByteString, List<Span>> fast =
                requests(new DemoShop(SEED, START + 86_400 * SECOND, 1_000_000, TRACES), 60_000);
        assertThat(fast.size()).isGreaterThan(3_000);
        assertThat(slow.size()).isGreaterThan(3_000);
        slow.keySet().retainAll(fast.keySet());
        fast.keySet().retainAll(slow.keySet());
        assertThat(slow.size()).isGreaterThan(3_000);
        // AssertJ would print them all.
        assertThat(fast.equals(slow)).isTrue();
    }

    @Test
    void endsSpansWhenTheyAreDue() {
        DemoShop shop = new DemoShop(SEED, START, 300, TRACES);
        long due = START;
        for (int i = 0; i < 500; i++) {
            DemoRecord record = shop.next();
            assertThat(record.dueNanos()).isGreaterThanOrEqualTo(due);
            due = record.dueNanos();
            for (DemoSpan span : DemoSpan.in(record.message())) {
                // As long as it takes to send the largest trace, and some seconds that a root is before its consumers.
                assertThat(due - span.span().getEndTimeUnixNano()).isBetween(0L, 10 * SECOND);
            }
        }
    }

    @Test
    void keepsTheRateWithoutDrift() {
        DemoShop shop = new DemoShop(SEED, START, 700.3, TRACES);
        long spans = 0;
        DemoRecord record = shop.next();
        while (record.dueNanos() < START + 1_000 * SECOND) {
            spans += record.units();
            record = shop.next();
        }
        assertThat(spans).isBetween(700_300L - 200, 700_300L + 200);
    }

    @Test
    void completesARecordAfter500SpansOr200Milliseconds() {
        assertThat(new DemoShop(SEED, START, 10_000, TRACES).next())
                .satisfies(record -> assertThat(record.units()).isEqualTo(500))
                .satisfies(record -> assertThat(DemoSpan.in(record.message())).hasSize(500));
        assertThat(new DemoShop(SEED, START, 1_000, TRACES).next().units()).isEqualTo(200);
    }

    @Test
    void hasARecordEachSecondAtOneSpanASecond() {
        DemoShop shop = new DemoShop(SEED, START, 1, TRACES);
        for (int second = 0; second < 30; second++) {
            DemoRecord record = shop.next();
            assertThat(record.units()).isEqualTo(1);
            assertThat(record.dueNanos()).isEqualTo(START + second * SECOND);
        }
    }

    @Test
    void makesUpForAShortDelayButNotForAStall() {
        DemoShop shop = new DemoShop(SEED, START, 1_000, TRACES);
        shop.next();
        shop.keepUpWith(START + 2 * SECOND);
        assertThat(shop.next().dueNanos()).isLessThan(START + SECOND);

        long now = START + 3_600 * SECOND;
        shop.keepUpWith(now);
        assertThat(shop.next().dueNanos()).isBetween(now, now + SECOND);
    }

    @Test
    void exportsMetricsOnceAfterAStall() {
        DemoShop shop = new DemoShop(SEED, START, 1_000, ALL);
        long now = START + 3_600 * SECOND;
        untilReadyIsEmpty(shop);
        shop.keepUpWith(now);
        Map<Resource, Long> exports = metrics(shop, now + 14 * SECOND).stream()
                .filter(metric -> metric.name().equals("process.cpu.time"))
                .collect(Collectors.groupingBy(DemoMetric::resource, Collectors.counting()));
        assertThat(exports).hasSizeGreaterThan(30);
        assertThat(exports.values()).allSatisfy(times -> assertThat(times).isBetween(1L, 2L));
    }

    @Test
    void startsMetricsAgainWhenTheClockIsSetBack() {
        DemoShop shop = new DemoShop(SEED, START, 1_000, ALL);
        metrics(shop, START + 40 * SECOND);
        long now = START + 30 * SECOND;
        untilReadyIsEmpty(shop);
        shop.keepUpWith(now);
        List<DemoMetric> after = metrics(shop, now + 30 * SECOND);
        assertThat(after).hasSizeGreaterThan(100);
        for (DemoMetric metric : after) {
            if (metric.metric().hasSum()) {
                metric.numbers().forEach(point -> {
                    assertThat(point.getTimeUnixNano()).isGreaterThan(point.getStartTimeUnixNano());
                    assertThat(point.getAsDouble()).isNotNegative();
                });
            }
        }
        assertThat(after)
                .filteredOn(metric -> metric.name().equals("process.cpu.time"))
                .allSatisfy(metric -> assertThat(metric.numbers().get(0).getStartTimeUnixNano())
                        .isGreaterThan(START));
    }

    /** As who publishes them asks for them: what is ready long before the next span is no reason to hurry. */
    @Test
    void keepsToItsScheduleWhileMetricsAreDueBetweenTwoSpans() {
        DemoShop shop = new DemoShop(SEED, START, 0.05, ALL);
        long now = START;
        List<Long> spans = new ArrayList<>();
        while (spans.size() < 6) {
            shop.keepUpWith(now);
            DemoRecord record = shop.next();
            assertThat(record.dueNanos()).isGreaterThanOrEqualTo(now);
            now = record.dueNanos();
            if (record.signal() == Signal.TRACES) {
                spans.add((now - START) / SECOND);
            }
        }
        assertThat(spans).containsExactly(0L, 20L, 40L, 60L, 80L, 100L);
    }

    @Test
    void followsAClockThatIsSetBack() {
        DemoShop shop = new DemoShop(SEED, START, 0.1, TRACES);
        shop.next();
        shop.keepUpWith(START);
        assertThat(shop.next().dueNanos()).isEqualTo(START + 10 * SECOND);

        shop.keepUpWith(START - 3_600 * SECOND);
        assertThat(shop.next().dueNanos()).isEqualTo(START - 3_600 * SECOND);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesARateThatIsNone(double rate) {
        assertThatThrownBy(() -> new DemoShop(SEED, START, rate, TRACES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate");
    }

    @ParameterizedTest
    @EnumSource(Signal.class)
    void isDecodedWithoutLoss(Signal signal) throws Exception {
        RecordEncoder encoder = new RecordEncoder(
                signal,
                RecordEncoding.OTLP_PROTO,
                PolicyFiles.read(Path.of("..", "flink-conf")),
                DecodingLimits.DEFAULT);
        // With incidents, whose stack traces make the largest records.
        DemoShop shop = new DemoShop(SEED, START, 500, Set.of(signal));
        for (int i = 0; i < 800; i++) {
            DemoRecord record = shop.next();
            EncodedRecord encoded = encoder.encode(record.message());
            assertThat(encoded.units()).isEqualTo(record.units());
            assertThat(encoded.unknownFields()).isZero();
            assertThat(encoded.attributesDuplicated()).isZero();
            assertThat(encoded.attributesDropped()).isZero();
            assertThat(encoded.emptyEnvelopes()).isZero();
            assertThat(record.message().length).isLessThan(LARGEST_RECORD);
        }
    }

    @Test
    void refusesToTellNothing() {
        assertThatThrownBy(() -> new DemoShop(SEED, START, 1, Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("signal");
    }

    /** Of the records that are due before then. */
    private static List<DemoMetric> metrics(DemoShop shop, long until) {
        List<DemoMetric> metrics = new ArrayList<>();
        for (DemoRecord record = shop.next(); record.dueNanos() < until; record = shop.next()) {
            if (record.signal() == Signal.METRICS) {
                metrics.addAll(DemoMetric.in(record.message()));
            }
        }
        return metrics;
    }

    /** Logs come last of what is told at once. */
    private static void untilReadyIsEmpty(DemoShop shop) {
        while (shop.next().signal() != Signal.LOGS) {
            continue;
        }
    }

    private static <T> Set<T> values(List<DemoSpan> spans, Function<DemoSpan, T> value) {
        return spans.stream().map(value).collect(Collectors.toSet());
    }

    private static List<byte[]> records(DemoShop shop, int count) {
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(shop.next().message());
        }
        return records;
    }

    /** Whole traces but the mails', which are between the others sooner or later, with all times relative to the trace's. */
    private static Map<ByteString, List<Span>> requests(DemoShop shop, int spans) {
        Map<ByteString, List<Span>> requests = new LinkedHashMap<>();
        DemoSpan.traces(DemoSpan.from(shop, spans)).forEach((id, trace) -> {
            if (trace.stream().noneMatch(span -> span.service().equals("email"))) {
                long start = trace.stream()
                        .mapToLong(span -> span.span().getStartTimeUnixNano())
                        .min()
                        .orElseThrow();
                requests.put(
                        id,
                        trace.stream()
                                .map(span -> shifted(span.span(), -start))
                                .sorted(Comparator.comparing(
                                        Span::getSpanId, ByteString.unsignedLexicographicalComparator()))
                                .toList());
            }
        });
        return requests;
    }

    private static Span shifted(Span span, long nanos) {
        Span.Builder shifted = span.toBuilder()
                .setStartTimeUnixNano(span.getStartTimeUnixNano() + nanos)
                .setEndTimeUnixNano(span.getEndTimeUnixNano() + nanos);
        shifted.getEventsBuilderList().forEach(event -> event.setTimeUnixNano(event.getTimeUnixNano() + nanos));
        return shifted.build();
    }
}
