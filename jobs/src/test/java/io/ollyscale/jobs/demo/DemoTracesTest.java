package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.DemoSpan.SEED;
import static io.ollyscale.jobs.demo.DemoSpan.START;
import static io.ollyscale.jobs.demo.DemoSpan.TRACES;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue.ValueCase;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whether the traces look like a real system's: those of eleven and a half minutes, so with two incidents. */
class DemoTracesTest {
    private static final int RATE = 200;
    private static final int SPANS = RATE * 11 * 60 + RATE * 30;

    /** Three standard deviations of a share of 6 % in the smallest group whose share is looked at. */
    private static final double TOLERANCE = 0.03;

    private static List<DemoSpan> spans;
    private static Map<ByteString, List<DemoSpan>> traces;

    @BeforeAll
    static void tell() {
        List<DemoSpan> all = DemoSpan.from(new DemoShop(SEED, START, RATE, TRACES), SPANS);
        traces = DemoSpan.traces(all);
        spans = traces.values().stream().flatMap(Collection::stream).toList();
    }

    @Test
    void hasSpansWithIdsOfTheirOwn() {
        Set<ByteString> ids = new HashSet<>();
        for (DemoSpan span : spans) {
            assertThat(span.span().getTraceId().size()).isEqualTo(16);
            assertThat(span.span().getSpanId().size()).isEqualTo(8);
            assertThat(ids.add(span.span().getSpanId())).isTrue();
        }
    }

    @Test
    void hasOneRootInEachTraceAndEveryParent() {
        traces.values().forEach(trace -> {
            Set<ByteString> ids = ids(trace);
            assertThat(trace.stream().filter(DemoSpan::isRoot)).hasSize(1);
            assertThat(trace)
                    .filteredOn(span -> !span.isRoot())
                    .allSatisfy(span -> assertThat(span.span().getParentSpanId())
                            .isIn(ids)
                            .isNotEqualTo(span.span().getSpanId()));
        });
    }

    @Test
    void keepsChildrenWithinTheirParentsButWhatIsQueued() {
        int queued = 0;
        for (List<DemoSpan> trace : traces.values()) {
            Map<ByteString, DemoSpan> byId = byId(trace);
            for (DemoSpan child : trace) {
                Span span = child.span();
                assertThat(child.durationNanos()).isPositive();
                span.getEventsList()
                        .forEach(event -> assertThat(event.getTimeUnixNano())
                                .isBetween(span.getStartTimeUnixNano(), span.getEndTimeUnixNano()));
                if (child.isRoot()) {
                    continue;
                }
                Span parent = byId.get(span.getParentSpanId()).span();
                if (span.getKind() == SpanKind.SPAN_KIND_CONSUMER) {
                    queued++;
                    assertThat(span.getStartTimeUnixNano()).isGreaterThan(parent.getEndTimeUnixNano());
                } else {
                    assertThat(span.getStartTimeUnixNano()).isGreaterThanOrEqualTo(parent.getStartTimeUnixNano());
                    assertThat(span.getEndTimeUnixNano()).isLessThanOrEqualTo(parent.getEndTimeUnixNano());
                }
            }
        }
        assertThat(queued).isPositive();
    }

