package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.DemoSpan.SEED;
import static io.ollyscale.jobs.demo.DemoSpan.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * All that the shop tells in forty minutes, with incidents, and with processes that start again. So slowly that each span
 * is a record by itself: so it is known when it was told.
 */
final class ToldShop {
    private static final int RATE = 5;
    private static final long UNTIL = START + TimeUnit.MINUTES.toNanos(40);

    private final List<Told> spans = new ArrayList<>();
    private final Map<Resource, List<Told>> byResource = new HashMap<>();
    private final List<DemoLog> logs = new ArrayList<>();
    private final List<DemoMetric> metrics = new ArrayList<>();

    /** @param due when it was, in Unix nanoseconds */
    record Told(DemoSpan span, long due) {}

    static ToldShop tell() {
        ToldShop told = new ToldShop();
        DemoShop shop = new DemoShop(SEED, START, RATE, EnumSet.allOf(Signal.class));
        for (DemoRecord record = shop.next(); record.dueNanos() < UNTIL; record = shop.next()) {
            switch (record.signal()) {
                case TRACES -> told.add(record);
                case LOGS -> told.logs.addAll(DemoLog.in(record.message()));
                case METRICS -> told.metrics.addAll(DemoMetric.in(record.message()));
            }
        }
        return told;
    }

    private void add(DemoRecord record) {
        assertThat(record.units()).isEqualTo(1);
        Told told = new Told(DemoSpan.in(record.message()).get(0), record.dueNanos());
        spans.add(told);
        byResource
                .computeIfAbsent(told.span.resource(), resource -> new ArrayList<>())
                .add(told);
    }

    /** In the order in which they were told. */
    List<Told> spans() {
        return spans;
    }

    List<DemoLog> logs() {
        return logs;
    }

    /** In the order in which they were exported. */
    List<DemoMetric> metrics() {
        return metrics;
    }

    /** Those of a resource that were told from a time on and before another. */
    List<DemoSpan> spans(Resource resource, long from, long to) {
        return byResource.getOrDefault(resource, List.of()).stream()
                .filter(told -> told.due >= from && told.due < to)
                .map(Told::span)
                .toList();
    }
}
