package io.ollyscale.faults.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.postgres.SqlErrorKind;
import io.ollyscale.sql.Migrations;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

class PostgresServerITCase {

    @TempDir
    private static Path directory;

    private static PostgresServer server;
    private static int stores;

    private StoreDatabase store;
    private Connection job;

    @BeforeAll
    static void startServer() throws Exception {
        server = PostgresServer.start(directory, PostgresServer.Disks.SMALL);
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
        assertThat(Files.readString(directory.resolve("postgres.log"))).contains("ready to accept connections");
        assertThat(Files.readString(Path.of("/proc/mounts")))
                .doesNotContain(directory.toRealPath().toString());
    }

    @BeforeEach
    void createStore() throws Exception {
        store = server.createStore("store_" + stores++);
        job = connectAsJob();
        execute(job, "CREATE TABLE otel.t (n integer, filler text)");
    }

    @AfterEach
    void drop() throws Exception {
        job.abort(Runnable::run);
        server.drop(store);
    }

    @Test
    void storesBelongToAPlainRole() throws Exception {
        Migrations.verify(job);
        assertThat(query(
                        job,
                        "SELECT current_user || rolsuper || rolcreatedb || rolcreaterole || rolreplication"
                                + " FROM pg_roles WHERE rolname = current_user"))
                .isEqualTo("ollyscale_jobfalsefalsefalsefalse");
        assertThat(query(
                        job,
                        "SELECT count(*) FROM pg_class WHERE relnamespace = 'otel'::regnamespace"
                                + " AND relowner <> current_user::regrole"))
                .isEqualTo("0");
        assertThat(query(job, "SHOW search_path")).isEqualTo("otel, public");
        assertThat(query(job, "SHOW jit")).isEqualTo("off");
        assertThat(store.uri(77))
                .isEqualTo("postgresql://ollyscale_job:" + store.password() + "@127.0.0.1:77/" + store.name());
        assertThatThrownBy(() -> server.createStore("x; DROP")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsWhatIsCommittedOverAKill() throws Exception {
        execute(job, "INSERT INTO otel.t VALUES (1)");
        job.setAutoCommit(false);
        execute(job, "INSERT INTO otel.t VALUES (2)");

        server.kill();

        assertLost(() -> job.commit());
        assertLost(this::connectAsJob);
        server.kill();
        server.start();
        server.start();
        assertThat(numbers()).isEqualTo("1");

        server.stop();
        assertLost(this::connectAsJob);
        server.start();
        assertThat(numbers()).isEqualTo("1");
    }

    @Test
    void killsABackendInACopyFirst() throws Exception {
        try (Connection other = connectAsJob();
                Connection checker = store.connect()) {
            var copy = job.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY otel.t FROM STDIN");
            String copying = query(checker, "SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY otel.t%'");

            assertThat(server.killBackend()).isTrue();

            assertThat(ProcessHandle.of(Long.parseLong(copying)).filter(ProcessHandle::isAlive))
                    .isEmpty();
            assertThatThrownBy(() -> {
                        byte[] row = "1\tx\n".getBytes(StandardCharsets.UTF_8);
                        while (true) {
                            copy.writeToCopy(row, 0, row.length);
                            copy.flushCopy();
                        }
                    })
                    .isInstanceOf(SQLException.class);
            // The server ends everybody else.
            assertLost(() -> execute(other, "SELECT 1"));
        }
        server.start();
        assertThat(numbers()).isEqualTo("none");
        assertThat(server.killBackend()).isFalse();
    }

    @Test
    void terminatesSessions() throws Exception {
        try (Connection checker = store.connect()) {
            assertThat(server.terminateSessions()).isEqualTo(1);
            assertState("57P01", () -> execute(job, "SELECT 1"));
            assertThat(server.terminateSessions()).isZero();
            execute(checker, "SELECT 1");
        }
    }

    @Test
    void refusesConnections() throws Exception {
        server.refuseConnections(1);
        try {
            assertLost(() -> execute(job, "SELECT 1"));
            try (Connection last = connectAsJob()) {
                assertState("53300", this::connectAsJob);
                execute(last, "INSERT INTO otel.t VALUES (1)");
            }
        } finally {
            server.allowConnections();
        }
        connectAsJob().close();
        assertThat(numbers()).isEqualTo("1");
    }

    @Test
    void isReadOnly() throws Exception {
        server.readOnly(store);
        assertLost(() -> execute(job, "SELECT 1"));
        try (Connection readOnly = connectAsJob()) {
            assertState("25006", () -> execute(readOnly, "INSERT INTO otel.t VALUES (1)"));
            server.writable(store);
            assertLost(() -> execute(readOnly, "SELECT 1"));
        }
        try (Connection writable = connectAsJob()) {
            execute(writable, "INSERT INTO otel.t VALUES (2)");
        }
        assertThat(numbers()).isEqualTo("2");
    }

    @Test
    void runsOutOfSpaceForTables() throws Exception {
        assumeSmallDisks();
        server.fillTables();
        try {
            assertState("53100", () -> copy(job, 20_000));
            assertState(
                    "53100", () -> execute(job, "INSERT INTO otel.t SELECT n FROM generate_series(1, 300000) AS n"));
        } finally {
            server.freeDisk();
        }
        copy(job, 20_000);
        assertThat(numbers()).isEqualTo("1");
    }

    @Test
    void goesDownWhenItRunsOutOfSpaceForItsLog() throws Exception {
        assumeSmallDisks();
        execute(job, "INSERT INTO otel.t VALUES (1)");
        job.setAutoCommit(false);
        execute(job, "INSERT INTO otel.t VALUES (2)");

        server.fillWal();

        try {
            assertLost(() -> job.commit());
            assertLost(this::connectAsJob);
        } finally {
            server.freeDisk();
        }
        assertThat(numbers()).isEqualTo("1");
    }

    @Test
    void isSetBack() throws Exception {
        execute(job, "INSERT INTO otel.t VALUES (1)");
        server.backUp();
        assertLost(() -> execute(job, "SELECT 1"));
        try (Connection again = connectAsJob()) {
            execute(again, "INSERT INTO otel.t VALUES (2)");
        }
        StoreDatabase later = server.createStore("later");

        server.restore();

        assertThat(numbers()).isEqualTo("1");
        assertThatThrownBy(later::connect).isInstanceOf(SQLException.class);
        server.kill();
        server.restore();
        assertThat(numbers()).isEqualTo("1");
    }

    /** What the shell of a driver that was killed does. */
    @Test
    void unmountsADiskWhoseDriverIsGone(@TempDir Path root) throws Exception {
        assumeSmallDisks();
        SmallDisk disk = SmallDisk.mount(root.resolve("disk"), 1);
        try {
            disk.fill();
            assertThat(disk.free()).isZero();
            disk.empty();
            assertThat(disk.free()).isGreaterThan(1_000_000);
        } finally {
            disk.abandon();
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(Files.readString(Path.of("/proc/mounts")))
                        .doesNotContain(root.toRealPath().toString()));
    }

    private static void assumeSmallDisks() {
        assumeThat(server.whyNoSmallDisk()).isEmpty();
    }

    /** What the job says when it meets it is that it may pass. */
    private static void assertState(String sqlState, ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOfSatisfying(SQLException.class, e -> {
            assertThat(e.getSQLState()).isEqualTo(sqlState);
            assertThat(SqlErrorKind.of(e)).isEqualTo(SqlErrorKind.PASSING);
        });
    }

    private static void assertLost(ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOfSatisfying(SQLException.class, e -> {
            assertThat(e.getSQLState()).matches("08...|57P0[123]");
            assertThat(SqlErrorKind.isConnectionLost(e)).isTrue();
            assertThat(SqlErrorKind.of(e)).isEqualTo(SqlErrorKind.PASSING);
        });
    }

    private Connection connectAsJob() throws SQLException {
        return new PostgresConnection(store.jdbcUrl(server.port()), store.user(), store.password()).open("test");
    }

    private static void copy(Connection connection, int rows) throws Exception {
        byte[] lines = ("1\t" + "x".repeat(100) + "\n").repeat(rows).getBytes(StandardCharsets.UTF_8);
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY otel.t FROM STDIN", new ByteArrayInputStream(lines));
    }

    private String numbers() throws SQLException {
        try (Connection connection = store.connect()) {
            return query(connection, "SELECT coalesce(string_agg(DISTINCT n::text, ','), 'none') FROM otel.t");
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
