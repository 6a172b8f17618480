package io.ollyscale.jobs.cli.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * The rollups beside the facts that they are of.
 *
 * @param count how many differences there are
 * @param differences the first of them
 * @param minutes how many minutes were compared that have spans
 * @param spans how many spans they have
 */
public record Audit(long count, List<Difference> differences, long minutes, long spans, References references) {

    /** More than anybody reads. */
    public static final int MOST_DIFFERENCES = 50;

    private static final int ROWS_AT_ONCE = 1_000;

    private static final String DIFFERENCES = """
            SELECT a.rollup, a.window_start, a.service_id, s.name AS service, a.operation_id, o.name AS operation,
                a.measure, a.expected, a.actual
            FROM otel.audit_rollups(coalesce(?::timestamptz, '-infinity'), coalesce(?::timestamptz, 'infinity')) WITH ORDINALITY AS a
            LEFT JOIN otel.service_dim AS s ON s.service_id = a.service_id
            LEFT JOIN otel.operation_dim AS o ON o.operation_id = a.operation_id
            ORDER BY a.ordinality
            """;

    /** Without those that an audit leaves out, because their rollups or their facts have been dropped. */
    private static final String COMPARED = """
            SELECT count(DISTINCT m.window_start), coalesce(sum(m.span_count), 0)
            FROM otel.operation_minutes AS m
            WHERE m.window_start >= coalesce(?::timestamptz, '-infinity') AND m.window_start < coalesce(?::timestamptz, 'infinity')
                AND m.window_start >= (SELECT p.minutes_from FROM otel.rollup_progress AS p)
                AND NOT (SELECT d.event_times FROM otel.dropped_spans() AS d)
                    && tstzrange(m.window_start, m.window_start + interval '1 minute')
            """;

    /** Before the snapshot: in one that is older than a partition's end, its rows would be missing, and nothing would say why. */
    private static final String LOCK =
            "LOCK TABLE otel.operation_rollup_partial, otel.operation_rollup_1m, otel.operation_rollup_1h, otel.service_rollup_1m, otel.service_rollup_1h"
                    + " IN ACCESS SHARE MODE";

    /**
     * Compares, which reads all spans of the time.
     *
     * @param connection in autocommit mode; of no use after a failure
     * @param from windows that begin then and later; null for all
     * @param to windows that begin before then; null for all
     */
    public static Audit of(Connection connection, Instant from, Instant to) throws SQLException {
        List<Difference> differences = new ArrayList<>();
        long count = 0;
        long minutes;
        long spans;
        // Of one snapshot, and without holding all rows in memory.
        connection.setAutoCommit(false);
        try (Statement settings = connection.createStatement();
                PreparedStatement query = connection.prepareStatement(DIFFERENCES);
                PreparedStatement compared = connection.prepareStatement(COMPARED)) {
            settings.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            settings.execute("SET LOCAL statement_timeout = 0");
            settings.execute(LOCK);
            query.setFetchSize(ROWS_AT_ONCE);
            setTimes(query, from, to);
            try (ResultSet row = query.executeQuery()) {
                for (; row.next(); count++) {
                    if (count < MOST_DIFFERENCES) {
                        differences.add(difference(row));
                    }
                }
            }
            setTimes(compared, from, to);
            try (ResultSet row = compared.executeQuery()) {
                row.next();
                minutes = row.getLong(1);
                spans = row.getLong(2);
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        return new Audit(count, differences, minutes, spans, References.check(connection, from, to));
    }

    /** Whether everything is as it should be, as far as it was looked at. */
    public boolean isClean() {
        return count == 0 && references.dangling().isEmpty();
    }

    private static void setTimes(PreparedStatement query, Instant from, Instant to) throws SQLException {
        query.setObject(1, from == null ? null : OffsetDateTime.ofInstant(from, ZoneOffset.UTC));
        query.setObject(2, to == null ? null : OffsetDateTime.ofInstant(to, ZoneOffset.UTC));
    }

    private static Difference difference(ResultSet row) throws SQLException {
        OffsetDateTime window = row.getObject("window_start", OffsetDateTime.class);
        return new Difference(
                row.getString("rollup"),
                window == null ? null : window.toInstant(),
                row.getLong("service_id"),
                row.getString("service"),
                row.getObject("operation_id", Long.class),
                row.getString("operation"),
                row.getString("measure"),
                row.getString("expected"),
                row.getString("actual"));
    }
}
