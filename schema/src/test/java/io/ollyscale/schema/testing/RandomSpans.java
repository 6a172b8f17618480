package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.Random;

/** Spans that are hard on whoever counts them by time: out of order, years late, of clocks that are off, without a start or an end. */
public final class RandomSpans {
    private static final long MINUTE = 60_000_000_000L;
    private static final long DAY = 24 * 60 * MINUTE;
    private static final int SERVICES = 4;
    private static final int KINDS = 7;
    private static final String[] TRACE_STATES = {
        "", "", "", "ot=th:8", "ot=rv:01234567abcdef;th:c", "vendor=a, ot=th:fff"
    };
    private static final String[] TRACE_STATE_PARTS = {
        "ot=", "th:", "c", "8", "0123", ";", ",", " ", "\t", "rv:", "x", "=", "ffffffffffffff", "C"
    };

    private final Random random;
    private final long now;
    private final int operations;

    /**
     * @param now in nanoseconds since 1970: what most spans start shortly before
     * @param operations of each service, before kinds
     */
    public RandomSpans(Random random, long now, int operations) {
        this.random = random;
        this.now = now;
        this.operations = operations;
    }

    public TracesData record(int spans) {
        TracesData.Builder record = TracesData.newBuilder();
        for (int left = spans; left > 0; ) {
            int some = 1 + random.nextInt(left);
            ScopeSpans.Builder scope = ScopeSpans.newBuilder()
                    .setScope(InstrumentationScope.newBuilder().setName("random"));
            for (int i = 0; i < some; i++) {
                scope.addSpans(span());
            }
            record.addResourceSpans(
                    ResourceSpans.newBuilder().setResource(resource()).addScopeSpans(scope));
            left -= some;
        }
        return record.build();
    }

    /** The same with one span in the middle of its scope that PostgreSQL refuses where {@code spans_fact} has an index on names. */
    public static TracesData withARefusedSpan(TracesData record) {
        TracesData.Builder changed = record.toBuilder();
        ScopeSpans.Builder scope = changed.getResourceSpansBuilder(0).getScopeSpansBuilder(0);
        scope.getSpansBuilder(scope.getSpansCount() / 2).setName(OtlpValues.LONG_TEXT);
        return changed.build();
    }

    private Resource resource() {
        int service = random.nextInt(SERVICES);
        return Resource.newBuilder()
                .addAttributes(attribute("service.name", "service-" + service))
                .addAttributes(attribute("service.instance.id", "instance-" + random.nextInt(1 + service * 3)))
                .build();
    }

    private Span span() {
        long start = start();
        Span.Builder span = Span.newBuilder()
                .setName("operation-" + random.nextInt(operations))
                .setKindValue(random.nextInt(KINDS))
                .setStartTimeUnixNano(start)
                .setEndTimeUnixNano(end(start))
                .setTraceState(traceState());
        if (random.nextBoolean()) {
            span.setStatus(Status.newBuilder().setCodeValue(random.nextInt(4)));
        }
        return span.build();
    }

    /** A third is of no form that anybody writes. */
    private String traceState() {
        if (random.nextInt(3) > 0) {
            return any(TRACE_STATES);
        }
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "ot=th:" : "");
        for (int n = random.nextInt(9); n > 0; n--) {
            text.append(any(TRACE_STATE_PARTS));
        }
        return text.toString();
    }

    private String any(String[] texts) {
        return texts[random.nextInt(texts.length)];
    }

    private long start() {
        return switch (random.nextInt(20)) {
            case 0 -> 0;
            case 1 -> 1 + random.nextInt(1_000_000_000);
            case 2 -> now - random.nextInt(4_000) * DAY;
            case 3 -> now + DAY + random.nextInt(1_000);
            case 4 -> random.nextLong();
            // On a window's bound, and just before one.
            case 5 -> now / (60 * MINUTE) * (60 * MINUTE) - random.nextInt(2);
            default -> now - (long) (random.nextDouble() * 5 * MINUTE);
        };
    }

    private long end(long start) {
        return switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> start;
            case 2 -> start - 1 - random.nextInt(1_000);
            case 3 -> random.nextLong();
            default -> start + (long) Math.exp(random.nextDouble() * 25);
        };
    }
}
