package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.local.EmbeddedCluster;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Waits for the end of a job that runs until somebody stops it: Ctrl-C, SIGTERM, the end of its time, or its failure. */
final class ProcessEnd {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final CountDownLatch wanted = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "ollyscale-stop");

    ProcessEnd() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Returns when the job is to be stopped.
     *
     * @param duration null for no limit
     * @throws UserFailure if the job fails for good, with its own words
     */
    void await(EmbeddedCluster cluster, Duration duration) throws InterruptedException {
        long end = duration == null ? Long.MAX_VALUE : System.nanoTime() + duration.toNanos();
        while (wanted.getCount() > 0 && (duration == null || System.nanoTime() < end)) {
            Throwable failure = cluster.awaitFailure(LOOK);
            if (failure != null) {
                throw new UserFailure(lastWords(failure), failure);
            }
        }
    }

    /** Everything is closed; lets the process end. */
    void closed() {
        done.countDown();
        if (wanted.getCount() > 0) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void stop() {
        wanted.countDown();
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The innermost cause says what happened; Flink's own words around it don't. */
    private static String lastWords(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return "The job stopped: " + innermost.getMessage();
    }
}
