package io.ollyscale.faults.process;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for conditions up to a deadline. */
public final class Waiting {

    private static final long PAUSE_MILLIS = 50;

    private Waiting() {}

    /**
     * Tries until the condition holds. What the condition throws counts as "not yet", except for a
     * {@link ProcessException}; the last such exception becomes the cause of the failure.
     *
     * @param details added to the message of the failure, such as the last lines of a log
     * @throws ProcessException when the time is over or the thread is interrupted; the interrupt flag is then set
     */
    public static void until(String what, Duration limit, Callable<Boolean> condition, Supplier<String> details) {
        long deadline = System.nanoTime() + limit.toNanos();
        Exception last;
        do {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (InterruptedException e) {
                throw interrupted(what, e);
            } catch (ProcessException e) {
                throw e;
            } catch (Exception e) {
                last = e;
            }
            pause(what);
        } while (System.nanoTime() < deadline);
        String reason = last == null ? "" : " (" + last + ")";
        throw new ProcessException(
                "Not within " + limit.toSeconds() + " s: " + what + reason + "\n" + details.get(), last);
    }

    private static void pause(String what) {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    private static ProcessException interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new ProcessException("Interrupted while waiting: " + what, e);
    }
}
