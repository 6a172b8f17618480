package io.ollyscale.benchmarks;

import io.ollyscale.jobs.local.EmbeddedCluster;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Spans that go to a running job: first as many as it can store, then at a steady rate. Not thread-safe. */
final class SpanFlow {
    /** Of the topic, at least; what is published to others isn't of the flow. */
    static final int PARTITIONS = 2;

    static final int UNITS_PER_RECORD = 500;

    /** Records that are published again and again: making them takes more of the machine than publishing. */
    private static final int DISTINCT_RECORDS = 400;

    private static final long BETWEEN_UNITS = 10_000;
    private static final Duration POLL = Duration.ofMillis(50);

    private final Stack stack;
    private final EmbeddedCluster cluster;
    private final TopicFiller topic;
    private final byte[][] records;
    private int published;

    /** Of spans that were stored in a stretch of time. */
    record Rate(long units, double seconds) {
        double perSecond() {
            return units / seconds;
        }
    }

    /** @param operations as of {@link GeneratedTraces} */
    SpanFlow(Stack stack, EmbeddedCluster cluster, TopicFiller topic, int operations) {
        this.stack = stack;
        this.cluster = cluster;
        this.topic = topic;
        long now = TimeUnit.SECONDS.toNanos(Instant.now().getEpochSecond());
        GeneratedTraces traces = new GeneratedTraces(UNITS_PER_RECORD, new Clock(now, BETWEEN_UNITS), operations);
        records = Stream.generate(traces).limit(DISTINCT_RECORDS).toArray(byte[][]::new);
    }

    /** Publishes at least so many spans, and returns how fast they were stored. */
    Rate backlog(long units) throws Exception {
        while ((long) published * UNITS_PER_RECORD < units) {
            topic.send(published % PARTITIONS, records[published++ % DISTINCT_RECORDS]);
        }
        return awaitStored((long) published * UNITS_PER_RECORD);
    }

    /** Publishes on, at a rate. */
    Feeder feed(double spansPerSecond) {
        return new Feeder(topic, records, published, spansPerSecond / UNITS_PER_RECORD);
    }

    /** Waits until so many spans are stored in all, from the first one on. */
    Rate awaitStored(long units) throws Exception {
        long from = 0;
        while (from == 0) {
            cluster.awaitFailure(POLL);
            from = stored();
        }
        long start = System.nanoTime();
        long now = from;
        while (now < units) {
            cluster.awaitFailure(POLL);
            now = stored();
        }
        return new Rate(now - from, (System.nanoTime() - start) / 1e9);
    }

    /** How fast spans are stored while something is done. */
    Rate during(Future<?> work) throws Exception {
        long from = stored();
        long start = System.nanoTime();
        while (!work.isDone()) {
            cluster.awaitFailure(POLL);
        }
        work.get();
        return new Rate(stored() - from, (System.nanoTime() - start) / 1e9);
    }

    /** Spans of its records. */
    long stored() throws SQLException {
        return stack.number("SELECT coalesce(sum(next_offset), 0) FROM otel.ingest_ledger WHERE partition_id < "
                        + PARTITIONS)
                * UNITS_PER_RECORD;
    }
}
