package io.ollyscale.benchmarks;

import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How long after Kafka has a span the view {@code service_minutes} shows it in the current minute. */
final class Freshness {
    private static final String SERVICE = "freshness";
    private static final long POLL_MILLIS = 50;
    private static final double BETWEEN_MILLIS = 500;

    private final Connection connection;
    private final TopicFiller topic;
    private final int partition;

    /** @param partition that nothing else is published to */
    Freshness(Connection connection, TopicFiller topic, int partition) {
        this.connection = connection;
        this.topic = topic;
        this.partition = partition;
    }

    /** Sends a span every half a second, or when the last one shows, and returns the times, ascending, in milliseconds. */
    double[] measure(int seconds) throws Exception {
        topic.send(partition, span()).get();
        long service = awaitService();
        long shown = awaitShown(service, 0);
        List<Double> millis = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < deadline) {
            topic.send(partition, span()).get();
            long arrived = System.nanoTime();
            shown = awaitShown(service, shown);
            double took = (System.nanoTime() - arrived) / 1e6;
            millis.add(took);
            TimeUnit.MILLISECONDS.sleep((long) Math.max(0, BETWEEN_MILLIS - took));
        }
        return millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    private long awaitService() throws SQLException, InterruptedException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT service_id FROM otel.service_dim WHERE name = '" + SERVICE + "'")) {
            while (true) {
                try (ResultSet row = query.executeQuery()) {
                    if (row.next()) {
                        return row.getLong(1);
                    }
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
    }

    /** Returns how many spans of the last minutes show as soon as those are more. */
    private long awaitShown(long service, long before) throws SQLException, InterruptedException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT coalesce(sum(span_count), 0) FROM otel.service_minutes"
                        + " WHERE window_start >= now() - interval '1 hour' AND service_id = ?")) {
            query.setLong(1, service);
            while (true) {
                try (ResultSet row = query.executeQuery()) {
                    row.next();
                    if (row.getLong(1) > before) {
                        return row.getLong(1);
                    }
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
    }

    private static byte[] span() {
        Instant now = Instant.now();
        long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(Resource.newBuilder().addAttributes(Otlp.text("service.name", SERVICE)))
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .addSpans(Span.newBuilder()
                                        .setName("probe")
                                        .setKind(Span.SpanKind.SPAN_KIND_SERVER)
                                        .setStartTimeUnixNano(nanos)
                                        .setEndTimeUnixNano(nanos + 1_000_000))))
                .build()
                .toByteArray();
    }
}
