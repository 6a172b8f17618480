package io.ollyscale.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Looks once a second at what of the rollups isn't folded, in a thread of its own, until it is stopped. */
final class UnfoldedProbe {
    private static final String UNFOLDED = """
            SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(otel.arrival_of(p.id))), 0)
            FROM otel.operation_rollup_partial AS p
            WHERE otel.xact_number(p.xact_id) >= (SELECT otel.xact_number(r.folded_below) FROM otel.rollup_progress AS r)
            """;

    private final Stack stack;
    private final CompletableFuture<Void> looking;
    private volatile boolean isStopped;
    private long mostRows;
    private double oldestSeconds;

    UnfoldedProbe(Stack stack) {
        this.stack = stack;
        looking = CompletableFuture.runAsync(this::look);
    }

    private void look() {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement()) {
            while (!isStopped) {
                try (ResultSet row = statement.executeQuery(UNFOLDED)) {
                    row.next();
                    mostRows = Math.max(mostRows, row.getLong(1));
                    oldestSeconds = Math.max(oldestSeconds, row.getDouble(2));
                }
                TimeUnit.SECONDS.sleep(1);
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException("what isn't folded can't be read", e);
        }
    }

    /** Returns what was most, in words. */
    String stop() throws Exception {
        isStopped = true;
        looking.get();
        return "at most %,d rows not folded, the oldest for %.0f s".formatted(mostRows, oldestSeconds);
    }
}
