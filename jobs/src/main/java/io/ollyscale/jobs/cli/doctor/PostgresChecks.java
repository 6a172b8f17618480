package io.ollyscale.jobs.cli.doctor;

import io.ollyscale.jobs.cli.Ages;
import io.ollyscale.jobs.cli.JobSize;
import io.ollyscale.jobs.cli.Size;
import io.ollyscale.sql.Migrations;
import io.ollyscale.sql.SchemaVersionException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL, and what of it is Ollyscale's. */
public final class PostgresChecks implements Checks {

    private static final int OLDEST_VERSION = 150_000;
    private static final int PATIENCE_SECONDS = 10;

    private static final Duration PARTITIONS_AHEAD = Duration.ofHours(12);
    private static final long SMALL_WAL_MEGABYTES = 1024;
    private static final int COUNTED_ROWS = 100_000;

    private final Supplier<PGSimpleDataSource> address;
    private final Supplier<String> addressText;
    private final JobSize job;

    private PGSimpleDataSource dataSource;
    private Connection connection;
    private boolean hasSchema;

    /**
     * @param address of the job's user; may throw where there is none
     * @param addressText for people, without a password
     * @param job that is to run
     */
    public PostgresChecks(Supplier<PGSimpleDataSource> address, Supplier<String> addressText, JobSize job) {
        this.address = address;
        this.addressText = addressText;
        this.job = job;
    }

    @Override
    public List<Check> all() {
        return List.of(
                new Check("PostgreSQL", this::reachable),
                new Check("PostgreSQL version", this::version),
                new Check("Encoding", this::encoding),
                new Check("Writable", this::writable),
                new Check("Pooler", this::pooler),
                new Check("Connections", this::connections),
                new Check("Durability", this::durability),
                new Check("Checkpoints", this::checkpoints),
                new Check("Clock", this::clock),
                new Check("Schema", this::schema),
                new Check("Rights", this::rights),
                new Check("Partitions ahead", ofSchema(this::partitionsAhead)),
                new Check("Dimensions", ofSchema(this::dimensions)),
                new Check("Quarantine", ofSchema(this::quarantine)));
    }

    private Verdict reachable() throws SQLException {
        dataSource = address.get();
        dataSource.setSocketTimeout(PATIENCE_SECONDS);
        connection = dataSource.getConnection();
        return Verdict.ok(addressText.get());
    }

    private Verdict version() throws SQLException {
        String version = text("SHOW server_version");
        return number("SELECT current_setting('server_version_num')::integer") < OLDEST_VERSION
                ? Verdict.failed(version + ": 15 or later is needed")
                : Verdict.ok(version);
    }

    private Verdict encoding() throws SQLException {
        String encoding = text("SHOW server_encoding");
        return encoding.equals("UTF8")
                ? Verdict.ok(encoding)
                : Verdict.failed(encoding + ": create a database with ENCODING 'UTF8'");
    }

    private Verdict writable() throws SQLException {
        if (isTrue("SELECT pg_is_in_recovery()")) {
            return Verdict.failed("this server is a standby: name the primary, or all with"
                    + " ?targetServerType=primary in the URL");
        }
        return isTrue("SELECT current_setting('default_transaction_read_only')::boolean")
                ? Verdict.failed("transactions are read-only: ALTER ROLE or ALTER DATABASE … SET"
                        + " default_transaction_read_only = off")
                : Verdict.ok("yes");
    }

    /**
     * A pooler gives sessions process ids of its own. One that gives each transaction another session shows when a second
     * session takes the first one's place.
     */
    private Verdict pooler() throws SQLException {
        int announced = connection.unwrap(PGConnection.class).getBackendPID();
        long real = number("SELECT pg_backend_pid()");
        if (announced == real) {
            return Verdict.ok("none");
        }
        try (Connection other = dataSource.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT pg_backend_pid()");
            if (number("SELECT pg_backend_pid()") != real) {
                return Verdict.failed(
                        "one that gives each transaction another session: time limits and prepared statements"
                                + " would get lost; use its session mode, or PostgreSQL itself");
            }
        }
        return Verdict.warning(
                "there is one, in session mode it seems: its pool must have as many sessions as are needed;"
                        + " PostgreSQL itself is better");
    }

