package io.ollyscale.faults.postgres;

import io.ollyscale.faults.process.ProcessException;
import io.ollyscale.faults.process.Waiting;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.local.LocalPostgres.ShutdownMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;

/**
 * A real PostgreSQL server with what can happen to one. Where small disks can be mounted, its tables and its write-ahead
 * log lie on one each. The job logs in as a role without special rights; faults of sessions and rights are that role's
 * alone, so that {@link #connect} still sees what is there.
 *
 * <p>Not safe for use by several threads, except for {@link #port} and {@link #connect}. Whatever waits has a deadline and
 * throws {@link ProcessException} after it.
 */
public final class PostgresServer implements AutoCloseable {

    static final String JOB_ROLE = "ollyscale_job";

    private static final int DATA_MEGABYTES = 600;
    private static final int WAL_MEGABYTES = 300;
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    // Longer than a checker's longest query.
    private static final Duration SOCKET_TIMEOUT = Duration.ofMinutes(5);
    private static final int PASSWORD_BYTES = 18;
    private static final String MAINTENANCE_DATABASE = "postgres";
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");

    // PostgreSQL's own codes.
    private static final String DISK_FULL = "53100";
    private static final Set<String> SESSION_LOST = Set.of("08001", "08003", "08006", "57P01", "57P02", "57P03");

    private final Path directory;
    private final String jobPassword = newPassword();
    private SmallDisk tablesDisk;
    private SmallDisk walDisk;
    private String whyNoSmallDisk;
    private LocalPostgres postgres;
    private ServerFiles files;
    private StoreTemplate template;

    private PostgresServer(Path directory) {
        this.directory = directory;
    }

    /** What its files lie on. */
    public enum Disks {
        /** Disks in memory that a fault can fill, where they can be mounted. */
        SMALL,
        /** The directory's own, for more rows than small ones hold. */
        AS_THEY_ARE
    }

    /**
     * Starts a new server.
     *
     * @param directory new or empty, for all its files; its parents can be entered by whichever user PostgreSQL runs as
     */
    public static PostgresServer start(Path directory, Disks disks) throws IOException, SQLException {
        Files.createDirectories(directory);
        PostgresServer server = new PostgresServer(directory.toRealPath());
        try {
            server.open(disks);
            return server;
        } catch (IOException | SQLException | RuntimeException e) {
            try {
                server.close();
            } catch (IOException | RuntimeException another) {
                e.addSuppressed(another);
            }
            throw e;
        }
    }

    /** Empty where {@link #fillTables} and {@link #fillWal} work. */
    public Optional<String> whyNoSmallDisk() {
        return Optional.ofNullable(whyNoSmallDisk);
    }

    public int port() {
        return postgres.port();
    }

