package io.ollyscale.functions.background;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.util.function.ThrowingRunnable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread beside a task's, for calls to a server: a task that makes them itself can't be cancelled while it waits, because
 * a read from a socket isn't interruptible. One piece of work at a time. To be used by the task's thread alone.
 */
public final class BackgroundWork {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundWork.class);
    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(10);

    private final String name;
    private final MailboxExecutor mailbox;
    private final ThrowingRunnable<Exception> whenDone;
    private final ExecutorService executor;
    private CompletableFuture<Void> underWay;

    /**
     * @param name of the thread
     * @param whenDone called in the task's thread after each piece of work, whether it failed or not, so that a failure is
     *     noticed at once
     */
    public BackgroundWork(String name, MailboxExecutor mailbox, ThrowingRunnable<Exception> whenDone) {
        this.name = name;
        this.mailbox = mailbox;
        this.whenDone = whenDone;
        executor = Executors.newSingleThreadExecutor(runnable -> {
            Thread thread = new Thread(runnable, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins a piece of work; the one before must be over. */
    public void begin(ThrowingRunnable<Exception> work) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        underWay = end;
        executor.execute(() -> {
            try {
                work.run();
                end.complete(null);
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
            try {
                mailbox.execute(whenDone, name + " ended");
            } catch (RejectedExecutionException e) {
                LOG.debug("The task is closing", e);
            }
        });
    }

    /**
     * Whether nothing is under way.
     *
     * @throws IOException if what was under way has failed
     */
    public boolean isIdle() throws IOException, InterruptedException {
        if (underWay != null && underWay.isDone()) {
            await();
        }
        return underWay == null;
    }

    /**
     * Waits until nothing is under way.
     *
     * @throws IOException if what was under way has failed
     */
    public void await() throws IOException, InterruptedException {
        if (underWay == null) {
            return;
        }
        try {
            underWay.get();
            underWay = null;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw cause instanceof IOException io ? io : new IOException(cause);
        }
    }

    /**
     * Ends the thread.
     *
     * @param abort breaks off what is under way
     * @return whether the thread has ended
     */
    public boolean close(Runnable abort) {
        executor.shutdown();
        abort.run();
        executor.shutdownNow();
        try {
            if (executor.awaitTermination(PATIENCE_AT_CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
                return true;
            }
            LOG.warn("{} didn't end within {} after its connection was closed", name, PATIENCE_AT_CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
