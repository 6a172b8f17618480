package io.ollyscale.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A PostgreSQL 18 server of this process on 127.0.0.1, with a superuser {@code ollyscale}, a generated password and a
 * database {@code ollyscale}. It stops when this process ends, however it ends.
 *
 * <p>Safe for use by several threads. Every method throws {@link LocalStackException} when the server can't do what it
 * is asked for.
 */
public final class LocalPostgres implements AutoCloseable {

    /** How a server is stopped. */
    public enum ShutdownMode {
        /** Aborts transactions, ends connections, writes a checkpoint. */
        FAST,
        /** As a crash: the next start recovers what was committed. */
        IMMEDIATE;

        String option() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String DATABASE = "ollyscale";
    private static final String MAINTENANCE_DATABASE = "postgres";
    private static final String SETTINGS =
            "SELECT unnest(s.setconfig) FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase"
                    + " WHERE d.datname = ? AND s.setrole = 0";
    private static final String SEARCH_PATH = "otel, public";

    private final PostgresCluster cluster;
    private final Path dataDirectory;
    private final Optional<Path> temporary;
    private final int port;
    private Watchdog watchdog;

    private LocalPostgres(PostgresCluster cluster, Path dataDirectory, Optional<Path> temporary, int port) {
        this.cluster = cluster;
        this.dataDirectory = dataDirectory;
        this.temporary = temporary;
        this.port = port;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The JDBC URL of the database {@code ollyscale}, without user and password. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    public String user() {
        return PostgresCluster.SUPERUSER;
    }

    public String password() {
        return cluster.password();
    }

    /** What psql and other clients of libpq take, user and password included: not for logs. */
    public String uri() {
        return "postgresql://" + user() + ":" + password() + "@127.0.0.1:" + port + "/" + DATABASE;
    }

    public int port() {
        return port;
    }

    public Path dataDirectory() {
        return dataDirectory;
    }

    /** A new connection to the database {@code ollyscale}; the caller closes it. */
    public Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    /**
     * Creates a database with the same settings as {@code ollyscale}.
     *
     * @return its JDBC URL, without user and password
     * @throws LocalStackException also if there is a database of that name
     */
    public String createDatabase(String name) {
        try (Connection connection = connect(MAINTENANCE_DATABASE)) {
            createDatabase(connection, name);
            return jdbcUrl(name);
        } catch (SQLException e) {
            throw new LocalStackException("The database " + name + " can't be created: " + e.getMessage(), e);
        }
    }

    /**
     * Creates a database as a copy of another one, to which nobody may be connected, with the settings that it has.
     *
     * @return its JDBC URL, without user and password
     * @throws LocalStackException also if there is a database of that name
     */
    public String createDatabase(String name, String template) {
        try (Connection connection = connect(MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + quoted(name) + " TEMPLATE " + quoted(template));
            copySettings(connection, template, name);
            return jdbcUrl(name);
        } catch (SQLException e) {
            throw new LocalStackException(
                    "The database " + name + " can't be created from " + template + ": " + e.getMessage(), e);
        }
    }

    /** Starts the server after {@link #stop}, on the same port and data; does nothing while it runs. */
    public synchronized void start() {
        if (watchdog == null) {
            watchdog = Watchdog.start(cluster.stopCommand(ShutdownMode.FAST), temporary);
        } else if (postmaster().isPresent()) {
            return;
        }
        LoopbackPorts.requireFree(port, "PostgreSQL");
        cluster.start();
    }

    /** Stops the server and waits for its end; does nothing when it is stopped. */
    public synchronized void stop(ShutdownMode mode) {
        cluster.stop(mode);
    }

    /** Stops the server, fast, and deletes its data if they were temporary. */
    @Override
    public synchronized void close() {
        if (watchdog != null) {
            cluster.stop(ShutdownMode.FAST);
        }
        temporary.ifPresent(Directories::delete);
        if (watchdog != null) {
            watchdog.dismiss();
            watchdog = null;
        }
    }

    @Override
    public String toString() {
        return "PostgreSQL on 127.0.0.1:" + port + " in " + dataDirectory;
    }

    /** The server's main process, if it runs; all others are its children. */
    public Optional<ProcessHandle> postmaster() {
        try {
            return cluster.postmaster();
        } catch (IOException e) {
            throw new LocalStackException("The data directory " + dataDirectory + " can't be read: " + e, e);
        }
    }

    private void prepareDatabase() {
        try (Connection connection = connect(MAINTENANCE_DATABASE)) {
            if (!exists(connection, DATABASE)) {
                createDatabase(connection, DATABASE);
            } else {
                // The last start may have ended between the two statements.
                setSearchPath(connection, DATABASE);
            }
        } catch (SQLException e) {
            throw new LocalStackException(
                    "PostgreSQL in " + dataDirectory + " runs, but can't be used: " + e.getMessage(), e);
        }
    }

    private static boolean exists(Connection connection, String database) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT FROM pg_database WHERE datname = ?")) {
            query.setString(1, database);
            return query.executeQuery().next();
        }
    }

