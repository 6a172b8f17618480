package io.ollyscale.jobs.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The end of a process that runs until somebody stops it: Ctrl-C, SIGTERM, the end of its time, or a failure. */
final class ProcessEnd implements AutoCloseable {

    private final Runnable onStop;
    private final CountDownLatch wanted = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = ShutdownHooks.add(this::stop);

    /** Looks for a moment whether everything still runs, and throws if something doesn't. */
    @FunctionalInterface
    interface Watch {
        void look() throws InterruptedException;
    }

    ProcessEnd() {
        this(() -> {});
    }

    /** @param onStop is run when somebody wants the process to end; from another thread */
    ProcessEnd(Runnable onStop) {
        this.onStop = onStop;
        SecondInterrupt.endsAtOnce();
    }

    /** Whether somebody wants the process to end. */
    boolean isWanted() {
        return wanted.getCount() == 0;
    }

    /**
     * Returns when the process is to end.
     *
     * @param duration null for no limit
     * @throws RuntimeException what the watch throws
     */
    void await(Watch watch, Duration duration) throws InterruptedException {
        long end = System.nanoTime() + (duration == null ? 0 : duration.toNanos());
        while (!isWanted() && (duration == null || System.nanoTime() < end)) {
            watch.look();
        }
    }

    /** Everything else is closed; lets the process end. */
    @Override
    public void close() {
        done.countDown();
        ShutdownHooks.remove(hook);
    }

    private void stop() {
        wanted.countDown();
        onStop.run();
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
