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
 * Measures the services or operations whose spans arrived within a window, from the facts: one scan over the window,
 * about a second for a million spans.
 *
 * @param window how far back from now
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
                GREATEST(
                    otel.arrival_of(otel.id_at(now() - make_interval(secs => ?))),
                    (SELECT otel.arrival_of(id) FROM otel.spans_fact ORDER BY id LIMIT 1)) AS since,
                (SELECT otel.arrival_of(id) FROM otel.spans_fact ORDER BY id DESC LIMIT 1) AS newest
            """;

    /** An unset start makes a duration meaningless; an end before the start, or an unset one, makes it nothing. */
    private static final String BUCKET =
            "CASE WHEN s.start_timestamp IS NULL THEN NULL WHEN s.duration_ns <= 0 THEN " + Durations.NONE
                    + " ELSE ceil(ln(s.duration_ns::float8) / " + Durations.LOG_GROWTH + ")::integer END AS bucket";

    private static final String MEASURES = """
            count(*) AS spans,
            count(*) FILTER (WHERE s.status_code = 2) AS errors,
            max(s.duration_ns) FILTER (WHERE s.start_timestamp IS NOT NULL) AS max_ns,
            max(s.id) AS last_id
            """;

    private static final String ARRIVED = """
            FROM otel.spans_fact AS s
            -- The bound on the id is one on the time of arrival: only the window's partitions are read.
            WHERE s.id >= otel.id_at(now() - make_interval(secs => ?))
                AND (?::text IS NULL OR s.service_id = ANY (ARRAY(
                    SELECT named.service_id FROM otel.service_dim AS named WHERE named.name = ?)))
            """;

    private static final String OF_SERVICES = """
            WITH facts AS MATERIALIZED (
                SELECT s.service_id, s.resource_id, s.kind IN (2, 5) AS is_request, %s, %s
                %s
                GROUP BY 1, 2, 3, 4
            ), buckets AS (
                SELECT service_id, is_request, bucket,
                    sum(spans)::bigint AS spans, sum(errors)::bigint AS errors,
                    max(max_ns) AS max_ns, max(last_id) AS last_id
                FROM facts
                GROUP BY service_id, is_request, bucket
            ), instances AS (
                SELECT facts.service_id,
                    count(DISTINCT coalesce(r.service_instance_id, facts.resource_id::text)) AS instances
                FROM facts
                LEFT JOIN otel.resources_dim AS r ON r.resource_id = facts.resource_id
                GROUP BY facts.service_id
            ), groups AS (
                SELECT buckets.service_id, is_request, NULL::text AS operation, NULL::text AS kind,
                    sum(spans)::bigint AS spans, sum(errors)::bigint AS errors,
                    max(max_ns) AS max_ns, max(last_id) AS last_id,
                    array_agg(bucket) FILTER (WHERE bucket IS NOT NULL) AS buckets,
                    array_agg(spans) FILTER (WHERE bucket IS NOT NULL) AS counts,
                    -- In one of a service's two rows.
                    CASE WHEN row_number() OVER (PARTITION BY buckets.service_id) = 1 THEN max(instances) ELSE 0 END
                        AS instances
                FROM buckets
                JOIN instances ON instances.service_id = buckets.service_id
                GROUP BY buckets.service_id, is_request
                ORDER BY spans DESC
                LIMIT %d
            )
            """.formatted(BUCKET, MEASURES, ARRIVED, MOST_GROUPS);

    /** Names are the facts' own: not every operation is admitted to the dimension. */
    private static final String OF_OPERATIONS = """
            WITH buckets AS (
                SELECT s.service_id, s.operation_id, %s, %s
                %s
                GROUP BY 1, 2, 3
            ), busiest AS (
                SELECT service_id, operation_id,
                    sum(spans)::bigint AS spans, sum(errors)::bigint AS errors,
                    max(max_ns) AS max_ns, max(last_id) AS last_id,
                    array_agg(bucket) FILTER (WHERE bucket IS NOT NULL) AS buckets,
                    array_agg(spans) FILTER (WHERE bucket IS NOT NULL) AS counts
                FROM buckets
                GROUP BY service_id, operation_id
                ORDER BY spans DESC
                LIMIT %d
            ), groups AS (
                SELECT busiest.*, true AS is_request, left(s.name, 200) AS operation,
                    coalesce(k.name, s.kind::text) AS kind, 0 AS instances
                FROM busiest
                JOIN otel.spans_fact AS s ON s.id = busiest.last_id
                LEFT JOIN otel.span_kinds AS k ON k.id = s.kind
            )
            """.formatted(BUCKET, MEASURES, ARRIVED, MOST_GROUPS);

    private static final String NAMED = """
            SELECT d.name, d.namespace, d.environment, d.version,
                CASE WHEN d.service_id IS NULL THEN groups.service_id END AS unknown_id,
                operation, kind, is_request, spans, errors, max_ns, otel.arrival_of(last_id) AS last_seen,
                buckets, counts, instances
            FROM groups
            LEFT JOIN otel.service_dim AS d ON d.service_id = groups.service_id
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
                        (grouping == Grouping.SERVICE ? OF_SERVICES : OF_OPERATIONS) + NAMED)) {
            // Compiling the query takes longer than running it.
            settings.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = "
                    + PATIENCE.toMillis() + "; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'");
            window.setDouble(1, seconds());
            groups.setDouble(1, seconds());
            groups.setString(2, service);
            groups.setString(3, service);
            try (ResultSet bounds = window.executeQuery();
                    ResultSet rows = groups.executeQuery()) {
                Snapshot snapshot = snapshot(bounds, rows, started);
                connection.setAutoCommit(true);
                return snapshot;
            }
        }
    }

    private static Snapshot snapshot(ResultSet bounds, ResultSet rows, long started) throws SQLException {
        Map<Subject, Activity> activities = new LinkedHashMap<>();
        int read = 0;
        for (; rows.next(); read++) {
            add(activities.computeIfAbsent(subject(rows), Activity::new), rows);
        }
        bounds.next();
        return new Snapshot(
                instant(bounds, "since"),
                instant(bounds, "until"),
                instant(bounds, "newest"),
                List.copyOf(activities.values()),
                read < MOST_GROUPS,
                Duration.ofNanos(System.nanoTime() - started));
    }

    private double seconds() {
        return window.toMillis() / 1e3;
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

    private static void add(Activity activity, ResultSet row) throws SQLException {
        Durations durations = new Durations();
        durations.atMost(row.getLong("max_ns"));
        List<Integer> buckets = list(row.getArray("buckets"));
        List<Long> counts = list(row.getArray("counts"));
        for (int i = 0; i < buckets.size(); i++) {
            durations.add(buckets.get(i), counts.get(i));
        }
        activity.add(row.getLong("spans"), row.getLong("errors"), durations, row.getBoolean("is_request"));
        activity.addInstances(row.getLong("instances"));
        activity.seen(instant(row, "last_seen"));
        String version = row.getString("version");
        if (version != null) {
            activity.addVersion(version);
        }
    }

    /** @param array null for an empty one */
    @SuppressWarnings("unchecked") // the driver's arrays are of the column's type
    private static <T> List<T> list(Array array) throws SQLException {
        return array == null ? List.of() : List.of((T[]) array.getArray());
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
