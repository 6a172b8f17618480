package io.ollyscale.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whether the logs look like a real system's, and agree with the spans. */
class DemoLogsTest {
    private static final long SLOW = TimeUnit.SECONDS.toNanos(1);

    private static List<DemoLog> logs;
    private static Map<ByteString, DemoSpan> spans;

    @BeforeAll
    static void tell() {
        ToldShop told = ToldShop.tell();
        logs = told.logs();
        spans = told.spans().stream()
                .map(ToldShop.Told::span)
                .collect(Collectors.toMap(span -> span.span().getSpanId(), Function.identity()));
    }

    @Test
    void belongsToASpanThatIsToldWithItsService() {
        assertThat(inSpans()).hasSizeGreaterThan(1_000).allSatisfy(log -> {
            DemoSpan span = span(log);
            assertThat(span.span().getTraceId()).isEqualTo(log.log().getTraceId());
            assertThat(span.resource()).isEqualTo(log.resource());
            assertThat(span.scope()).isEqualTo(log.scope());
            assertThat(log.time())
                    .isBetween(span.span().getStartTimeUnixNano(), span.span().getEndTimeUnixNano());
            assertThat(log.log().getFlags()).isEqualTo(1);
        });
    }

    @Test
    void hasASeverityThatFitsTheSpan() {
        assertThat(inSpans()).allSatisfy(log -> {
            DemoSpan span = span(log);
            switch (log.log().getSeverityNumber()) {
                case SEVERITY_NUMBER_INFO -> {
                    if (log.log().getEventName().isEmpty()) {
                        assertThat(span.isError()).isFalse();
                        assertThat(span.durationNanos()).isLessThan(SLOW);
                    }
                }
                case SEVERITY_NUMBER_WARN ->
                    assertThat(isRetry(log) || isSlow(span) || isFailed(span)).isTrue();
                case SEVERITY_NUMBER_ERROR -> assertThat(span.isError()).isTrue();
                default -> throw new AssertionError(log.log().getSeverityNumber());
            }
        });
    }

    @Test
    void hasALineForEachRequestAndAnErrorForEachFailure() {
        Set<ByteString> lines = ids(log -> log.log().getEventName().isEmpty());
        Set<ByteString> errors = ids(log -> log.log().getSeverityNumber() == SeverityNumber.SEVERITY_NUMBER_ERROR);
        int failed = 0;
        for (DemoSpan span : spans.values()) {
            if (span.span().getKind() == SpanKind.SPAN_KIND_SERVER) {
                assertThat(lines).contains(span.span().getSpanId());
                if (span.isError()) {
                    failed++;
                    assertThat(errors).contains(span.span().getSpanId());
                }
            }
        }
        assertThat(failed).isPositive();
    }

    @Test
    void saysWhatWasThrown() {
        Set<String> withTrace = new HashSet<>();
        for (DemoLog log : logs) {
            if (log.log().getSeverityNumber() == SeverityNumber.SEVERITY_NUMBER_ERROR) {
                assertThat(log.attribute("exception.message")).isNotEmpty();
                if (!log.attribute("exception.stacktrace").isEmpty()) {
                    assertThat(log.attribute("exception.type")).isNotEmpty();
                    withTrace.add(span(log).service());
                }
            }
        }
        assertThat(withTrace).contains("gateway", "payment", "cart", "email");
    }

    @Test
    void warnsOfWhatIsTriedAgain() {
        Set<ByteString> retried = ids(DemoLogsTest::isRetry);
        List<DemoSpan> resent = spans.values().stream()
                .filter(span -> span.attribute("http.request.resend_count") != null)
                .toList();
        assertThat(resent)
                .isNotEmpty()
                .allSatisfy(span -> assertThat(retried).contains(span.span().getSpanId()));
    }

