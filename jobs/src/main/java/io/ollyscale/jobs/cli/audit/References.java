package io.ollyscale.jobs.cli.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether facts lead to their dimensions, which may come later than they do, but not by an hour: one scan of each table,
 * some seconds for ten million rows.
 *
 * @param dangling tables of facts whose dimensions are missing; those that have none are left out
 * @param unchecked tables that there was no time for
 */
public record References(List<Dangling> dangling, List<String> unchecked) {

    /** For all tables together. */
    public static final Duration TIME = Duration.ofMinutes(1);

    private static final String CANCELED = "57014";

    /** A key has the same name on both sides. */
    private record Dimension(String table, String key) {}

    private record Facts(String table, String time, List<Dimension> dimensions) {}

    private static final List<Dimension> OF_RECORDS = List.of(
            new Dimension("resources_dim", "resource_id"),
            new Dimension("scopes_dim", "scope_id"),
            new Dimension("service_dim", "service_id"));

    private static final List<Dimension> OF_POINTS = List.of(new Dimension("metric_series_dim", "series_id"));

    private static final List<Facts> ALL = List.of(
            new Facts("spans_fact", "f.start_timestamp", OF_RECORDS),
            new Facts("logs_fact", "coalesce(f.timestamp, f.observed_timestamp)", OF_RECORDS),
            new Facts("number_data_points", "f.timestamp", OF_POINTS),
            new Facts("histogram_data_points", "f.timestamp", OF_POINTS),
            new Facts("exp_histogram_data_points", "f.timestamp", OF_POINTS),
            new Facts("summary_data_points", "f.timestamp", OF_POINTS));

    /**
     * Checks one table after the other until the time is over.
     *
     * @param connection in autocommit mode; has a statement_timeout afterwards
     * @param from facts of this time and later ones; null for all
     * @param to facts before this time; null for all
     */
    static References check(Connection connection, Instant from, Instant to) throws SQLException {
        long deadline = System.nanoTime() + TIME.toNanos();
        List<Dangling> dangling = new ArrayList<>();
        List<String> unchecked = new ArrayList<>();
        for (Facts facts : ALL) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                unchecked.add(facts.table());
                continue;
            }
            try (Statement limit = connection.createStatement()) {
                limit.execute("SET statement_timeout = " + (left + 1));
                dangling.addAll(check(connection, facts, from, to));
            } catch (SQLException e) {
                // Before that somebody else canceled it.
                if (!CANCELED.equals(e.getSQLState()) || System.nanoTime() < deadline) {
                    throw e;
                }
                unchecked.add(facts.table());
            }
        }
        return new References(dangling, unchecked);
    }

    private static List<Dangling> check(Connection connection, Facts facts, Instant from, Instant to)
            throws SQLException {
        List<Dangling> dangling = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql(facts, from, to))) {
            int parameter = 1;
            if (from != null) {
                query.setObject(parameter++, OffsetDateTime.ofInstant(from, ZoneOffset.UTC));
            }
            if (to != null) {
                query.setObject(parameter, OffsetDateTime.ofInstant(to, ZoneOffset.UTC));
            }
            try (ResultSet counts = query.executeQuery()) {
                counts.next();
                for (Dimension dimension : facts.dimensions()) {
                    long rows = counts.getLong(dimension.table());
                    if (rows > 0) {
                        dangling.add(new Dangling(facts.table(), dimension.table(), rows));
                    }
                }
            }
        }
        return dangling;
    }

    private static String sql(Facts facts, Instant from, Instant to) {
        StringBuilder counts = new StringBuilder();
        StringBuilder joins = new StringBuilder();
        for (Dimension dimension : facts.dimensions()) {
            String table = dimension.table();
            String key = dimension.key();
            counts.append(counts.isEmpty() ? "" : ", ")
                    .append("count(*) FILTER (WHERE %1$s.%2$s IS NULL) AS %1$s".formatted(table, key));
            joins.append(" LEFT JOIN otel.%1$s ON %1$s.%2$s = f.%2$s".formatted(table, key));
        }
        return "SELECT " + counts + " FROM otel." + facts.table() + " AS f" + joins
                + " WHERE f.id < otel.id_at(now() - interval '1 hour')"
                + (from == null ? "" : " AND " + facts.time() + " >= ?")
                + (to == null ? "" : " AND " + facts.time() + " < ?");
    }
}
