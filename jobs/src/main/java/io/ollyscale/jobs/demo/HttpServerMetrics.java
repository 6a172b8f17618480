package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.HistogramSeries;
import io.ollyscale.jobs.demo.metrics.Instrument;
import io.ollyscale.jobs.demo.metrics.Meter;
import io.ollyscale.jobs.demo.metrics.NumberSeries;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** What HTTP servers measure, by the semantic conventions. */
final class HttpServerMetrics implements Measured {
    /** Those that the conventions advise. */
    private static final double[] SECONDS = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};

    private final Instance instance;
    private final RequestAttributes attributes = new RequestAttributes();
    private final Map<Operation, List<KeyValue>> activeBy = new IdentityHashMap<>();
    private final Instrument<HistogramSeries> duration;
    private final Instrument<NumberSeries.Whole> active;

    HttpServerMetrics(Instance instance, Meter meter) {
        this.instance = instance;
        this.duration = meter.add(Instrument.histogram(
                "http.server.request.duration",
                "s",
                "Duration of HTTP server requests.",
                instance.service().sdk().temporality(),
                SECONDS));
        this.active = meter.add(Instrument.upDownCounter(
                "http.server.active_requests", "{request}", "Number of active HTTP server requests."));
    }

    @Override
    public void record(Step step) {
        if (step.isServer()) {
            duration.with(attributes.of(step)).record(Measurements.of(step, step.nanos() / 1e9));
            active.with(activeBy(step));
        }
    }

    /** Those that aren't over yet; what was active before, and isn't, is 0. */
    @Override
    public void observe(Observation observation) {
        active.forEach(series -> series.set(0));
        for (Step step : observation.unfinished()) {
            if (step.isServer() && step.instance() == instance) {
                active.with(activeBy(step)).add(1);
            }
        }
    }

    private List<KeyValue> activeBy(Step step) {
        return activeBy.computeIfAbsent(step.operation(), HttpServerMetrics::select);
    }

    private static List<KeyValue> select(Operation operation) {
        return operation.prototype().getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals("http.request.method")
                        || attribute.getKey().equals("url.scheme"))
                .toList();
    }
}
