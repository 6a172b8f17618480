package io.ollyscale.jobs.otlp;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** The requests that are under way, and the memory that they hold. Refuses instead of waiting; safe for several threads. */
final class InFlight {
    private final Semaphore places;
    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean ended;

    InFlight(OtlpLimits limits) {
        this.places = new Semaphore(limits.requestsInFlight());
        this.maxBytes = limits.bytesInFlight();
    }

    /** From now on every request is refused. */
    void end() {
        ended = true;
    }

    /** @throws RefusedRequestException if all places are taken, or none are given any more */
    Place enter() {
        if (ended) {
            throw new RefusedRequestException(Problem.UNAVAILABLE, "The endpoint is about to stop");
        }
        if (!places.tryAcquire()) {
            throw new RefusedRequestException(
                    Problem.UNAVAILABLE, "As many requests as allowed are under way: send fewer at once");
        }
        return new Place();
    }

    /** One request's. Not for several threads at once. */
    final class Place implements AutoCloseable {
        private long held;

        private Place() {}

        /** @throws RefusedRequestException if that is more than is left */
        void reserve(long count) {
            if (held + count > maxBytes) {
                throw new RefusedRequestException(
                        Problem.TOO_LARGE,
                        "Receiving and decoding the request takes more than the " + maxBytes + " bytes that there are");
            }
            if (bytes.addAndGet(count) > maxBytes) {
                bytes.addAndGet(-count);
                throw new RefusedRequestException(
                        Problem.UNAVAILABLE, "Requests of as many bytes as allowed are under way: send less at once");
            }
            held += count;
        }

        void release(long count) {
            held -= count;
            bytes.addAndGet(-count);
        }

        void releaseAll() {
            release(held);
        }

        @Override
        public void close() {
            releaseAll();
            places.release();
        }
    }
}
