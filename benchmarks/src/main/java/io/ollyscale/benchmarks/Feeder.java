package io.ollyscale.benchmarks;

import java.util.concurrent.locks.LockSupport;

/** Publishes records at a steady rate, in a thread of its own, until it is stopped. */
final class Feeder implements AutoCloseable {
    private final TopicFiller topic;
    private final byte[][] records;
    private final double recordsPerSecond;
    private final Thread thread = new Thread(this::feed, "feeder");

    private volatile long published;
    private volatile boolean isStopped;

    /**
     * @param topic with two partitions, filled in turn
     * @param records published again and again
     * @param published records so far
     */
    Feeder(TopicFiller topic, byte[][] records, long published, double recordsPerSecond) {
        this.topic = topic;
        this.records = records;
        this.published = published;
        this.recordsPerSecond = recordsPerSecond;
        thread.setDaemon(true);
        thread.start();
    }

    private void feed() {
        long start = System.nanoTime();
        for (long sent = 0; !isStopped; sent++) {
            long due = start + (long) (sent / recordsPerSecond * 1e9);
            while (!isStopped && System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            long next = published;
            topic.send((int) (next % 2), records[(int) (next % records.length)]);
            published = next + 1;
        }
    }

    /** Records, those of before included. */
    long published() {
        return published;
    }

    @Override
    public void close() {
        stop();
    }

    /** Returns when nothing more is published; may be called again. */
    void stop() {
        isStopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
