package io.ollyscale.jobs.demo;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The shop's traces as records, without end: eleven services in two environments, {@link Incident an incident} now and
 * then, and a bad version of one service.
 *
 * <p>The same seed, start and rate give the same bytes, on every machine and whenever they are asked for. Another start or
 * rate gives the same requests with the same ids at other times; only what an incident changes differs. Spans end when they
 * are due, so they are as recent as the schedule.
 *
 * <p>Not thread-safe.
 */
public final class DemoShop {
    /** As a Collector's batch processor, a record is complete when it has so many spans or spans so long a time. */
    private static final int MOST_SPANS = 500;

    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Schedule schedule;
    private final Storyteller storyteller;
    private final SpanRendering rendering = new SpanRendering();
    private final TracesBatch batch = new TracesBatch();
    private Iterator<Step> steps = List.<Step>of().iterator();

    /**
     * @param startNanos when the first span is due, in Unix nanoseconds
     * @param spansPerSecond positive; how far the spans are apart
     */
    public DemoShop(long seed, long startNanos, double spansPerSecond) {
        schedule = new Schedule(startNanos, spansPerSecond);
        storyteller = new Storyteller(seed, new Incident(startNanos));
    }

    /** The next record; has a span at least. A trace may go on in the one after. */
    public DemoRecord next() {
        long first = schedule.due();
        long last;
        do {
            last = schedule.due();
            add(last);
            schedule.advance();
        } while (batch.size() < MOST_SPANS && schedule.due() - first < LONGEST_NANOS);
        int spans = batch.size();
        return new DemoRecord(batch.take(), spans, last);
    }

    /** Gives up being punctual if the next span is due more than a few seconds from now: see {@link Schedule}. */
    void keepUpWith(long nowNanos) {
        schedule.keepUpWith(nowNanos);
    }

    private void add(long dueNanos) {
        if (!steps.hasNext()) {
            steps = storyteller.next(dueNanos).steps().iterator();
        }
        Step step = steps.next();
        batch.add(step.instance(), step.operation().scope(), rendering.span(step));
    }
}