    private Verdict connections() throws SQLException {
        int needed = job.sessions();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT current_setting('max_connections')::integer
                                - current_setting('superuser_reserved_connections')::integer
                                - coalesce(current_setting('reserved_connections', true)::integer, 0)
                                - count(*) FILTER (WHERE backend_type = 'client backend') AS of_server,
                            (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)
                                - count(*) FILTER (WHERE usename = current_user) AS of_role,
                            (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
                                - count(*) FILTER (WHERE datname = current_database()) AS of_database,
                            count(*) FILTER (WHERE usename = current_user AND application_name LIKE 'ollyscale%') AS ours
                        FROM pg_stat_activity
                        """)) {
            row.next();
            long free = row.getLong("of_server");
            String limit = "max_connections";
            for (String other : List.of("of_role", "of_database")) {
                long ofOther = row.getLong(other);
                if (!row.wasNull() && ofOther < free) {
                    free = ofOther;
                    limit = "the CONNECTION LIMIT of " + (other.equals("of_role") ? "the role" : "the database");
                }
            }
            long available = Math.max(0, free) + row.getLong("ours");
            String text = needed + " needed for " + job.factSubtasks() + " subtasks of "
                    + job.subtasks().size() + " signals, " + available + " there";
            return available < needed
                    ? Verdict.failed(text + ": raise " + limit + ", or lower the parallelism")
                    : Verdict.ok(text);
        }
    }

    private Verdict durability() throws SQLException {
        if (!isTrue("SELECT current_setting('fsync')::boolean")) {
            return Verdict.warning("fsync is off: a crash of its machine can destroy the whole database; set it on");
        }
        if (!isTrue("SELECT current_setting('full_page_writes')::boolean")) {
            return Verdict.warning(
                    "full_page_writes is off: a crash of its machine can leave torn pages, unless the file"
                            + " system prevents that; set it on");
        }
        return text("SHOW synchronous_commit").equals("off")
                ? Verdict.warning("synchronous_commit is off: a crash takes the last transactions back, rows and ledger"
                        + " together; the job then says that PostgreSQL is behind, and has to be started without state")
                : Verdict.ok("fsync and synchronous_commit are on");
    }

    private Verdict checkpoints() throws SQLException {
        long megabytes = number("SELECT pg_size_bytes(current_setting('max_wal_size')) / 1048576");
        String text = "max_wal_size is " + text("SHOW max_wal_size");
        return megabytes < SMALL_WAL_MEGABYTES
                ? Verdict.warning(
                        text + ": ingest writes 2 kB of WAL a span, and a checkpoint each time that it is full"
                                + " doubles that; set 8GB or so")
                : Verdict.ok(text);
    }

    private Verdict clock() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            Instant before = Instant.now();
            Instant theirs;
            try (ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
                row.next();
                theirs = row.getObject(1, OffsetDateTime.class).toInstant();
            }
            Duration took = Duration.between(before, Instant.now());
            return Clocks.verdict(Duration.between(before.plus(took.dividedBy(2)), theirs), took);
        }
    }

    private Verdict schema() throws SQLException {
        hasSchema = isTrue("SELECT to_regnamespace('otel') IS NOT NULL");
        try {
            Migrations.verify(connection);
        } catch (SchemaVersionException e) {
            hasSchema = false;
            return Verdict.failed(e.getMessage());
        }
        return Verdict.ok("of this release");
    }

    private Verdict rights() throws SQLException {
        if (!isTrue("SELECT to_regnamespace('otel') IS NOT NULL")) {
            return isTrue("SELECT has_database_privilege(current_database(), 'CREATE')")
                    ? Verdict.ok("may create the schema")
                    : Verdict.failed("this user may not create the schema: GRANT CREATE ON DATABASE …");
        }
        String foreign = text("""
                SELECT string_agg(name, ', ') FROM (
                    SELECT 'schema otel' AS name FROM pg_namespace
                    WHERE nspname = 'otel' AND NOT pg_has_role(nspowner, 'USAGE')
                    UNION ALL
                    SELECT relname FROM pg_class
                    WHERE relnamespace = 'otel'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT pg_has_role(relowner, 'USAGE')
                    LIMIT 3) AS first
                """);
        return foreign == null
                ? Verdict.ok("owns the schema")
                : Verdict.failed("this user must own what it creates partitions of, and doesn't own " + foreign
                        + ": ALTER … OWNER TO, or use the owner");
    }

    /** Of the table that lacks one first. */
    private Verdict partitionsAhead() throws SQLException {
        if (!isTrue("SELECT EXISTS (SELECT FROM otel.partitions)")) {
            return Verdict.ok("none yet, the job creates them");
        }
        double seconds = Double.parseDouble(text("""
                SELECT coalesce(extract(epoch FROM min(otel.arrival_of(missing_from)) - now()), 0)
                FROM otel.partitions_due(otel.id_at(now()), otel.id_at(now() + interval '400 days'))
                """));
        if (seconds <= 0) {
            return Verdict.warning(
                    "there is none for what arrives now: the job creates them when it starts; if it runs, its"
                            + " maintenance fails, see its log");
        }
        Duration ahead = Duration.ofSeconds((long) seconds);
        return ahead.compareTo(PARTITIONS_AHEAD) < 0
                ? Verdict.warning("they end in " + Ages.of(ahead)
                        + ": the job creates them when it starts; if it runs, its" + " maintenance fails, see its log")
                : Verdict.ok(Ages.of(ahead));
    }

    private Verdict dimensions() throws SQLException {
        long collisions = number("SELECT count(*) FROM otel.dimension_collisions");
        long refused = number("SELECT count(*) FROM otel.refused_dimensions");
        if (collisions > 0) {
            return Verdict.warning(collisions + " with the id of another one: their facts show the wrong one;"
                    + " see otel.dimension_collisions, and please report it");
        }
        return refused > 0
                ? Verdict.warning(refused + " refused by PostgreSQL: their facts are stored, but show none;"
                        + " otel.refused_dimensions says why")
                : Verdict.ok("no collisions, none refused");
    }

    private Verdict quarantine() throws SQLException {
        long rows =
                number("SELECT count(*) FROM (SELECT FROM otel.quarantine LIMIT " + (COUNTED_ROWS + 1) + ") AS first");
        if (rows == 0) {
            return Verdict.ok("empty");
        }
        String size = Size.of(number("SELECT pg_total_relation_size('otel.quarantined_records')"));
        return Verdict.warning(
                (rows > COUNTED_ROWS ? "over " : "") + String.format(Locale.ROOT, "%,d", Math.min(rows, COUNTED_ROWS))
                        + " of what couldn't be stored, " + size
                        + ": ollyscale quarantine list");
    }

    /** Without waiting for a statement that is still under way. */
    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("an abort doesn't ask the server", e);
        }
    }

    private Callable<Verdict> ofSchema(Callable<Verdict> question) {
        return () -> hasSchema ? question.call() : Verdict.skipped("the schema isn't this release's");
    }

    private String text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    private boolean isTrue(String sql) throws SQLException {
        return text(sql).equals("t");
    }
}
