package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.Instrument;
import io.ollyscale.jobs.demo.metrics.Meter;
import io.ollyscale.jobs.demo.metrics.NumberSeries;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import java.util.List;

/** What a process takes of the machine: so much for being there, and so much for each span. */
final class RuntimeMetrics implements Measured {
    private static final double CPU_OF_UPTIME = 0.004;
    private static final double CPU_SECONDS_OF_SPAN = 0.000_35;
    private static final double CPU_IN_SYSTEM = 0.25;
    private static final KeyValue USER = Attribute.text("cpu.mode", "user");
    private static final KeyValue SYSTEM = Attribute.text("cpu.mode", "system");

    private final Instance instance;
    private final List<MemoryPool> pools;
    private final Instrument<NumberSeries.Decimal> cpu;
    private final Instrument<NumberSeries.Whole> memory;
    private final Instrument<NumberSeries.Decimal> utilization;
    private long spans;
    private double cpuSeconds;
    private long observed;

    /** @param started Unix nanoseconds */
    RuntimeMetrics(Instance instance, Meter meter, long started) {
        this.instance = instance;
        this.pools = MemoryPool.of(instance.service().sdk());
        this.observed = started;
        // Always cumulative, as what an SDK only observes is.
        this.cpu = meter.add(Instrument.counter(
                "process.cpu.time",
                "s",
                "Total CPU seconds broken down by different modes.",
                AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE,
                NumberSeries.Decimal::new));
        this.memory = meter.add(
                Instrument.upDownCounter(MemoryPool.metric(instance.service().sdk()), "By", "Memory in use."));
        this.utilization = meter.add(Instrument.gauge(
                "process.cpu.utilization",
                "1",
                "Part of one CPU that was used since the last collection.",
                NumberSeries.Decimal::new));
    }

    @Override
    public void record(Step step) {
        spans++;
    }

    @Override
    public void observe(Observation observation) {
        double before = cpuSeconds;
        cpuSeconds = CPU_OF_UPTIME * seconds(observation.started(), observation.time()) + CPU_SECONDS_OF_SPAN * spans;
        cpu.with(USER).set((1 - CPU_IN_SYSTEM) * cpuSeconds);
        cpu.with(SYSTEM).set(CPU_IN_SYSTEM * cpuSeconds);
        utilization.with().set((cpuSeconds - before) / seconds(observed, observation.time()));
        observed = observation.time();
        long leaked = Lifetime.of(instance).leaked(observation.time() - observation.started());
        for (MemoryPool pool : pools) {
            memory.with(pool.attributes()).set(pool.used(observation.random()) + leaked / pools.size());
        }
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }
}
