package io.ollyscale.jobs.cli.top;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the services or operations whose spans began within a window, from the rollups by minute: what it costs depends on
 * how many minutes and operations there are, not on how many spans.
 *
 * @param window how far back from now; it begins with the minute that this is in
 * @param service only services of this name; null for all
 */
public record ActivityQuery(Grouping grouping, Duration window, String service) {

    /** The server ends what takes longer. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    /** More groups than anybody reads, and as many as are no burden. */
    private static final int MOST_GROUPS = 10_000;

    /** Now is the same time for all statements of a transaction. */
    private static final String WINDOW = """
            SELECT now() AS until,
                date_bin('1 minute', now() - make_interval(secs => ?), timestamptz '2000-01-01 00:00:00+00') AS since,
                (SELECT otel.arrival_of(id) FROM otel.spans_fact ORDER BY id LIMIT 1) AS oldest,
                (SELECT otel.arrival_of(id) FROM otel.spans_fact ORDER BY id DESC LIMIT 1) AS newest
            """;

    /** Minutes that haven't begun are of clocks that are ahead: they would count again and again. */
    private static final String ASKED_FOR = """
            m.window_start >= ? AND m.window_start <= now()
                AND (?::text IS NULL OR m.service_id = ANY (ARRAY(
                    SELECT named.service_id FROM otel.service_dim AS named WHERE named.name = ?)))
            """;

    private static final String MEASURES = """
            sum(m.span_count)::bigint AS spans, sum(m.error_count)::bigint AS errors, max(m.duration_max_ns)::float8 AS max_ns,
            otel.merge_sketches(m.sketch_zero_count, m.sketch_bins, m.sketch_counts) AS durations,
            min(m.window_start) AS first_window, max(m.window_start) AS last_window,
            array_agg(DISTINCT d.version) FILTER (WHERE d.version IS NOT NULL) AS versions
            """;

    private static final String OF_SERVICES = """
            WITH requests AS MATERIALIZED (
                SELECT m.service_id, m.window_start, m.span_count, m.error_count, m.duration_max_ns,
                    m.sketch_zero_count, m.sketch_bins, m.sketch_counts, m.instance_ids
                FROM otel.service_minutes AS m
                WHERE %1$s
            ), measured AS (
                SELECT true AS of_requests, service_id, window_start, span_count, error_count, duration_max_ns,
                    sketch_zero_count, sketch_bins, sketch_counts
                FROM requests
                UNION ALL
                SELECT false, m.service_id, m.window_start, m.span_count, m.error_count, m.duration_max_ns,
                    m.sketch_zero_count, m.sketch_bins, m.sketch_counts
                FROM otel.operation_minutes AS m
                WHERE %1$s
            ), instances AS (
                SELECT active.service_id,
                    -- Where a minute has so many it keeps only these, which is enough for an estimate.
                    CASE WHEN count(*) < 1024 THEN count(DISTINCT coalesce(r.service_instance_id, active.resource_id::text))
                        ELSE otel.distinct_estimate(otel.least_ids(array_agg(active.resource_id))) END AS instances
                FROM (
                    SELECT DISTINCT requests.service_id, i.resource_id
                    FROM requests CROSS JOIN unnest(requests.instance_ids) AS i (resource_id)
                ) AS active
                LEFT JOIN otel.resources_dim AS r ON r.resource_id = active.resource_id
                GROUP BY active.service_id
            ), groups AS (
                SELECT d.name, d.namespace, d.environment, CASE WHEN d.service_id IS NULL THEN m.service_id END AS unknown_id,
                    NULL::text AS operation, NULL::text AS kind, m.of_requests, array_agg(DISTINCT m.service_id) AS service_ids, %2$s
                FROM measured AS m
                LEFT JOIN otel.service_dim AS d ON d.service_id = m.service_id
                GROUP BY 1, 2, 3, 4, 7
                ORDER BY spans DESC
                LIMIT %3$d
            )
            SELECT (SELECT sum(i.instances) FROM instances AS i WHERE i.service_id = ANY (groups.service_ids))::bigint AS instances,
            """.formatted(ASKED_FOR, MEASURES, MOST_GROUPS);

