package io.ollyscale.benchmarks;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Records of HTTP spans, without end: about 820 bytes of OTLP a span, 10 attributes of which the default policy promotes
 * 5, 8.3 rows. A span is made from its number alone, times aside. Not thread-safe.
 */
final class GeneratedTraces implements Supplier<byte[]> {
    private static final int SERVICES = 5;
    private static final int SPANS_IN_TRACE = 8;
    private static final long NANOS_BETWEEN_SPANS = 10_000;
    private static final String[] METHODS = {"GET", "POST", "PUT", "DELETE"};
    private static final String[] RESOURCES = {"carts", "products", "orders", "shipments", "users", "recommendations"};
    private static final int[] STATUS_CODES = {200, 200, 200, 200, 200, 200, 201, 204, 304, 404, 500};
    private static final String[] ERRORS = {
        "java.net.SocketTimeoutException", "java.lang.IllegalStateException", "org.acme.shop.PaymentRefusedException"
    };
    private static final String[] REGIONS = {"eu-central-1", "us-east-1", "ap-southeast-2"};

    private final int spansPerRecord;
    private final long firstStartNanos;
    private int next;

    /** @param firstStartNanos start of the first span, in Unix nanoseconds */
    GeneratedTraces(int spansPerRecord, long firstStartNanos) {
        this.spansPerRecord = spansPerRecord;
        this.firstStartNanos = firstStartNanos;
    }

    @Override
    public byte[] get() {
        TracesData.Builder record = TracesData.newBuilder();
        for (int service = 0; service < SERVICES; service++) {
            int spans = spansPerRecord / SERVICES + (service < spansPerRecord % SERVICES ? 1 : 0);
            ScopeSpans.Builder scope = ScopeSpans.newBuilder().setScope(scope(service));
            for (int i = 0; i < spans; i++) {
                scope.addSpans(span(next++));
            }
            record.addResourceSpans(
                    ResourceSpans.newBuilder().setResource(resource(service)).addScopeSpans(scope));
        }
        return record.build().toByteArray();
    }

    private static Resource resource(int service) {
        return Resource.newBuilder()
                .addAttributes(text("service.name", "shop-" + RESOURCES[service]))
                .addAttributes(text("service.version", "1.4." + service))
                .addAttributes(text("deployment.environment.name", "benchmark"))
                .addAttributes(text("host.name", "node-" + service))
                .addAttributes(text("telemetry.sdk.language", "java"))
                .build();
    }

    private static InstrumentationScope scope(int service) {
        return InstrumentationScope.newBuilder()
                .setName(service % 2 == 0 ? "io.opentelemetry.tomcat-10.0" : "io.opentelemetry.netty-4.1")
                .setVersion("2.20.0-alpha")
                .build();
    }

    private Span span(int number) {
        SplittableRandom random = new SplittableRandom(number);
        SplittableRandom trace = new SplittableRandom(-1L - number / SPANS_IN_TRACE);
        String method = METHODS[random.nextInt(METHODS.length)];
        String resource = RESOURCES[random.nextInt(RESOURCES.length)];
        int status = STATUS_CODES[random.nextInt(STATUS_CODES.length)];
        long start = firstStartNanos + number * NANOS_BETWEEN_SPANS;
        long duration = 100_000 + random.nextInt(50_000_000);
        Span.Builder span = Span.newBuilder()
                .setTraceId(bytes(trace.nextLong(), trace.nextLong()))
                .setSpanId(bytes(random.nextLong()))
                .setName(method + " /api/v1/" + resource + "/{id}")
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

    private static Span.Event exception(SplittableRandom random, long time, String id) {
        return Span.Event.newBuilder()
                .setName("exception")
                .setTimeUnixNano(time)
                .addAttributes(text("exception.type", ERRORS[random.nextInt(ERRORS.length)]))
                .addAttributes(text(
                        "exception.message",
                        "no answer from the upstream service for request " + id + " within " + random.nextInt(5_000)
                                + " ms, giving up"))
                .addAttributes(KeyValue.newBuilder()
                        .setKey("exception.escaped")
                        .setValue(AnyValue.newBuilder().setBoolValue(random.nextInt(10) == 0)))
                .build();
    }

    private static KeyValue text(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static KeyValue integer(String key, long value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setIntValue(value))
                .build();
    }

    private static ByteString bytes(long... words) {
        ByteBuffer buffer = ByteBuffer.allocate(words.length * Long.BYTES);
        for (long word : words) {
            buffer.putLong(word);
        }
        return ByteString.copyFrom(buffer.flip());
    }
}
