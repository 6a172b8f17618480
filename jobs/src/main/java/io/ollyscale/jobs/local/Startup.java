package io.ollyscale.jobs.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * A start in steps, some of them side by side: knows what is under way and how long everything took, and begins nothing
 * after it was called off. Thread-safe.
 */
public final class Startup {

    private final long started = System.nanoTime();
    private final List<Step> steps = new ArrayList<>();
    private boolean calledOff;

    /** A part of the start. Thread-safe. */
    public final class Step {
        private final String name;
        private final long begun = System.nanoTime();
        private long ended;

        private Step(String name) {
            this.name = name;
        }

        public String name() {
            return name;
        }

        /** Since the start as a whole. */
        public Duration begin() {
            return Duration.ofNanos(begun - started);
        }

        /** So far, while it is under way. */
        public Duration took() {
            synchronized (Startup.this) {
                return Duration.ofNanos((ended == 0 ? System.nanoTime() : ended) - begun);
            }
        }

        public boolean isUnderWay() {
            synchronized (Startup.this) {
                return ended == 0;
            }
        }

        /** It was successful; one that isn't ends the start. */
        public void end() {
            synchronized (Startup.this) {
                ended = System.nanoTime();
            }
        }
    }

    /**
     * Begins a step.
     *
     * @param name what is done, for people: "starting Kafka"
     * @throws CancellationException if the start was called off
     */
    public synchronized Step begin(String name) {
        if (calledOff) {
            throw new CancellationException("stopped before " + name);
        }
        Step step = new Step(name);
        steps.add(step);
        return step;
    }

    /** Lets no further step begin. */
    public synchronized void callOff() {
        calledOff = true;
    }

    public synchronized boolean isCalledOff() {
        return calledOff;
    }

    /** Those that have begun, in that order. */
    public synchronized List<Step> steps() {
        return List.copyOf(steps);
    }

    public Duration took() {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