    @Test
    void crossesServicesBetweenClientsAndServersAlone() {
        for (List<DemoSpan> trace : traces.values()) {
            Map<ByteString, DemoSpan> byId = byId(trace);
            for (DemoSpan child : trace) {
                DemoSpan parent = byId.get(child.span().getParentSpanId());
                if (parent == null || parent.resource().equals(child.resource())) {
                    assertThat(child.span().getKind())
                            .matches(kind -> kind != SpanKind.SPAN_KIND_SERVER || child.isRoot());
                    continue;
                }
                assertThat(child.environment()).isEqualTo(parent.environment());
                if (child.span().getKind() == SpanKind.SPAN_KIND_CONSUMER) {
                    assertThat(parent.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_PRODUCER);
                } else {
                    assertThat(child.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
                    assertThat(parent.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_CLIENT);
                    // The network takes time both ways.
                    assertThat(child.durationNanos()).isLessThan(parent.durationNanos());
                }
            }
        }
    }

    @Test
    void linksMailsToTheOrdersThatTheyAreAbout() {
        Map<ByteString, DemoSpan> byId = byId(spans);
        Set<ByteString> mailed = new HashSet<>();
        Set<Integer> sizes = new TreeSet<>();
        for (DemoSpan span : spans) {
            if (span.span().getLinksCount() == 0) {
                assertThat(span.operation()).isNotEqualTo("email process orders");
                continue;
            }
            sizes.add(span.span().getLinksCount());
            for (Span.Link link : span.span().getLinksList()) {
                DemoSpan order = byId.get(link.getSpanId());
                assertThat(order.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_PRODUCER);
                assertThat(order.span().getTraceId())
                        .isEqualTo(link.getTraceId())
                        .isNotEqualTo(span.span().getTraceId());
                assertThat(order.environment()).isEqualTo(span.environment());
                assertThat(span.span().getStartTimeUnixNano())
                        .isGreaterThan(order.span().getEndTimeUnixNano());
                assertThat(mailed.add(link.getSpanId())).isTrue();
            }
        }
        assertThat(sizes).containsExactly(1, 2, 3);
        long orders = spans.stream()
                .filter(span -> span.span().getKind() == SpanKind.SPAN_KIND_PRODUCER)
                .count();
        // The others are about to be.
        assertThat((double) mailed.size()).isBetween(0.9 * orders, (double) orders);
    }

    @Test
    void failsUpTheTree() {
        int incidents = 0;
        for (List<DemoSpan> trace : traces.values()) {
            List<DemoSpan> charges = all(trace, "payment POST /v2/charges");
            if (charges.isEmpty() || !charges.stream().allMatch(DemoSpan::isError)) {
                continue;
            }
            incidents++;
            assertThat(charges).hasSize(2);
            Map<ByteString, DemoSpan> byId = byId(trace);
            for (DemoSpan span = charges.get(0);
                    span != null;
                    span = byId.get(span.span().getParentSpanId())) {
                assertThat(span.isError()).as(span.operation()).isTrue();
            }
            assertThat(all(trace, "gateway POST /api/checkout"))
                    .singleElement()
                    .satisfies(span -> assertThat(
                                    span.attribute("http.response.status_code").getIntValue())
                            .isIn(503L, 504L));
            assertThat(all(trace, "checkout send orders")).isEmpty();
        }
        assertThat(incidents).isGreaterThan(20);
    }

    @Test
    void givesAReasonForEachErrorHereOrBelow() {
        for (List<DemoSpan> trace : traces.values()) {
            Set<ByteString> failedBelow = trace.stream()
                    .filter(DemoTracesTest::isFailed)
                    .map(span -> span.span().getParentSpanId())
                    .collect(Collectors.toSet());
            assertThat(trace)
                    .filteredOn(span ->
                            span.isError() && !failedBelow.contains(span.span().getSpanId()))
                    .allSatisfy(span -> assertThat(span.attribute("error.type")).isNotNull());
        }
    }

    @Test
    void hasAnIncidentThatRecurs() {
        Predicate<DemoSpan> charging = span -> span.operation().equals("payment POST /v2/charges")
                && span.environment().equals("production");
        Incident incident = new Incident(START);
        List<DemoSpan> during =
                filtered(charging.and(span -> incident.isOn(span.span().getEndTimeUnixNano())));
        List<DemoSpan> otherwise =
                filtered(charging.and(span -> !incident.isOn(span.span().getEndTimeUnixNano())));
        assertThat(share(during, DemoSpan::isError)).isBetween(0.5, 0.85);
        assertThat(share(otherwise, DemoSpan::isError)).isLessThan(0.05);
        assertThat(quantile(during, 0.5)).isGreaterThan(4 * quantile(otherwise, 0.5));

        assertThat(incident.isOn(START + 30_000_000_000L)).isFalse();
        assertThat(incident.isOn(START + 90_000_000_000L)).isTrue();
        assertThat(incident.isOn(START + 150_000_000_000L)).isFalse();
        assertThat(incident.isOn(START + 690_000_000_000L)).isTrue();
    }

    @Test
    void hasAReleaseThatIsSlowerAndFails() {
        Predicate<DemoSpan> carts = span -> span.environment().equals("production")
                && span.service().equals("cart")
                && span.span().getName().equals("GET /carts/{cartId}");
        List<DemoSpan> before = filtered(carts.and(span -> span.version().equals("4.2.1")));
        List<DemoSpan> after = filtered(carts.and(span -> span.version().equals("4.3.0")));
        assertThat((double) after.size() / (before.size() + after.size())).isBetween(0.2, 0.3);
        assertThat(quantile(after, 0.5)).isGreaterThan(2 * quantile(before, 0.5));
        assertThat(share(before, DemoSpan::isError)).isZero();
        assertThat(share(after, DemoSpan::isError)).isBetween(0.06 - TOLERANCE, 0.06 + TOLERANCE);
    }

    @Test
    void failsNowAndThenOtherwise() {
        Incident incident = new Incident(START);
        List<DemoSpan> quiet = filtered(span -> !incident.isOn(span.span().getEndTimeUnixNano()));
        assertThat(share(quiet, DemoSpan::isError)).isBetween(0.002, 0.02);
        List<DemoSpan> roots = quiet.stream().filter(DemoSpan::isRoot).toList();
        assertThat(share(roots, DemoSpan::isError)).isBetween(0.003, 0.03);
    }

    @Test
    void hasServicesInVersionsAndEnvironments() {
        assertThat(values(DemoSpan::service)).hasSize(11);
        assertThat(values(DemoSpan::environment)).containsExactlyInAnyOrder("production", "staging");
        assertThat(share(spans, span -> span.environment().equals("staging"))).isBetween(0.04, 0.12);
        Map<String, Set<String>> versions = spans.stream()
                .filter(span -> span.environment().equals("production"))
                .collect(Collectors.groupingBy(
                        DemoSpan::service, Collectors.mapping(DemoSpan::version, Collectors.toSet())));
        assertThat(versions.get("cart")).containsExactlyInAnyOrder("4.2.1", "4.3.0");
        assertThat(versions.values())
                .filteredOn(ofService -> ofService.size() > 1)
                .hasSize(3);
        assertThat(values(DemoSpan::resource)).hasSizeBetween(40, 60);
        assertThat(values(DemoSpan::operation)).hasSizeBetween(50, 100);
        assertThat(values(span -> span.span().getKind())).hasSize(5);
    }

    @Test
    void hasLatenciesWithATail() {
        List<DemoSpan> products = filtered(span -> span.operation().equals("gateway GET /api/products/{productId}"));
        long median = quantile(products, 0.5);
        assertThat(median).isBetween(10_000_000L, 40_000_000L);
        assertThat(quantile(products, 0.99)).isBetween(2 * median, 20 * median);
    }

    @Test
    void hasEveryTypeOfValue() {
        Set<ValueCase> types = EnumSet.noneOf(ValueCase.class);
        for (DemoSpan span : spans) {
            span.span()
                    .getAttributesList()
                    .forEach(attribute -> types.add(attribute.getValue().getValueCase()));
        }
        assertThat(types)
                .containsExactlyInAnyOrder(
                        ValueCase.STRING_VALUE,
                        ValueCase.INT_VALUE,
                        ValueCase.DOUBLE_VALUE,
                        ValueCase.BOOL_VALUE,
                        ValueCase.ARRAY_VALUE,
                        ValueCase.KVLIST_VALUE,
                        ValueCase.BYTES_VALUE);
    }

    @Test
    void hasOneTypeForEachAttribute() {
        Map<String, ValueCase> types = new HashMap<>();
        for (DemoSpan span : spans) {
            for (KeyValue attribute : span.span().getAttributesList()) {
                ValueCase type = attribute.getValue().getValueCase();
                assertThat(types.merge(attribute.getKey(), type, (before, now) -> before))
                        .as(attribute.getKey())
                        .isEqualTo(type);
                if (type == ValueCase.STRING_VALUE) {
                    assertThat(attribute.getValue().getStringValue())
                            .as(attribute.getKey())
                            .isNotEmpty();
                }
            }
        }
    }

    @Test
    void hasWhatRarelyOccurs() {
        assertThat(values(span -> span.span().getFlags())).containsExactlyInAnyOrder(0, 0x101, 0x301);
        assertThat(values(span -> span.span().getTraceState())).hasSize(3).contains("");
        assertThat(values(span -> span.span().hasStatus())).hasSize(2);
        assertThat(values(span -> span.span().getStatus().getCode()))
                .containsExactlyInAnyOrder(
                        Status.StatusCode.STATUS_CODE_UNSET,
                        Status.StatusCode.STATUS_CODE_OK,
                        Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(values(span -> span.span().getStatus().getMessage())).hasSizeGreaterThan(8);
        assertThat(share(spans, span -> span.span().getDroppedAttributesCount() > 0))
                .isBetween(1e-4, 1e-3);
        assertThat(share(spans, span -> span.span().getDroppedEventsCount() > 0))
                .isBetween(1e-4, 1e-3);
        assertThat(share(spans, span -> span.span().getDroppedLinksCount() > 0)).isBetween(1e-4, 1e-3);
        Set<String> events = new HashSet<>();
        Set<String> ofExceptions = new HashSet<>();
        for (DemoSpan span : spans) {
            for (Span.Event event : span.span().getEventsList()) {
                events.add(event.getName());
                if (event.getName().equals("exception")) {
                    event.getAttributesList().forEach(attribute -> ofExceptions.add(attribute.getKey()));
                }
            }
        }
        assertThat(events).hasSizeGreaterThan(5);
        assertThat(ofExceptions).contains("exception.type", "exception.message", "exception.stacktrace");
    }

    /** By its status, or as a server that says that it was asked for something wrong. */
    private static boolean isFailed(DemoSpan span) {
        return span.isError()
                || number(span, "http.response.status_code") >= 400
                || number(span, "rpc.grpc.status_code") > 0;
    }

    private static long number(DemoSpan span, String key) {
        return span.attribute(key) == null ? 0 : span.attribute(key).getIntValue();
    }

    private static List<DemoSpan> filtered(Predicate<DemoSpan> which) {
        return spans.stream().filter(which).toList();
    }

    private static List<DemoSpan> all(List<DemoSpan> trace, String operation) {
        return trace.stream().filter(span -> span.operation().equals(operation)).toList();
    }

    private static <T> Set<T> values(Function<DemoSpan, T> value) {
        return spans.stream().map(value).collect(Collectors.toSet());
    }

    private static double share(List<DemoSpan> of, Predicate<DemoSpan> which) {
        assertThat(of).isNotEmpty();
        return (double) of.stream().filter(which).count() / of.size();
    }

    private static long quantile(List<DemoSpan> of, double part) {
        return of.stream()
                .mapToLong(DemoSpan::durationNanos)
                .sorted()
                .skip((long) (part * of.size()))
                .findFirst()
                .orElseThrow();
    }

    private static Set<ByteString> ids(List<DemoSpan> of) {
        return of.stream().map(span -> span.span().getSpanId()).collect(Collectors.toSet());
    }

    private static Map<ByteString, DemoSpan> byId(List<DemoSpan> of) {
        return of.stream().collect(Collectors.toMap(span -> span.span().getSpanId(), Function.identity()));
    }
}
