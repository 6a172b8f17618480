package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Generates records of traces. A span is made from its number alone, so a test that gives each span of a run another number
 * finds every loss and every duplicate by the int attribute {@value #NUMBER}, and knows without keeping it what a span looked
 * like. Traces are of {@value #SPANS_IN_TRACE} consecutive spans, the first of which is the root.
 */
public final class TraceRecords {

    /** The int attribute that holds a span's number. */
    public static final String NUMBER = "test.number";

    public static final int SPANS_IN_TRACE = 8;
    public static final int SERVICES = 4;
    public static final int SCOPES = 3;

    /** Consecutive numbers of one resource, and of one of its scopes, in each signal. */
    static final int UNITS_IN_RESOURCE = 100;

    static final int UNITS_IN_SCOPE = 25;
    static final String SCHEMA_URL = "https://opentelemetry.io/schemas/1.37.0";

    /** 2025-10-09T08:53:20Z. */
    private static final long FIRST_START = 1_760_000_000_000_000_000L;

    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE");

    private TraceRecords() {}

    /** A record of {@code count} spans with the numbers from {@code first} on, of several resources and scopes. */
    public static TracesData numbered(int first, int count) {
        TracesData.Builder record = TracesData.newBuilder();
        for (Numbers ofResource : Numbers.of(first, count).inBlocksOf(UNITS_IN_RESOURCE)) {
            ResourceSpans.Builder resourceSpans = record.addResourceSpansBuilder()
                    .setResource(resourceOf(ofResource.first()))
                    .setSchemaUrl(SCHEMA_URL);
            for (Numbers ofScope : ofResource.inBlocksOf(UNITS_IN_SCOPE)) {
                ScopeSpans.Builder scopeSpans =
                        resourceSpans.addScopeSpansBuilder().setScope(scopeOf(ofScope.first()));
                ofScope.each().forEach(number -> scopeSpans.addSpans(span(number)));
            }
        }
        return record.build();
    }

    /** {@link #numbered} as it stands in Kafka: about 270 bytes a span. */
    public static byte[] bytes(int first, int count) {
        return numbered(first, count).toByteArray();
    }

    /** A record of these spans, of one resource and one scope; for spans that are odd. */
    public static TracesData of(Span.Builder... spans) {
        ScopeSpans.Builder scopeSpans = ScopeSpans.newBuilder().setScope(scope(0));
        Arrays.stream(spans).forEach(scopeSpans::addSpans);
        return TracesData.newBuilder()
                .addResourceSpans(
                        ResourceSpans.newBuilder().setResource(resource(0)).addScopeSpans(scopeSpans))
                .build();
    }

    /** A span without anything but its number and ids; to be made odd. */
    public static Span.Builder bareSpan(int number) {
        return Span.newBuilder()
                .setTraceId(traceId(number))
                .setSpanId(spanId(number))
                .addAttributes(attribute(NUMBER, number));
    }

    /** The span of a number, as {@link #numbered} has it. */
    public static Span.Builder span(int number) {
        long start = startNanos(number);
        Span.Builder span = bareSpan(number)
                .setName(METHODS.get(number % METHODS.size()) + " /items/{id}")
                .setKindValue(1 + number % 5)
                .setFlags(0x101)
                .setStartTimeUnixNano(start)
                .setEndTimeUnixNano(start + durationNanos(number))
                .addAttributes(attribute("http.request.method", METHODS.get(number % METHODS.size())))
                .addAttributes(attribute("http.route", "/items/{id}"))
                .addAttributes(attribute("http.response.status_code", number % 50 == 0 ? 500 : 200));
        if (number % SPANS_IN_TRACE != 0) {
            span.setParentSpanId(spanId(number - number % SPANS_IN_TRACE)).setTraceState("vendor=" + number % 3);
        }
        if (number % 50 == 0) {
            span.setStatus(Status.newBuilder()
                    .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                    .setMessage("failed"));
        }
        if (number % 20 == 0) {
            span.addEvents(event("exception", start + 1_001)
                    .addAttributes(attribute("exception.type", "java.io.IOException"))
                    .addAttributes(attribute("exception.message", "reset by peer №" + number))
                    .addAttributes(attribute("test.attempt", number % 7))
                    .addAttributes(attribute("test.elapsed", number / 8.0)));
            span.addEvents(event("retry", start + 2_002));
        }
        if (number % 10 == 0) {
            span.addLinks(Span.Link.newBuilder()
                    .setTraceId(traceId(number + SPANS_IN_TRACE))
                    .setSpanId(spanId(number + SPANS_IN_TRACE))
                    .setTraceState("vendor=link")
                    .setFlags(1)
                    .addAttributes(attribute("messaging.operation.type", "process"))
                    .addAttributes(attribute("test.partition", number % 12)));
        }
        return span.addAttributes(variedAttribute(number));
    }

    /** One of each type in turn; units of 100 consecutive numbers have all. */
    static KeyValue variedAttribute(int number) {
        return switch (number % 10) {
            case 0 -> attribute("test.tags", List.of("a", number, 0.5, List.of()));
            case 1 -> attribute("test.ratio", number * 0.25);
            case 2 -> attribute("test.sampled", number % 4 == 0);
            case 3 ->
                attribute("test.digest", ByteBuffer.allocate(8).putLong(number).array());
            case 4 -> attribute("test.context", Map.of("zone", "z" + number % 3));
            case 5 -> attribute("test.mixed", number);
            case 6 -> attribute("test.mixed", "text " + number);
            case 7 ->
                number % 20 == 7 ? attribute("test.empty", OtlpValues.EMPTY) : OtlpValues.withoutValue("test.none");
            case 8 -> attribute("test.large", 1e21 + number);
            default -> attribute("url.path", "/items/" + number);
        };
    }

    /** The trace of a span: the same for the spans of one trace. */
    public static ByteString traceId(int number) {
        int trace = number / SPANS_IN_TRACE;
        return id(16, trace);
    }

    public static ByteString spanId(int number) {
        return id(8, number);
    }

    /** Ascending in the number; nanoseconds since 1970. */
    public static long startNanos(int number) {
        return FIRST_START + number * 1_000_003L;
    }

    public static long durationNanos(int number) {
        return 1_000L * (1 + number % 10_000) + number % 1000;
    }

    /** The resource of a number, in each signal. */
    static Resource resourceOf(int number) {
        return resource(number / UNITS_IN_RESOURCE % SERVICES);
    }

    /** The scope of a number, in each signal. */
    static InstrumentationScope scopeOf(int number) {
        return scope(number / UNITS_IN_SCOPE % SCOPES);
    }

    /** A resource of which the generator has {@value #SERVICES}. */
    public static Resource resource(int service) {
        return Resource.newBuilder()
                .addAttributes(attribute("service.name", "service-" + service))
                .addAttributes(attribute("service.namespace", "test"))
                .addAttributes(attribute("service.version", "1." + service))
                .addAttributes(attribute("service.instance.id", "instance-" + service))
                .addAttributes(attribute("deployment.environment.name", "staging"))
                .addAttributes(attribute("process.pid", 1000 + service))
                .build();
    }

    /** A scope of which the generator has {@value #SCOPES}. */
    public static InstrumentationScope scope(int scope) {
        return InstrumentationScope.newBuilder()
                .setName("io.ollyscale.test." + scope)
                .setVersion("2." + scope)
                .addAttributes(attribute("test.scope", scope))
                .build();
    }

    /**
     * A record in which every field of the traces messages is set and every type of value occurs, but the references into a
     * dictionary, which no record of traces may have. Has two spans, with the numbers 1 and 2.
     */
    public static TracesData allFields() {
        Span.Builder span = span(1).setTraceState("a=b")
                .setParentSpanId(spanId(2))
                .clearAttributes()
                .addAllAttributes(allTypes("span", 1))
                .setDroppedAttributesCount(11)
                .addEvents(event("event", startNanos(1) + 17)
                        .addAllAttributes(allTypes("event", 1))
                        .setDroppedAttributesCount(12))
                .setDroppedEventsCount(13)
                .addLinks(Span.Link.newBuilder()
                        .setTraceId(traceId(9))
                        .setSpanId(spanId(9))
                        .setTraceState("c=d")
                        .addAllAttributes(allTypes("link", 1))
                        .setDroppedAttributesCount(14)
                        .setFlags(0x301))
                .setDroppedLinksCount(15)
                .setStatus(Status.newBuilder()
                        .setCode(Status.StatusCode.STATUS_CODE_OK)
                        .setMessage("fine"));
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(resourceOfAllFields())
                        .setSchemaUrl("https://example.org/resource")
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .setScope(scopeOfAllFields())
                                .setSchemaUrl("https://example.org/scope")
                                .addSpans(span)
                                .addSpans(span(2))))
                .build();
    }

    static Resource resourceOfAllFields() {
        return resource(0).toBuilder()
                .addAllAttributes(allTypes("resource", 0))
                .setDroppedAttributesCount(16)
                .addEntityRefs(EntityRef.newBuilder()
                        .setSchemaUrl("https://example.org/entity")
                        .setType("service")
                        .addIdKeys("service.name")
                        .addIdKeys("service.namespace")
                        .addDescriptionKeys("service.version"))
                .build();
    }

    static InstrumentationScope scopeOfAllFields() {
        return scope(0).toBuilder()
                .addAllAttributes(allTypes("scope", 0))
                .setDroppedAttributesCount(17)
                .build();
    }

    /** @param number {@link #NUMBER}; none for 0 */
    static List<KeyValue> allTypes(String prefix, int number) {
        List<KeyValue> attributes = new ArrayList<>();
        attributes.add(attribute(prefix + ".string", "text"));
        attributes.add(attribute(prefix + ".bool", true));
        attributes.add(attribute(prefix + ".int", -5));
        attributes.add(attribute(prefix + ".double", 2.5));
        attributes.add(attribute(prefix + ".array", List.of("a", 1, 1.5, false, List.of(), Map.of())));
        attributes.add(attribute(prefix + ".kvlist", Map.of("inner", List.of(Map.of("k", "v")))));
        attributes.add(attribute(prefix + ".bytes", new byte[] {0, 1, -1}));
        attributes.add(attribute(prefix + ".empty", OtlpValues.EMPTY));
        attributes.add(OtlpValues.withoutValue(prefix + ".none"));
        if (number > 0) {
            attributes.add(attribute(NUMBER, number));
        }
        return attributes;
    }

    private static Span.Event.Builder event(String name, long unixNanos) {
        return Span.Event.newBuilder().setName(name).setTimeUnixNano(unixNanos);
    }

    /** Near-random, as real ids are, so that indexes have the work that they would have. */
    private static ByteString id(int size, int number) {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        bytes.putLong(0, mixed(number + 1L));
        if (size > Long.BYTES) {
            bytes.putLong(Long.BYTES, mixed(~number));
        }
        return ByteString.copyFrom(bytes);
    }

    /** A bijection (of SplitMix64), so that two numbers never have one id. */
    private static long mixed(long number) {
        long z = number * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