    /** What isn't folded yet may be of operations that get their row in a second, or never: of the overflow they are as soon as they are folded. */
    private static final String OF_OPERATIONS = """
            WITH groups AS (
                SELECT d.name, d.namespace, d.environment, CASE WHEN d.service_id IS NULL THEN m.service_id END AS unknown_id,
                    coalesce(left(o.name, 200), '(not known yet)') AS operation,
                    coalesce(k.name, m.span_kind::text) AS kind, false AS of_requests, %2$s
                FROM otel.operation_minutes AS m
                LEFT JOIN otel.operation_dim AS o ON o.operation_id = m.operation_id
                LEFT JOIN otel.service_dim AS d ON d.service_id = m.service_id
                LEFT JOIN otel.span_kinds AS k ON k.id = CASE WHEN o.operation_id IS NULL THEN 0 ELSE m.span_kind END
                WHERE %1$s
                GROUP BY 1, 2, 3, 4, 5, 6
                ORDER BY spans DESC
                LIMIT %3$d
            )
            SELECT 0::bigint AS instances,
            """.formatted(ASKED_FOR, MEASURES, MOST_GROUPS);

    /** A bin's middle may lie beyond the longest duration, which is known. */
    private static final String COLUMNS = """
                name, namespace, environment, unknown_id, operation, kind, of_requests, spans, errors, max_ns,
                least(otel.sketch_quantile(durations, 0.5), max_ns) AS p50,
                least(otel.sketch_quantile(durations, 0.95), max_ns) AS p95,
                least(otel.sketch_quantile(durations, 0.99), max_ns) AS p99,
                first_window, last_window, versions
            FROM groups
            """;

    /**
     * Reads within one snapshot.
     *
     * @param connection in autocommit mode; of no use after a failure
     */
    public Snapshot read(Connection connection) throws SQLException {
        long started = System.nanoTime();
        connection.setAutoCommit(false);
        try (Statement settings = connection.createStatement();
                PreparedStatement window = connection.prepareStatement(WINDOW);
                PreparedStatement groups = connection.prepareStatement(
                        (grouping == Grouping.SERVICE ? OF_SERVICES : OF_OPERATIONS) + COLUMNS)) {
            // Compiling the query takes longer than running it.
            settings.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = "
                    + PATIENCE.toMillis() + "; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'");
            window.setDouble(1, window().toMillis() / 1e3);
            try (ResultSet bounds = window.executeQuery()) {
                bounds.next();
                ask(groups, bounds.getObject("since", OffsetDateTime.class));
                try (ResultSet rows = groups.executeQuery()) {
                    Snapshot snapshot = snapshot(bounds, rows, started);
                    connection.setAutoCommit(true);
                    return snapshot;
                }
            }
        }
    }

    /** The condition stands once for each view that is read. */
    private void ask(PreparedStatement groups, OffsetDateTime since) throws SQLException {
        int parameter = 1;
        for (int view = grouping == Grouping.SERVICE ? 2 : 1; view > 0; view--) {
            groups.setObject(parameter++, since);
            groups.setString(parameter++, service);
            groups.setString(parameter++, service);
        }
    }

    private static Snapshot snapshot(ResultSet bounds, ResultSet rows, long started) throws SQLException {
        Instant until = instant(bounds, "until");
        Instant first = instant(bounds, "oldest");
        Map<Subject, Activity> activities = new LinkedHashMap<>();
        int read = 0;
        for (; rows.next(); read++) {
            add(activities.computeIfAbsent(subject(rows), Activity::new), rows, until);
            Instant firstWindow = instant(rows, "first_window");
            first = first == null || firstWindow.isBefore(first) ? firstWindow : first;
        }
        Instant since = instant(bounds, "since");
        return new Snapshot(
                first != null && first.isAfter(since) ? first : since,
                until,
                instant(bounds, "newest"),
                List.copyOf(activities.values()),
                read < MOST_GROUPS,
                Duration.ofNanos(System.nanoTime() - started));
    }

    private static Subject subject(ResultSet row) throws SQLException {
        return new Subject(
                row.getString("name"),
                row.getString("namespace"),
                row.getString("environment"),
                row.getObject("unknown_id", Long.class),
                row.getString("operation"),
                row.getString("kind"));
    }

    private static void add(Activity activity, ResultSet row, Instant until) throws SQLException {
        Measures measures = new Measures(
                row.getLong("spans"),
                row.getLong("errors"),
                row.getObject("p50", Double.class),
                row.getObject("p95", Double.class),
                row.getObject("p99", Double.class),
                row.getObject("max_ns", Double.class));
        if (row.getBoolean("of_requests")) {
            activity.requests(measures);
            activity.instances(row.getLong("instances"));
        } else {
            activity.all(measures);
        }
        Instant end = instant(row, "last_window").plus(Duration.ofMinutes(1));
        activity.seen(end.isAfter(until) ? until : end);
        Array versions = row.getArray("versions");
        if (versions != null) {
            for (String version : (String[]) versions.getArray()) {
                activity.addVersion(version);
            }
        }
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
