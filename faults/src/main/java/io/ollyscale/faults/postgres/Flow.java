package io.ollyscale.faults.postgres;

import java.util.function.BooleanSupplier;

/** How fast bytes may pass, over all connections. Safe for use by several threads. */
final class Flow {

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private volatile boolean stalled;
    private volatile long bytesPerSecond;
    private long nextFree;
    private int change;

    synchronized void stall(boolean stall) {
        stalled = stall;
        notifyAll();
    }

    /** @param rate bytes in a second; 0 for no limit */
    synchronized void limit(long rate) {
        bytesPerSecond = rate;
        nextFree = System.nanoTime();
        change++;
        notifyAll();
    }

    /** Lets those look who wait for a connection that has ended. */
    synchronized void wake() {
        notifyAll();
    }

    /** Returns when the bytes may pass, or when the connection has ended. */
    void await(int bytes, BooleanSupplier ended) throws InterruptedException {
        if (stalled || bytesPerSecond > 0) {
            awaitTurn(bytes, ended);
        }
    }

    private synchronized void awaitTurn(int bytes, BooleanSupplier ended) throws InterruptedException {
        int seen = change - 1;
        long due = 0;
        while (!ended.getAsBoolean()) {
            if (stalled) {
                wait();
                continue;
            }
            if (bytesPerSecond == 0) {
                return;
            }
            if (seen != change) {
                seen = change;
                due = Math.max(System.nanoTime(), nextFree) + bytes * NANOS_PER_SECOND / bytesPerSecond;
                nextFree = due;
            }
            long rest = due - System.nanoTime();
            if (rest <= 0) {
                return;
            }
            wait(rest / NANOS_PER_MILLI + 1);
        }
    }
}
