package io.ollyscale.faults.postgres;

import java.time.Duration;

/** Waits for what other processes do, and says what didn't happen in time. */
final class Deadline {

    private static final long PAUSE_MILLIS = 50;

    private final Duration time;
    private final long end;

    Deadline(Duration time) {
        this.time = time;
        end = System.nanoTime() + time.toNanos();
    }

    @FunctionalInterface
    interface Condition {
        boolean holds();
    }

    /** @param what follows "PostgreSQL" in the message of the failure */
    static void await(Duration time, String what, Condition condition) {
        Deadline deadline = new Deadline(time);
        while (!condition.holds()) {
            deadline.pause(what, null);
        }
    }

    /**
     * Waits for the next look.
     *
     * @param cause the last failure, or null
     * @throws IllegalStateException if the time is over
     */
    void pause(String what, Exception cause) {
        if (System.nanoTime() - end > 0) {
            throw new IllegalStateException(
                    "PostgreSQL " + what + " within " + time.toSeconds() + " s"
                            + (cause == null ? "" : ": " + cause.getMessage()),
                    cause);
        }
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for PostgreSQL", e);
        }
    }
}
