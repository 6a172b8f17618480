package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.metrics.v1.MetricsData;
import java.util.List;

/** An instance as it runs: it exports metrics evenly, and starts again when its memory is at its limit. Not thread-safe. */
final class Process {
    private final Instance instance;
    private final long salt;
    private ProcessMetrics metrics;
    private long exportDue;

    /**
     * @param started Unix nanoseconds
     * @param phase when it exports first, as a part of the time between two exports
     */
    Process(Instance instance, long started, double phase) {
        this.instance = instance;
        this.salt = Double.doubleToLongBits(phase);
        this.metrics = new ProcessMetrics(instance, started);
        this.exportDue = started + (long) (phase * instance.service().sdk().exportNanos());
    }

    Instance instance() {
        return instance;
    }

    void record(Step step) {
        metrics.record(step);
    }

    /** Unix nanoseconds. */
    long exportDue() {
        return exportDue;
    }

    /**
     * What was measured until the export was due. The next one is due later.
     *
     * @param unfinished steps of the story that is being told
     */
    MetricsData export(List<Step> unfinished, int ordersWaiting) {
        long time = exportDue;
        exportDue += instance.service().sdk().exportNanos();
        return metrics.collect(
                new Observation(metrics.started(), time, unfinished, ordersWaiting, Dice.mix(salt + time)));
    }

    boolean isAtItsEnd(long unixNanos) {
        return Lifetime.of(instance).isOver(unixNanos - metrics.started());
    }

    /** Nothing that was measured before is left. */
    void restart(long unixNanos) {
        metrics = new ProcessMetrics(instance, unixNanos);
    }

    /** Follows a schedule that was put off or forward. */
    void shift(long nanos) {
        exportDue += nanos;
        if (nanos < 0) {
            // The clock was set back: what a process measures begins before the first point that it exports.
            restart(exportDue - instance.service().sdk().exportNanos());
        }
    }
}