    private static void createDatabase(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + quoted(name));
        }
        setSearchPath(connection, name);
    }

    private static void setSearchPath(Connection connection, String database) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ALTER DATABASE " + quoted(database) + " SET search_path = " + SEARCH_PATH);
        }
    }

    private static void copySettings(Connection connection, String from, String to) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SETTINGS);
                Statement statement = connection.createStatement()) {
            query.setString(1, from);
            for (ResultSet settings = query.executeQuery(); settings.next(); ) {
                statement.execute("ALTER DATABASE " + quoted(to) + " SET " + settings.getString(1));
            }
        }
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), user(), password());
    }

    private String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** By default: a free port, temporary data, durable as a server of one's own. */
    public static final class Builder {

        /** Several times as much as two servers hold in tests. */
        private static final long ROOM_IN_MEMORY = 2L << 30;

        private static final Pattern SETTING = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");

        private final Map<String, String> settings = new HashMap<>();
        private final List<String> initdbOptions = new ArrayList<>();
        private int port = LoopbackPorts.ANY;
        private Path dataDirectory;
        private Path walDirectory;
        private boolean inMemory;

        private Builder() {}

        /** @param port to listen on; 0 for a free one */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** Data that are kept; an existing directory is used again, with its password. */
        public Builder dataDirectory(Path dataDirectory) {
            this.dataDirectory = dataDirectory.toAbsolutePath().normalize();
            return this;
        }

        /**
         * A place of its own for the write-ahead log of a new {@link #dataDirectory}, which it is kept with. The directory
         * is empty or missing; a data directory that is used again has its log where it had it.
         */
        public Builder walDirectory(Path walDirectory) {
            this.walDirectory = walDirectory.toAbsolutePath().normalize();
            return this;
        }

        /** For tests: faster, and still safe when the server crashes, but not when the machine does. */
        public Builder withoutSync() {
            initdbOptions.add("--no-sync");
            return setting("fsync", "off").setting("full_page_writes", "off");
        }

        /**
         * As {@link #withoutSync}, with temporary data in memory where that has room. On a disk a test would pay for the
         * servers before it: ext4 leaves what a deleted file had alone for minutes, and each new file looks past all of it.
         */
        public Builder shortLived() {
            inMemory = true;
            return withoutSync();
        }

        /** A server setting by PostgreSQL's name, such as {@code max_connections}. */
        public Builder setting(String name, String value) {
            if (!SETTING.matcher(name).matches()) {
                throw new IllegalArgumentException("not the name of a PostgreSQL setting: " + name);
            }
            settings.put(name, value);
            return this;
        }

        /** Starts the server; it accepts connections when this returns. */
        public LocalPostgres start() {
            return start(PostgresAccount.detect());
        }

        LocalPostgres start(PostgresAccount account) {
            if (walDirectory != null && dataDirectory == null) {
                throw new IllegalStateException("temporary data have no place of their own for the write-ahead log");
            }
            int claimed = LoopbackPorts.claim(port, "PostgreSQL");
            Path installation = PostgresBinaries.unpackInto(account.cache());
            Optional<Path> temporary = dataDirectory == null ? Optional.of(temporaryDirectory()) : Optional.empty();
            Path directory = temporary.map(parent -> parent.resolve("data")).orElse(dataDirectory);
            if (temporary.isPresent() && account.owner().isPresent()) {
                passable(temporary.get());
            }
            PostgresCluster cluster = new PostgresCluster(account, installation, directory);
            LocalPostgres postgres = new LocalPostgres(cluster, directory, temporary, claimed);
            try {
                if (walDirectory != null) {
                    prepareWalDirectory(account);
                }
                cluster.initialize(initdbOptions);
                cluster.configure(allSettings(claimed));
                postgres.start();
                postgres.prepareDatabase();
                return postgres;
            } catch (RuntimeException e) {
                throw Cleanup.after(e, postgres::close);
            }
        }

        private Path temporaryDirectory() {
            String prefix = "ollyscale-postgres-";
            return inMemory ? Directories.inMemory(prefix, ROOM_IN_MEMORY) : Directories.temporary(prefix);
        }

        /** initdb runs as another user than we may be, and can't make it everywhere. */
        private void prepareWalDirectory(PostgresAccount account) {
            initdbOptions.add("--waldir=" + walDirectory);
            try {
                if (Files.notExists(walDirectory)) {
                    Files.createDirectories(walDirectory.getParent());
                    Files.createDirectory(
                            walDirectory,
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                    account.own(walDirectory);
                }
            } catch (IOException e) {
                throw new LocalStackException("The directory " + walDirectory + " can't be made: " + e, e);
            }
        }

        private Map<String, String> allSettings(int claimedPort) {
            Map<String, String> all = new HashMap<>(settings);
            all.put("listen_addresses", "127.0.0.1");
            all.put("port", Integer.toString(claimedPort));
            all.put("unix_socket_directories", "");
            return all;
        }

        /** Lets the user that PostgreSQL runs as reach what it owns in there. */
        private static void passable(Path directory) {
            try {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            } catch (IOException e) {
                throw new LocalStackException("The temporary directory " + directory + " can't be opened: " + e, e);
            }
        }
    }
}
