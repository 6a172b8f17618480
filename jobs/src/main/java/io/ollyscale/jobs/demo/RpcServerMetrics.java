package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.ExponentialHistogramSeries;
import io.ollyscale.jobs.demo.metrics.HistogramSeries;
import io.ollyscale.jobs.demo.metrics.Instrument;
import io.ollyscale.jobs.demo.metrics.Measurement;
import io.ollyscale.jobs.demo.metrics.Meter;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import java.util.List;
import java.util.function.BiConsumer;

/** What gRPC servers measure; those in Go as exponential histograms. */
final class RpcServerMetrics implements Measured {
    private static final String NAME = "rpc.server.duration";
    private static final String DESCRIPTION = "Measures the duration of inbound RPC.";

    /** An SDK's where nobody advises others. */
    private static final double[] MILLIS = {0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000
    };

    private final RequestAttributes attributes = new RequestAttributes();
    private final BiConsumer<List<KeyValue>, Measurement> duration;

    RpcServerMetrics(Sdk sdk, Meter meter) {
        duration = sdk == Sdk.GO ? exponential(sdk.temporality(), meter) : explicit(sdk.temporality(), meter);
    }

    @Override
    public void record(Step step) {
        if (step.isServer()) {
            duration.accept(attributes.of(step), Measurements.of(step, step.nanos() / 1e6));
        }
    }

    private static BiConsumer<List<KeyValue>, Measurement> exponential(
            AggregationTemporality temporality, Meter meter) {
        Instrument<ExponentialHistogramSeries> histogram =
                meter.add(Instrument.exponentialHistogram(NAME, "ms", DESCRIPTION, temporality));
        return (attributes, measurement) -> histogram.with(attributes).record(measurement);
    }

    private static BiConsumer<List<KeyValue>, Measurement> explicit(AggregationTemporality temporality, Meter meter) {
        Instrument<HistogramSeries> histogram =
                meter.add(Instrument.histogram(NAME, "ms", DESCRIPTION, temporality, MILLIS));
        return (attributes, measurement) -> histogram.with(attributes).record(measurement);
    }
}
