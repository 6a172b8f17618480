package io.ollyscale.jobs.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C as a question that a loop asks, so that it can end in order. The process waits a while for {@link #close}. */
final class StopSignal implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 10;

    private final CountDownLatch receivedOnce = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = ShutdownHooks.add(this::onShutdown);

    boolean received() {
        return receivedOnce.getCount() == 0;
    }

    /** Waits for it, but not longer than that. */
    boolean receivedWithin(Duration patience) throws InterruptedException {
        return receivedOnce.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closed.countDown();
        ShutdownHooks.remove(hook);
    }

    private void onShutdown() {
        receivedOnce.countDown();
        try {
            closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