    /** A superuser's session, straight to the server; the caller closes it. */
    public Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, postgres.user());
        PGProperty.PASSWORD.set(properties, postgres.password());
        PGProperty.APPLICATION_NAME.set(properties, "faults");
        PGProperty.LOGIN_TIMEOUT.set(properties, (int) DEADLINE.toSeconds());
        PGProperty.SOCKET_TIMEOUT.set(properties, (int) SOCKET_TIMEOUT.toSeconds());
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port() + "/" + database, properties);
    }

    /** @param name of small letters, digits and _ */
    public StoreDatabase createStore(String name) throws SQLException {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a plain name of a database: " + name);
        }
        try (Connection connection = connect(MAINTENANCE_DATABASE)) {
            template.copyTo(connection, name);
        }
        return new StoreDatabase(this, name);
    }

    /** Also ends the sessions that it has; does nothing if it is gone already. */
    public void drop(StoreDatabase store) throws SQLException {
        execute("DROP DATABASE IF EXISTS " + store.name() + " WITH (FORCE)");
    }

    /** A crash: no process of the server is left when this returns. Does nothing if it doesn't run. */
    public void kill() throws IOException {
        Optional<ProcessHandle> postmaster = postgres.postmaster();
        postmaster.ifPresent(ProcessHandle::destroyForcibly);
        await("PostgreSQL to end after SIGKILL", () -> processes().isEmpty());
        await("PostgreSQL to give back its port", this::portIsFree);
        // Dead, but perhaps still to be reaped: as long as its id is taken, no other postmaster starts over its file.
        Files.deleteIfExists(postgres.dataDirectory().resolve("postmaster.pid"));
    }

    /** Returns when sessions can be opened: after a start, or a recovery that is under way. */
    public void start() {
        // Processes of its last life may still hold its memory, it may recover, or go down while it does.
        await("PostgreSQL to take sessions", () -> {
            postgres.start();
            connect(MAINTENANCE_DATABASE).close();
            return true;
        });
    }

    /** An orderly stop that ends all sessions; does nothing if it doesn't run. */
    public void stop() {
        postgres.stop(ShutdownMode.FAST);
    }

    /**
     * Ends the process of one of the job's sessions, which makes the server end all others and recover. A process that is
     * in a COPY comes first.
     *
     * @return whether there was one
     */
    public boolean killBackend() throws SQLException {
        Optional<ProcessHandle> backend;
        try (Connection connection = connect(MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("""
                        SELECT pid FROM pg_stat_activity
                        WHERE usename = 'ollyscale_job' AND application_name LIKE 'ollyscale %'
                        ORDER BY state = 'active' AND query ILIKE 'COPY%' DESC, state = 'active' DESC, xact_start IS NULL
                        LIMIT 1""")) {
            backend = result.next() ? ProcessHandle.of(result.getLong(1)) : Optional.empty();
        }
        if (backend.isEmpty() || !backend.get().destroyForcibly()) {
            return false;
        }
        ProcessHandle process = backend.get();
        await("process " + process.pid() + " to end", () -> !process.isAlive());
        return true;
    }

    /** Ends the job's sessions as an administrator does, with SQLSTATE 57P01. Returns how many. */
    public int terminateSessions() throws SQLException {
        try (Connection connection = connect(MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery("SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000))"
                                + " FROM pg_stat_activity WHERE usename = '" + JOB_ROLE + "'")) {
            result.next();
            return result.getInt(1);
        }
    }

    /**
     * Ends the job's sessions and lets it have so many from now on: more fail with SQLSTATE 53300. For all databases, until
     * {@link #allowConnections}.
     */
    public void refuseConnections(int limit) throws SQLException {
        execute("ALTER ROLE " + JOB_ROLE + " CONNECTION LIMIT " + limit);
        terminateSessions();
    }

    public void allowConnections() throws SQLException {
        execute("ALTER ROLE " + JOB_ROLE + " CONNECTION LIMIT -1");
    }

    /** Ends the job's sessions; those that follow can't write (SQLSTATE 25006), as on a server that lost its role. */
    public void readOnly(StoreDatabase store) throws SQLException {
        execute("ALTER ROLE " + JOB_ROLE + " IN DATABASE " + store.name() + " SET default_transaction_read_only = on");
        terminateSessions();
    }

    /** Ends the job's sessions, which would stay read-only. */
    public void writable(StoreDatabase store) throws SQLException {
        execute("ALTER ROLE " + JOB_ROLE + " IN DATABASE " + store.name() + " RESET default_transaction_read_only");
        terminateSessions();
    }

    /** Takes the tables' disk to its last byte: SQLSTATE 53100 for whoever needs another page. */
    public void fillTables() throws IOException {
        requireSmallDisks();
        tablesDisk.fill();
    }

    /**
     * Takes the write-ahead log's disk to its last byte and sees the server go down over it, which is what PostgreSQL does
     * then. It doesn't come back before {@link #freeDisk}.
     */
    public void fillWal() {
        requireSmallDisks();
        await("PostgreSQL to go down with its log's disk full", () -> {
            walDisk.fill();
            // The server still has segments that it made before; each round uses one up.
            try (Connection connection = connect(MAINTENANCE_DATABASE);
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_logical_emit_message(false, 'faults', 'the log goes on')");
                statement.execute("SELECT pg_switch_wal()");
            } catch (SQLException e) {
                if (!DISK_FULL.equals(e.getSQLState()) && !SESSION_LOST.contains(e.getSQLState())) {
                    throw new ProcessException("PostgreSQL fails otherwise than over a full disk", e);
                }
                // Until it is down it tries to recover, on what the end of the last segment has left.
                return postgres.postmaster().isEmpty();
            }
            return false;
        });
    }

    /** Gives the disks back and starts the server again if it has gone down. */
    public void freeDisk() throws IOException {
        requireSmallDisks();
        emptyDisks();
        start();
    }

    /** Ends whatever may have been done to the server and its disks; a store that is read-only stays so. */
    public void mend() throws IOException, SQLException {
        if (tablesDisk != null && walDisk != null) {
            emptyDisks();
        }
        start();
        allowConnections();
    }

    /** Keeps the server's files as they are now, in place of an earlier backup. The server is stopped for it. */
    public void backUp() throws IOException {
        stop();
        try {
            files.backUp();
        } finally {
            start();
        }
    }

    /** Sets all databases back to the last {@link #backUp}. */
    public void restore() throws IOException {
        if (!files.areBackedUp()) {
            throw new IllegalStateException("There is no backup in " + directory);
        }
        stop();
        files.restore();
        start();
    }

    /** Stops the server and unmounts its disks, with all its data. Its log stays in the directory. */
    @Override
    public void close() throws IOException {
        try {
            if (postgres != null) {
                emptyDisks();
                kill();
                postgres.close();
                saveLog();
            }
        } finally {
            try {
                if (walDisk != null) {
                    walDisk.close();
                    walDisk = null;
                }
            } finally {
                if (tablesDisk != null) {
                    tablesDisk.close();
                    tablesDisk = null;
                }
            }
        }
    }

    String jobPassword() {
        return jobPassword;
    }

    private static void await(String what, Callable<Boolean> condition) {
        Waiting.until(what, DEADLINE, condition, () -> "");
    }

    private void open(Disks disks) throws IOException, SQLException {
        makePassable(directory);
        Path tables = directory.resolve("tables");
        Path wal = directory.resolve("wal");
        mountDisks(disks, tables, wal);
        Path data = tables.resolve("data");
        Path log = wal.resolve("log");
        LocalPostgres.Builder server = LocalPostgres.builder()
                .dataDirectory(data)
                .walDirectory(log)
                .withoutSync()
                // SIGKILL can end a process between the two pages of memory that a page of a table is.
                .setting("full_page_writes", "on");
        if (disks == Disks.SMALL) {
            // The rest of the disk is for what comes in while a checkpoint is made.
            server.setting("max_wal_size", "96MB").setting("min_wal_size", "32MB");
        }
        postgres = server.start();
        files = new ServerFiles(data, log, directory.resolve("backup"));
        template = new StoreTemplate(postgres, JOB_ROLE, jobPassword);
        execute("CREATE ROLE " + JOB_ROLE + " LOGIN PASSWORD '" + jobPassword + "'");
    }

    private void mountDisks(Disks disks, Path tables, Path wal) throws IOException {
        if (disks == Disks.AS_THEY_ARE) {
            whyNoSmallDisk = "this server was started without small disks";
            return;
        }
        try {
            tablesDisk = SmallDisk.mount(tables, DATA_MEGABYTES);
        } catch (IOException e) {
            whyNoSmallDisk = "no small disk can be mounted here (" + e.getMessage() + ")";
            return;
        }
        walDisk = SmallDisk.mount(wal, WAL_MEGABYTES);
    }

    private static void makePassable(Path directory) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        permissions.addAll(Set.of(PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE));
        Files.setPosixFilePermissions(directory, permissions);
    }

    private void requireSmallDisks() {
        whyNoSmallDisk().ifPresent(reason -> {
            throw new IllegalStateException(reason);
        });
    }

    private void emptyDisks() throws IOException {
        if (tablesDisk != null) {
            tablesDisk.empty();
        }
        if (walDisk != null) {
            walDisk.empty();
        }
    }

    /** All processes of the server, also those whose postmaster is gone: they work in its data directory. */
    private List<ProcessHandle> processes() {
        Path data = postgres.dataDirectory();
        return ProcessHandle.allProcesses()
                .filter(process -> worksIn(process, data))
                .toList();
    }

    private static boolean worksIn(ProcessHandle process, Path directory) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                    .equals(directory);
        } catch (IOException goneOrForeign) {
            return false;
        }
    }

    private boolean portIsFree() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }

    private void saveLog() throws IOException {
        Path log = directory.resolve("tables").resolve("data.log");
        if (Files.exists(log)) {
            Files.copy(log, directory.resolve("postgres.log"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect(MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Of letters, digits, - and _, so that it stands in a URI and in SQL as it is. */
    private static String newPassword() {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }
}
