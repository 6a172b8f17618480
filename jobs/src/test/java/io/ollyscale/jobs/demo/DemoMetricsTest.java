package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.DemoSpan.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint.ValueAtQuantile;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whether the metrics are as SDKs export them, and agree with the spans. */
class DemoMetricsTest {
    private static final double RELATIVE = 1e-9;

    private static ToldShop told;
    private static Map<ByteString, DemoSpan> spans;

    @BeforeAll
    static void tell() {
        told = ToldShop.tell();
        spans = told.spans().stream()
                .map(ToldShop.Told::span)
                .collect(Collectors.toMap(span -> span.span().getSpanId(), Function.identity()));
    }

    @Test
    void countsTheRequestsThatWereTold() {
        int checked = 0;
        for (DemoMetric metric : told.metrics()) {
            double nanos = nanosOfUnit(metric);
            for (HistogramDataPoint point : metric.histograms()) {
                List<Double> durations = durations(
                        metric,
                        point.getAttributesList(),
                        point.getStartTimeUnixNano(),
                        point.getTimeUnixNano(),
                        nanos);
                assertThat(point.getCount()).isEqualTo(durations.size());
                assertThat(point.getSum()).isCloseTo(sum(durations), within(RELATIVE * point.getSum()));
                assertThat(durations).contains(point.getMin(), point.getMax());
                for (int i = 0; i < point.getBucketCountsCount(); i++) {
                    double above = i == 0 ? Double.NEGATIVE_INFINITY : point.getExplicitBounds(i - 1);
                    double upTo =
                            i == point.getExplicitBoundsCount() ? Double.POSITIVE_INFINITY : point.getExplicitBounds(i);
                    assertThat(point.getBucketCounts(i)).isEqualTo(count(durations, above, upTo));
                }
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(1_000);
    }

    @Test
    void countsThoseOfExponentialHistogramsAsWell() {
        int checked = 0;
        for (DemoMetric metric : told.metrics()) {
            for (ExponentialHistogramDataPoint point : metric.exponentialHistograms()) {
                List<Double> durations = durations(
                        metric,
                        point.getAttributesList(),
                        point.getStartTimeUnixNano(),
                        point.getTimeUnixNano(),
                        nanosOfUnit(metric));
                assertThat(point.getCount()).isEqualTo(durations.size());
                assertThat(point.getSum()).isCloseTo(sum(durations), within(RELATIVE * point.getSum()));
                double base = Math.pow(2, Math.pow(2, -point.getScale()));
                long inBuckets = 0;
                for (int i = 0; i < point.getPositive().getBucketCountsCount(); i++) {
                    double above = Math.pow(base, point.getPositive().getOffset() + i);
                    assertThat(point.getPositive().getBucketCounts(i)).isEqualTo(count(durations, above, above * base));
                    inBuckets += point.getPositive().getBucketCounts(i);
                }
                assertThat(inBuckets).isEqualTo(point.getCount());
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(300);
    }

    /** So each point above may be right, and this still wrong. */
    @Test
    void leavesNoRequestOut() {
        Map<Resource, Long> until = new HashMap<>();
        Map<Resource, Long> counted = new HashMap<>();
        for (DemoMetric metric : told.metrics()) {
            // Every process has it at every export.
            if (metric.name().equals("process.cpu.time")) {
                until.put(metric.resource(), metric.numbers().get(0).getTimeUnixNano());
            }
            metric.exponentialHistograms()
                    .forEach(point -> counted.merge(metric.resource(), point.getCount(), Long::sum));
        }
        assertThat(counted).hasSizeGreaterThan(4);
        counted.forEach((resource, count) -> assertThat(count)
                .isEqualTo(told.spans(resource, START, until.get(resource)).stream()
                        .filter(DemoMetricsTest::isServer)
                        .count()));
    }

    @Test
    void measuresEveryServer() {
        Set<Resource> serving = told.spans().stream()
                .map(ToldShop.Told::span)
                .filter(DemoMetricsTest::isServer)
                .map(DemoSpan::resource)
                .collect(Collectors.toSet());
        assertThat(resources(metric ->
                        metric.metric().hasHistogram() || metric.metric().hasExponentialHistogram()))
                .isEqualTo(serving);
    }

    @Test
    void hasExemplarsThatNameTheSpansThatWereMeasured() {
        int checked = 0;
        for (DemoMetric metric : told.metrics()) {
            double nanos = nanosOfUnit(metric);
            for (HistogramDataPoint point : metric.histograms()) {
                for (Exemplar exemplar : point.getExemplarsList()) {
                    check(exemplar, metric, point.getAttributesList(), nanos);
                    checked++;
                }
            }
            for (ExponentialHistogramDataPoint point : metric.exponentialHistograms()) {
                for (Exemplar exemplar : point.getExemplarsList()) {
                    check(exemplar, metric, point.getAttributesList(), nanos);
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThan(500);
    }

    private static void check(Exemplar exemplar, DemoMetric metric, List<KeyValue> attributes, double nanos) {
        DemoSpan span = spans.get(exemplar.getSpanId());
        assertThat(span).isNotNull();
        assertThat(span.span().getTraceId()).isEqualTo(exemplar.getTraceId());
        assertThat(span.resource()).isEqualTo(metric.resource());
        assertThat(span.scope()).isEqualTo(metric.scope());
        assertThat(span.span().getAttributesList()).containsAll(attributes);
        assertThat(span.span().getEndTimeUnixNano()).isEqualTo(exemplar.getTimeUnixNano());
        assertThat(exemplar.getAsDouble()).isEqualTo(span.durationNanos() / nanos);
        assertThat(exemplar.getFilteredAttributesList()).isNotEmpty().doesNotContainAnyElementsOf(attributes);
    }

    @Test
    void givesExemplarsOnce() {
        Set<ByteString> seen = new HashSet<>();
        for (DemoMetric metric : told.metrics()) {
            metric.histograms()
                    .forEach(point -> point.getExemplarsList()
                            .forEach(exemplar ->
                                    assertThat(seen.add(exemplar.getSpanId())).isTrue()));
        }
    }

    @Test
    void neverDecreasesMonotonicSumsWithinAStart() {
        Map<List<Object>, NumberDataPoint> before = new HashMap<>();
        for (DemoMetric metric : told.metrics()) {
            if (!metric.metric().getSum().getIsMonotonic()) {
                continue;
            }
            for (NumberDataPoint point : metric.numbers()) {
                assertThat(point.getStartTimeUnixNano()).isLessThan(point.getTimeUnixNano());
                assertThat(value(point)).isNotNegative();
                if (isCumulative(metric)) {
                    NumberDataPoint last =
                            before.put(List.of(metric.resource(), metric.name(), point.getAttributesList()), point);
                    if (last != null && last.getStartTimeUnixNano() == point.getStartTimeUnixNano()) {
                        assertThat(value(point)).isGreaterThanOrEqualTo(value(last));
                    }
                }
            }
        }
        assertThat(before).hasSizeGreaterThan(60);
    }

    @Test
    void startsAgainWithTheProcess() {
        Map<Resource, Set<Long>> starts = new HashMap<>();
        Map<Resource, Long> last = new HashMap<>();
        for (DemoMetric metric : told.metrics()) {
            if (!metric.name().equals("process.cpu.time")) {
                continue;
            }
            long start = metric.numbers().get(0).getStartTimeUnixNano();
            boolean isNew = starts.computeIfAbsent(metric.resource(), resource -> new HashSet<>())
                    .add(start);
            // As it begins where the one before ended, nothing is counted twice or by nobody.
            if (isNew) {
                assertThat(start).isEqualTo(last.getOrDefault(metric.resource(), START));
            }
            last.put(metric.resource(), metric.numbers().get(0).getTimeUnixNano());
        }
        starts.forEach((resource, ofThem) -> {
            String process = resource.getAttributes(0).getValue().getStringValue() + " "
                    + resource.getAttributes(2).getValue().getStringValue();
            switch (process) {
                case "cart 4.3.0" -> assertThat(ofThem).hasSizeGreaterThan(8);
                case "recommendation 0.9.6", "recommendation 0.10.0" ->
                    assertThat(ofThem).hasSize(2);
                default -> assertThat(ofThem).as(process).containsExactly(START);
            }
        });
        assertThat(starts).hasSizeGreaterThan(30);
    }

    @Test
    void continuesDeltasWithoutAGap() {
        Map<Resource, Long> previous = new HashMap<>();
        Map<Resource, Long> current = new HashMap<>();
        int checked = 0;
        for (DemoMetric metric : told.metrics()) {
            // It comes first in every export.
            if (metric.name().equals("process.cpu.time")) {
                Long before =
                        current.put(metric.resource(), metric.numbers().get(0).getTimeUnixNano());
                previous.put(metric.resource(), before == null ? START : before);
            }
            if (metric.name().equals("shop.orders.placed")) {
                for (NumberDataPoint point : metric.numbers()) {
                    assertThat(point.getStartTimeUnixNano()).isEqualTo(previous.get(metric.resource()));
                    checked++;
                }
            }
            for (ExponentialHistogramDataPoint point : metric.exponentialHistograms()) {
                assertThat(point.getStartTimeUnixNano()).isEqualTo(previous.get(metric.resource()));
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(300);
    }

    @Test
    void countsOrdersAndWhatTheyComeTo() {
        int orders = 0;
        for (DemoMetric metric : told.metrics()) {
            if (metric.name().equals("shop.orders.placed")) {
                NumberDataPoint any = metric.numbers().get(0);
                orders += placed(metric, any).size();
                assertThat(total(metric)).isEqualTo(placed(metric, any).size());
            } else if (metric.name().equals("shop.orders.revenue")) {
                NumberDataPoint any = metric.numbers().get(0);
                assertThat(any.hasAsDouble()).isTrue();
                double amount = placed(metric, any).stream()
                        .mapToDouble(span -> span.attribute("order.amount").getDoubleValue())
                        .sum();
                assertThat(total(metric)).isCloseTo(amount, within(0.001));
            }
        }
        assertThat(orders).isGreaterThan(20);
    }

    @Test
    void countsPaymentsAndMails() {
        long payments = 0;
        long mails = 0;
        for (DemoMetric metric : told.metrics()) {
            if (metric.name().equals("shop.payments")) {
                NumberDataPoint any = metric.numbers().get(0);
                payments = toldSpans(metric, any.getStartTimeUnixNano(), any.getTimeUnixNano())
                        .filter(span -> span.span().getName().equals("shop.payment.v1.Payments/Authorize"))
                        .count();
                assertThat(total(metric)).isEqualTo(payments);
            }
            for (SummaryDataPoint point : metric.summaries()) {
                mails = toldSpans(metric, point.getStartTimeUnixNano(), point.getTimeUnixNano())
                        .filter(span -> span.span().getName().equals("send confirmation"))
                        .count();
                assertThat(point.getCount()).isEqualTo(mails);
                assertThat(point.getQuantileValuesList())
                        .extracting(ValueAtQuantile::getQuantile)
                        .containsExactly(0.5, 0.9, 0.99);
                boolean any = mails > 0;
                assertThat(point.getQuantileValuesList())
                        .allMatch(value -> any ? value.getValue() > 0 : Double.isNaN(value.getValue()));
            }
        }
        assertThat(payments).isPositive();
        assertThat(mails).isPositive();
    }

    /** What has begun and isn't told yet, of a trace of which something is. */
    @Test
    void knowsWhichRequestsAreActive() {
        List<ToldShop.Told> all = told.spans();
        double active = 0;
        for (DemoMetric metric : told.metrics()) {
            if (metric.name().equals("http.server.active_requests")) {
                long time = metric.numbers().get(0).getTimeUnixNano();
                int next = firstFrom(all, time);
                // The last trace may go on after the end.
                if (next < all.size() - 100) {
                    ByteString trace = all.get(next - 1).span().span().getTraceId();
                    long expected = all.subList(next, next + 100).stream()
                            .map(ToldShop.Told::span)
                            .filter(span -> span.span().getTraceId().equals(trace))
                            .filter(span -> span.resource().equals(metric.resource()) && isServer(span))
                            .count();
                    assertThat(total(metric)).isEqualTo(expected);
                    active += expected;
                }
            }
        }
        assertThat(active).isGreaterThan(20);
    }

    @Test
    void hasEveryTypeOfMetric() {
        assertThat(values(metric -> metric.metric().getDataCase()))
                .containsExactlyInAnyOrder(
                        Metric.DataCase.GAUGE,
                        Metric.DataCase.SUM,
                        Metric.DataCase.HISTOGRAM,
                        Metric.DataCase.EXPONENTIAL_HISTOGRAM,
                        Metric.DataCase.SUMMARY);
        assertThat(values(DemoMetric::name)).hasSizeBetween(12, 25);
        assertThat(values(metric -> metric.metric().getSum().getAggregationTemporality()))
                .hasSize(3);
        Set<Double> depths = told.metrics().stream()
                .filter(metric -> metric.name().equals("shop.mail_queue.depth"))
                .map(DemoMetricsTest::total)
                .collect(Collectors.toSet());
        assertThat(depths).hasSizeGreaterThan(1).contains(0.0);
    }

    @Test
    void hasOnePointForEachSeriesAndTime() {
        Set<List<Object>> seen = new HashSet<>();
        for (DemoMetric metric : told.metrics()) {
            for (NumberDataPoint point : metric.numbers()) {
                assertThat(seen.add(List.of(
                                metric.resource(), metric.name(), point.getAttributesList(), point.getTimeUnixNano())))
                        .isTrue();
            }
        }
    }

    @Test
    void sharesItsResourcesWithTheSpans() {
        assertThat(values(DemoMetric::resource))
                .isSubsetOf(told.spans().stream()
                        .map(ToldShop.Told::span)
                        .map(DemoSpan::resource)
                        .collect(Collectors.toSet()));
    }

    private static List<Double> durations(
            DemoMetric metric, List<KeyValue> attributes, long from, long to, double nanosOfUnit) {
        return toldSpans(metric, from, to)
                .filter(DemoMetricsTest::isServer)
                .filter(span -> span.span().getAttributesList().containsAll(attributes))
                .map(span -> span.durationNanos() / nanosOfUnit)
                .toList();
    }

    private static List<DemoSpan> placed(DemoMetric metric, NumberDataPoint any) {
        return toldSpans(metric, any.getStartTimeUnixNano(), any.getTimeUnixNano())
                .filter(span -> span.span().getName().equals("shop.checkout.v1.Checkout/PlaceOrder"))
                .filter(span -> span.attribute("rpc.grpc.status_code").getIntValue() == 0)
                .toList();
    }

    private static Stream<DemoSpan> toldSpans(DemoMetric metric, long from, long to) {
        return told.spans(metric.resource(), from, to).stream();
    }

    /** Index of the first span that was told then or later. */
    private static int firstFrom(List<ToldShop.Told> all, long time) {
        int index = 0;
        while (index < all.size() && all.get(index).due() < time) {
            index++;
        }
        return index;
    }

    private static boolean isServer(DemoSpan span) {
        return span.span().getKind() == SpanKind.SPAN_KIND_SERVER;
    }

    private static boolean isCumulative(DemoMetric metric) {
        return metric.metric().getSum().getAggregationTemporality()
                == AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
    }

    /** A histogram here is of seconds or of milliseconds. */
    private static double nanosOfUnit(DemoMetric metric) {
        return metric.metric().getUnit().equals("s") ? 1e9 : 1e6;
    }

    private static long count(List<Double> values, double above, double upTo) {
        return values.stream().filter(value -> value > above && value <= upTo).count();
    }

    private static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static double value(NumberDataPoint point) {
        return point.hasAsInt() ? point.getAsInt() : point.getAsDouble();
    }

    private static double total(DemoMetric metric) {
        return metric.numbers().stream().mapToDouble(DemoMetricsTest::value).sum();
    }

    private static <T> Set<T> values(Function<DemoMetric, T> value) {
        return told.metrics().stream().map(value).collect(Collectors.toSet());
    }

    private static Set<Resource> resources(Predicate<DemoMetric> which) {
        return told.metrics().stream().filter(which).map(DemoMetric::resource).collect(Collectors.toSet());
    }
}
