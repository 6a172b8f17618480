package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.local.EmbeddedCluster;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Waits for the end of a job that runs until somebody stops it: Ctrl-C, SIGTERM, the end of its time, or its failure. */
final class ProcessEnd implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final CountDownLatch wanted = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = ShutdownHooks.add(this::stop);

    /**
     * Returns when the job is to be stopped.
     *
     * @param duration null for no limit
     * @throws UserFailure if the job fails for good, with its own words
     */
    void await(EmbeddedCluster cluster, Duration duration) throws InterruptedException {
        long end = System.nanoTime() + (duration == null ? 0 : duration.toNanos());
        while (wanted.getCount() > 0 && (duration == null || System.nanoTime() < end)) {
            cluster.awaitFailure(LOOK);
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
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
