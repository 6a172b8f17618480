package io.ollyscale.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.security.auth.module.UnixSystem;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LocalPostgresITCase {

    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder()
                .withoutSync()
                .setting("max_connections", "42")
                .setting("cluster_name", "it's \\ quoted")
                .start();
    }

    @AfterAll
    static void close() {
        postgres.close();
        assertThat(postgres.dataDirectory().getParent()).doesNotExist();
    }

    @Test
    void offersADatabaseWithItsSettings() throws Exception {
        assertThat(query(postgres, "SHOW server_version")).startsWith("18");
        assertThat(query(postgres, "SELECT current_database() || ' ' || current_user"))
                .isEqualTo("ollyscale ollyscale");
        assertThat(query(postgres, "SHOW search_path")).isEqualTo("otel, public");
        assertThat(query(postgres, "SHOW server_encoding")).isEqualTo("UTF8");
        assertThat(query(postgres, "SELECT upper('ä')")).isEqualTo("Ä");
        assertThat(query(postgres, "SHOW max_connections")).isEqualTo("42");
        assertThat(query(postgres, "SHOW cluster_name")).isEqualTo("it's \\ quoted");
        assertThat(query(postgres, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(query(postgres, "SHOW unix_socket_directories")).isEmpty();
        assertThat(postgres.uri())
                .isEqualTo("postgresql://ollyscale:" + postgres.password() + "@127.0.0.1:" + postgres.port()
                        + "/ollyscale");
        assertThat(postgres.toString()).doesNotContain(postgres.password());
    }

    @Test
    void asksForThePassword() {
        assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), "guess"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }

    @Test
    void createsFurtherDatabases() throws Exception {
        String url = postgres.createDatabase("Of \"one\" test");

        try (Connection connection = DriverManager.getConnection(url, postgres.user(), postgres.password())) {
            assertThat(query(connection, "SELECT current_database() || ' ' || current_setting('search_path')"))
                    .isEqualTo("Of \"one\" test otel, public");
        }
        assertThatThrownBy(() -> postgres.createDatabase("Of \"one\" test"))
                .isInstanceOf(LocalStackException.class)
                .hasMessageContaining("already exists");
    }

    @ParameterizedTest
    @EnumSource
    void keepsPortAndDataOverARestart(LocalPostgres.ShutdownMode mode) throws Exception {
        execute(postgres, "CREATE TABLE public.stopped_" + mode + " AS SELECT 7 AS n");

        postgres.stop(mode);
        postgres.stop(mode);
        assertThatThrownBy(postgres::connect).isInstanceOf(SQLException.class);
        postgres.start();
        postgres.start();

        assertThat(query(postgres, "SELECT n FROM public.stopped_" + mode)).isEqualTo("7");
    }

    @Test
    void startsAfterItsProcessWasKilled() throws Exception {
        execute(postgres, "CREATE TABLE public.killed AS SELECT 8 AS n");
        ProcessHandle postmaster = postgres.postmaster().orElseThrow();

        postmaster.destroyForcibly();
        postmaster.onExit().join();
        assertThat(postgres.dataDirectory().resolve("postmaster.pid")).exists();
        postgres.start();

        assertThat(query(postgres, "SELECT n FROM public.killed")).isEqualTo("8");
    }

    @Test
    void isNotFooledByAProcessIdThatAnotherProgramHas() throws Exception {
        Path file = postgres.dataDirectory().resolve("postmaster.pid");
        String content = Files.readString(file);
        postgres.stop(LocalPostgres.ShutdownMode.FAST);

        Files.writeString(
                file,
                content.replaceFirst(
                        "^\\d+", Long.toString(ProcessHandle.current().pid())));
        postgres.start();
        assertThat(query(postgres, "SELECT 9")).isEqualTo("9");

        postgres.stop(LocalPostgres.ShutdownMode.FAST);
        Files.writeString(file, "");
        postgres.start();
        assertThat(query(postgres, "SELECT 10")).isEqualTo("10");
    }

    @Test
    void usesAKeptDirectoryAgain(@TempDir Path parent) throws Exception {
        Path data = parent.resolve("postgres");
        String password;
        try (LocalPostgres first = LocalPostgres.builder().dataDirectory(data).start()) {
            password = first.password();
            assertThat(query(first, "SHOW fsync")).isEqualTo("on");
            execute(first, "CREATE TABLE public.kept AS SELECT 11 AS n");

            assertThatThrownBy(() -> LocalPostgres.builder().dataDirectory(data).start())
                    .isInstanceOf(LocalStackException.class)
                    .hasMessageContaining(
                            "process id " + first.postmaster().orElseThrow().pid());
            assertThat(query(first, "SELECT 'still there'")).isEqualTo("still there");
        }

        try (LocalPostgres second = LocalPostgres.builder().dataDirectory(data).start()) {
            assertThat(second.password()).isEqualTo(password);
            assertThat(query(second, "SELECT n FROM public.kept")).isEqualTo("11");
        }
        Path file = parent.resolve("postgres.password");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        Files.delete(file);
        assertThatThrownBy(() -> LocalPostgres.builder().dataDirectory(data).start())
                .isInstanceOf(LocalStackException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void keepsTheWriteAheadLogElsewhere(@TempDir Path parent) throws Exception {
        Path data = parent.resolve("postgres");
        Path wal = parent.resolve("elsewhere/wal");
        LocalPostgres.Builder builder =
                LocalPostgres.builder().withoutSync().dataDirectory(data).walDirectory(wal);
        try (LocalPostgres first = builder.start()) {
            execute(first, "CREATE TABLE public.kept AS SELECT 14 AS n");
        }

        assertThat(data.resolve("pg_wal").toRealPath()).isEqualTo(wal.toRealPath());
        try (LocalPostgres second = LocalPostgres.builder()
                .withoutSync()
                .dataDirectory(data)
                .walDirectory(wal)
                .start()) {
            assertThat(query(second, "SELECT n FROM public.kept")).isEqualTo("14");
        }
        assertThatThrownBy(() -> LocalPostgres.builder().walDirectory(wal).start())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesADirectoryOfAnotherVersion(@TempDir Path data) throws Exception {
        Files.writeString(data.resolve("PG_VERSION"), "17\n");

        assertThatThrownBy(() -> LocalPostgres.builder().dataDirectory(data).start())
                .isInstanceOf(LocalStackException.class)
                .hasMessageContaining("is of PostgreSQL 17, this is 18");
    }

    @Test
    void leavesAForeignDirectoryAlone(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("letter.txt"), "not PostgreSQL's");

        assertThatThrownBy(
                        () -> LocalPostgres.builder().dataDirectory(directory).start())
                .isInstanceOf(LocalStackException.class)
                .hasMessageContaining("something else than PostgreSQL's data");

        assertThat(directory.toFile().list()).containsExactly("letter.txt");
    }

    @Test
    void refusesAnOccupiedPort() throws Exception {
        try (ServerSocket occupant = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> LocalPostgres.builder()
                            .port(occupant.getLocalPort())
                            .start())
                    .isInstanceOf(LocalStackException.class)
                    .hasMessageContaining("Port " + occupant.getLocalPort())
                    .hasMessageContaining("choose another port");
        }
    }

    @Test
    void saysWhichSettingIsWrong() {
        assertThatThrownBy(() -> LocalPostgres.builder()
                        .withoutSync()
                        .setting("max_connections", "many")
                        .start())
                .isInstanceOf(LocalStackException.class)
                .hasMessageContaining("max_connections");
    }

    @Test
    void unpacksOnceForManyAtOnce(@TempDir Path cache) throws Exception {
        List<CompletableFuture<Path>> unpackers = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> PostgresBinaries.unpackInto(cache)))
                .toList();

        assertThat(unpackers.stream().map(CompletableFuture::join))
                .hasSize(3)
                .containsOnly(unpackers.get(0).join());
        try (Stream<Path> entries = Files.list(cache)) {
            assertThat(entries).containsExactly(unpackers.get(0).join());
        }
        Path installation = unpackers.get(0).join();
        assertThat(installation.resolve("bin/postgres")).isExecutable();
        assertThat(installation.resolve("share/postgresql/postgres.bki")).isRegularFile();
    }

    /** As root in a container that forbids user namespaces. */
    @Test
    void runsAsAnotherUser() throws Exception {
        assumeThat(new UnixSystem().getUid()).as("only root can do this").isZero();
        PostgresAccount nobody = PostgresAccount.user("nobody").orElseThrow();

        try (LocalPostgres server = LocalPostgres.builder().withoutSync().start(nobody)) {
            assertThat(server.postmaster().flatMap(process -> process.info().user()))
                    .isEqualTo(Optional.of("nobody"));
            assertThat(query(server, "SELECT 12")).isEqualTo("12");
            server.stop(LocalPostgres.ShutdownMode.IMMEDIATE);
            server.start();
            assertThat(query(server, "SELECT 13")).isEqualTo("13");
        }
    }

    private static void execute(LocalPostgres server, String sql) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(LocalPostgres server, String sql) throws SQLException {
        try (Connection connection = server.connect()) {
            return query(connection, sql);
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
