package io.ollyscale.benchmarks;

import static io.ollyscale.benchmarks.Otlp.METHODS;
import static io.ollyscale.benchmarks.Otlp.REGIONS;
import static io.ollyscale.benchmarks.Otlp.STATUS_CODES;
import static io.ollyscale.benchmarks.Otlp.THINGS;
import static io.ollyscale.benchmarks.Otlp.bool;
import static io.ollyscale.benchmarks.Otlp.bytes;
import static io.ollyscale.benchmarks.Otlp.integer;
import static io.ollyscale.benchmarks.Otlp.text;

import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Records of HTTP spans, without end: about 820 bytes of OTLP a span, 10 attributes of which the default policy promotes
 * 5, 8.3 rows. A span is made from its number alone, times aside. Not thread-safe.
 */
final class GeneratedTraces implements Supplier<byte[]> {
    private static final int SERVICES = 5;
    private static final int SPANS_IN_TRACE = 8;
    private static final String[] ERRORS = {
        "java.net.SocketTimeoutException", "java.lang.IllegalStateException", "org.acme.shop.PaymentRefusedException"
    };

    private final int spansPerRecord;
    private final Clock clock;
    private final int operations;
    private int next;

    /**
     * @param clock of the spans' starts
     * @param operations how many there are, of all services; 0 for some two dozen of each service, as it comes
     */
    GeneratedTraces(int spansPerRecord, Clock clock, int operations) {
        this.spansPerRecord = spansPerRecord;
        this.clock = clock;
        this.operations = operations;
    }

    @Override
    public byte[] get() {
        TracesData.Builder record = TracesData.newBuilder();
        for (int service = 0; service < SERVICES; service++) {
            int spans = spansPerRecord / SERVICES + (service < spansPerRecord % SERVICES ? 1 : 0);
            ScopeSpans.Builder scope = ScopeSpans.newBuilder().setScope(Otlp.scope(service));
            for (int i = 0; i < spans; i++) {
                scope.addSpans(span(next++));
            }
            record.addResourceSpans(ResourceSpans.newBuilder()
                    .setResource(Otlp.resource(service))
                    .addScopeSpans(scope));
        }
        return record.build().toByteArray();
    }

    private Span span(int number) {
        SplittableRandom random = new SplittableRandom(number);
        SplittableRandom trace = new SplittableRandom(-1L - number / SPANS_IN_TRACE);
        String method = METHODS[random.nextInt(METHODS.length)];
        String resource = THINGS[random.nextInt(THINGS.length)];
        int status = STATUS_CODES[random.nextInt(STATUS_CODES.length)];
        long start = clock.nanos(number);
        long duration = 100_000 + random.nextInt(50_000_000);
        Span.Builder span = Span.newBuilder()
                .setTraceId(bytes(trace.nextLong(), trace.nextLong()))
                .setSpanId(bytes(random.nextLong()))
                .setName(operations == 0 ? method + " /api/v1/" + resource + "/{id}" : operation(random))
                .setKind(Span.SpanKind.SPAN_KIND_SERVER)
                .setFlags(0x101)
                .setTraceState(
                        "shop=tenant-" + trace.nextInt(1_000) + ";tier-" + trace.nextInt(4) + ",es=s:0.25;p:8;r:62")
                .setStartTimeUnixNano(start)
                .setEndTimeUnixNano(start + duration)
                .setStatus(
                        status == 500
                                ? Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR)
                                : Status.newBuilder());
        if (number % SPANS_IN_TRACE != 0) {
            span.setParentSpanId(bytes(trace.nextLong()));
        }
        String id = Long.toHexString(random.nextLong());
        // Promoted by the default policy:
        span.addAttributes(text("http.request.method", method))
                .addAttributes(integer("http.response.status_code", status))
                .addAttributes(text("http.route", "/api/v1/" + resource + "/{id}"))
                .addAttributes(
                        text("url.path", "/api/v1/" + resource + "/" + id + "/details/" + random.nextInt(1_000_000)))
                .addAttributes(text("server.address", resource + ".shop.example.org"))
                // Not promoted:
                .addAttributes(text("app.user.id", "user-" + random.nextInt(1_000_000)))
                .addAttributes(text("app.region", REGIONS[random.nextInt(REGIONS.length)]))
                .addAttributes(text("thread.name", "http-nio-8080-exec-" + random.nextInt(200)))
                .addAttributes(integer("app.items", random.nextInt(50)))
                .addAttributes(text(
                        "app.client.description",
                        "Mozilla/5.0 (Linux; Android " + random.nextInt(9, 16) + "; K) AppleWebKit/537.36 (KHTML, like"
                                + " Gecko) Chrome/" + random.nextInt(100, 140)
                                + ".0.0.0 Mobile Safari/537.36 shop-app/3."
                                + random.nextInt(20) + " (build " + random.nextInt(10_000) + "; session "
                                + Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()) + ")"));
        if (number % 2 == 0) {
            span.addEvents(exception(random, start + duration, id));
        }
        if (number % 10 < 3) {
            span.addLinks(Span.Link.newBuilder()
                    .setTraceId(bytes(random.nextLong(), random.nextLong()))
                    .setSpanId(bytes(random.nextLong())));
        }
        return span.build();
    }

    private String operation(SplittableRandom random) {
        return "GET /api/v1/thing-" + random.nextInt(Math.max(1, operations / SERVICES)) + "/{id}";
    }

    private static Span.Event exception(SplittableRandom random, long time, String id) {
        return Span.Event.newBuilder()
                .setName("exception")
                .setTimeUnixNano(time)
                .addAttributes(text("exception.type", ERRORS[random.nextInt(ERRORS.length)]))
                .addAttributes(text(
                        "exception.message",
                        "no answer from the upstream service for request " + id + " within " + random.nextInt(5_000)
                                + " ms, giving up"))
                .addAttributes(bool("exception.escaped", random.nextInt(10) == 0))
                .build();
    }
}
