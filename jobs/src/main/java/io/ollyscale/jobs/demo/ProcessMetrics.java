package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.Meter;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one process measures from its start to its end. Not thread-safe. */
final class ProcessMetrics {
    private final Instance instance;
    private final long started;
    private final Map<Technology, Meter> meters = new LinkedHashMap<>();
    private final List<Measured> measured = new ArrayList<>();
    private long collected;

    /** @param started Unix nanoseconds */
    ProcessMetrics(Instance instance, long started) {
        this.instance = instance;
        this.started = started;
        this.collected = started;
        Sdk sdk = instance.service().sdk();
        measured.add(new RuntimeMetrics(instance, meter(Technology.RUNTIME), started));
        switch (instance.service()) {
            case GATEWAY, SEARCH, CART, SHIPPING ->
                measured.add(new HttpServerMetrics(instance, meter(Technology.HTTP_SERVER)));
            case CATALOG, RECOMMENDATION, INVENTORY -> measured.add(new RpcServerMetrics(sdk, meter(Technology.GRPC)));
            case CHECKOUT -> {
                measured.add(new RpcServerMetrics(sdk, meter(Technology.GRPC)));
                measured.add(new SalesMetrics(sdk.temporality(), meter(Technology.OWN_CODE)));
            }
            case PAYMENT -> {
                measured.add(new RpcServerMetrics(sdk, meter(Technology.GRPC)));
                measured.add(new PaymentMetrics(sdk.temporality(), meter(Technology.OWN_CODE)));
            }
            case EMAIL -> measured.add(new MailMetrics(meter(Technology.OWN_CODE)));
            case STOREFRONT -> throw new IllegalArgumentException("browsers have no metrics");
        }
    }

    private Meter meter(Technology technology) {
        return meters.computeIfAbsent(technology, any -> {
            Scope scope = instance.service().scope(technology);
            return new Meter(scope.message(), scope.schemaUrl());
        });
    }

    void record(Step step) {
        for (Measured some : measured) {
            some.record(step);
        }
    }

    MetricsData collect(Observation observation) {
        measured.forEach(some -> some.observe(observation));
        ResourceMetrics.Builder metrics = ResourceMetrics.newBuilder()
                .setResource(instance.resource())
                .setSchemaUrl(instance.service().sdk().schemaUrl());
        for (Meter meter : meters.values()) {
            ScopeMetrics ofScope = meter.collect(started, collected, observation.time());
            if (ofScope.getMetricsCount() > 0) {
                metrics.addScopeMetrics(ofScope);
            }
        }
        collected = observation.time();
        return MetricsData.newBuilder().addResourceMetrics(metrics).build();
    }

    /** Unix nanoseconds. */
    long started() {
        return started;
    }
}