    @Test
    void hasLinesThatBelongToNoRequest() {
        List<DemoLog> others = logs.stream().filter(log -> !log.hasTrace()).toList();
        assertThat(others).allSatisfy(log -> {
            assertThat(log.log().getSpanId().isEmpty()).isTrue();
            assertThat(log.log().getFlags()).isZero();
        });
        Map<String, Long> words =
                others.stream().collect(Collectors.groupingBy(DemoLogsTest::kindOfLine, Collectors.counting()));
        assertThat(words).containsOnlyKeys("starting", "listening", "memory", "orders");
        // Processes that stopped were started again, and each was started before.
        assertThat(words.get("starting") - words.get("memory"))
                .isEqualTo(others.stream().map(DemoLog::resource).distinct().count());
        assertThat(words.get("memory")).isGreaterThan(5);
    }

    @Test
    void isAtMostHalfAsManyAsSpans() {
        assertThat((double) inSpans().size() / spans.size()).isBetween(0.25, 0.5);
    }

    @Test
    void hasBodiesAndEventsOfSeveralKinds() {
        assertThat(values(log -> log.log().getBody().getValueCase()))
                .containsExactlyInAnyOrder(
                        AnyValue.ValueCase.STRING_VALUE,
                        AnyValue.ValueCase.KVLIST_VALUE,
                        AnyValue.ValueCase.VALUE_NOT_SET);
        assertThat(values(log -> log.log().getEventName()))
                .containsExactlyInAnyOrder("", "browser.web_vital", "feature_flag.evaluation", "shop.order.placed");
        assertThat(values(log -> log.log().getSeverityText())).hasSizeGreaterThan(8);
        // One library leaves it to who observes.
        assertThat(values(log -> log.log().getTimeUnixNano() == 0)).hasSize(2);
        assertThat(logs)
                .allSatisfy(
                        log -> assertThat(log.log().getObservedTimeUnixNano()).isPositive());
    }

    @Test
    void hasAnEventForEachOrder() {
        Set<ByteString> orders = spans.values().stream()
                .filter(span -> span.operation().equals("checkout shop.checkout.v1.Checkout/PlaceOrder"))
                .filter(span -> !isFailed(span))
                .map(span -> span.span().getSpanId())
                .collect(Collectors.toSet());
        assertThat(ids(log -> log.log().getEventName().equals("shop.order.placed")))
                .isNotEmpty()
                .isEqualTo(orders);
    }

    @Test
    void sharesItsResourcesWithTheSpans() {
        Set<Resource> resources =
                spans.values().stream().map(DemoSpan::resource).collect(Collectors.toSet());
        assertThat(values(DemoLog::resource)).isSubsetOf(resources).hasSizeGreaterThan(30);
    }

    /** Its first word that isn't a number. */
    private static String kindOfLine(DemoLog log) {
        AnyValue body = log.log().getBody();
        String line = body.hasKvlistValue()
                ? body.getKvlistValue().getValues(0).getValue().getStringValue()
                : body.getStringValue();
        return line.replaceFirst("^[0-9]+ ", "").split(" ")[0];
    }

    private static boolean isRetry(DemoLog log) {
        AnyValue body = log.log().getBody();
        return body.getStringValue().contains("trying again");
    }

    private static boolean isSlow(DemoSpan span) {
        return span.durationNanos() >= SLOW;
    }

    private static boolean isFailed(DemoSpan span) {
        return span.isError()
                || number(span, "http.response.status_code") >= 400
                || number(span, "rpc.grpc.status_code") > 0;
    }

    private static long number(DemoSpan span, String key) {
        return span.attribute(key) == null ? 0 : span.attribute(key).getIntValue();
    }

    private static List<DemoLog> inSpans() {
        return logs.stream().filter(DemoLog::hasTrace).toList();
    }

    private static DemoSpan span(DemoLog log) {
        DemoSpan span = spans.get(log.log().getSpanId());
        assertThat(span).as("the span of a log").isNotNull();
        return span;
    }

    private static Set<ByteString> ids(Predicate<DemoLog> which) {
        return logs.stream().filter(which).map(log -> log.log().getSpanId()).collect(Collectors.toSet());
    }

    private static <T> Set<T> values(Function<DemoLog, T> value) {
        return logs.stream().map(value).collect(Collectors.toSet());
    }
}
