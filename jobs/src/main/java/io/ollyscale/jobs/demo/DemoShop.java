package io.ollyscale.jobs.demo;

import io.ollyscale.jobs.demo.metrics.Points;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The shop's traces, logs and metrics as records, without end: eleven services in two environments, {@link Incident an
 * incident} now and then, and a bad version of one service.
 *
 * <p>The same seed, start and rate give the same bytes, on every machine and whenever they are asked for, and whichever
 * other signals are asked for. Another start or rate gives the same requests with the same ids at other times; only what
 * an incident changes differs. Spans end when they are due, so they are as recent as the schedule. Metrics count what
 * was told before they were due.
 *
 * <p>Not thread-safe.
 */
public final class DemoShop {
    /** As a Collector's batch processor, a record is complete when it has so many spans or spans so long a time. */
    private static final int MOST_SPANS = 500;

    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Set<Signal> signals;
    private final Schedule schedule;
    private final Storyteller storyteller;
    private final SpanRendering rendering = new SpanRendering();
    private final TracesBatch traces = new TracesBatch();
    private final LogsBatch logs = new LogsBatch();
    private final StepLogs stepLogs = new StepLogs(logs);
    private final ProcessLogs processLogs = new ProcessLogs(logs);
    private final Processes processes;
    private final Queue<DemoRecord> ready = new ArrayDeque<>();

    /** Of the story that is being told. */
    private List<Step> steps = List.of();

    /** How many of them. */
    private int told;

    /**
     * @param startNanos when the first span is due, in Unix nanoseconds
     * @param spansPerSecond positive; how far the spans are apart, also where they aren't asked for
     * @param signals at least one
     */
    public DemoShop(long seed, long startNanos, double spansPerSecond, Set<Signal> signals) {
        if (signals.isEmpty()) {
            throw new IllegalArgumentException("no signal is asked for");
        }
        this.signals = EnumSet.copyOf(signals);
        schedule = new Schedule(startNanos, spansPerSecond);
        storyteller = new Storyteller(seed, new Incident(startNanos));
        processes = new Processes(storyteller.instances(), startNanos);
        if (signals.contains(Signal.LOGS)) {
            processes.forEach(process -> processLogs.started(process.instance(), startNanos));
        }
    }

    /** The next record. A trace may go on in the one after. */
    public DemoRecord next() {
        while (ready.isEmpty()) {
            tell();
        }
        return ready.remove();
    }

    /** Gives up being punctual if the next span is due more than a few seconds from now: see {@link Schedule}. */
    void keepUpWith(long nowNanos) {
        // What is ready was due before.
        if (ready.isEmpty()) {
            processes.shift(schedule.keepUpWith(nowNanos));
        }
    }

    private void tell() {
        long first = schedule.due();
        long last;
        int spans = 0;
        do {
            last = schedule.due();
            processes.export(last, this::export);
            tellStep(last);
            schedule.advance();
            spans++;
        } while (spans < MOST_SPANS && schedule.due() - first < LONGEST_NANOS);
        if (traces.size() > 0) {
            int size = traces.size();
            ready.add(new DemoRecord(Signal.TRACES, traces.take(), size, last));
        }
        if (logs.size() > 0) {
            int size = logs.size();
            ready.add(new DemoRecord(Signal.LOGS, logs.take(), size, last));
        }
    }

    private void tellStep(long dueNanos) {
        if (told == steps.size()) {
            steps = storyteller.next(dueNanos).steps();
            told = 0;
        }
        Step step = steps.get(told++);
        if (signals.contains(Signal.TRACES)) {
            traces.add(step.instance(), step.operation().scope(), rendering.span(step));
        }
        if (signals.contains(Signal.LOGS)) {
            stepLogs.add(step);
        }
        if (signals.contains(Signal.METRICS)) {
            processes.record(step);
        }
    }

    private void export(Process process) {
        Instance instance = process.instance();
        long due = process.exportDue();
        int waiting = storyteller.ordersWaiting(instance.release().environment());
        MetricsData metrics = process.export(steps.subList(told, steps.size()), waiting);
        if (signals.contains(Signal.METRICS)) {
            ready.add(new DemoRecord(Signal.METRICS, metrics.toByteArray(), Points.in(metrics), due));
        }
        if (signals.contains(Signal.LOGS) && instance.service() == Service.EMAIL) {
            processLogs.queueDepth(instance, due, waiting);
        }
        if (process.isAtItsEnd(due)) {
            process.restart(due);
            if (signals.contains(Signal.LOGS)) {
                processLogs.stopping(instance, due);
                processLogs.started(instance, due);
            }
        }
    }
}
