package io.ollyscale.jobs.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C as a question that a loop asks, so that it can end in order. The process waits a while for {@link #close}. */
final class StopSignal implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 10;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = ShutdownHooks.add(this::onShutdown);
    private volatile boolean received;

    boolean received() {
        return received;
    }

    @Override
    public void close() {
        closed.countDown();
        ShutdownHooks.remove(hook);
    }

    private void onShutdown() {
        received = true;
        try {
            closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
