package io.ollyscale.faults.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.local.LocalPostgres;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

class PostgresProxyITCase {

    private static LocalPostgres postgres;
    private PostgresProxy proxy;

    @BeforeAll
    static void startServer() {
        postgres = LocalPostgres.builder().shortLived().start();
    }

    @AfterAll
    static void stopServer() {
        postgres.close();
    }

    @BeforeEach
    void start() throws Exception {
        proxy = new PostgresProxy(postgres.port());
        direct("CREATE TABLE public.t (n integer, text text)");
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        // Sessions that were cut may hold locks for a moment.
        direct("DROP TABLE public.t");
    }

    @Test
    void passesWhatIsSaid() throws Exception {
        try (Connection connection = connect()) {
            copy(connection, 3_000);
            assertThat(count(connection)).isEqualTo(3_000);
        }
        assertThat(proxy.bytes()).isGreaterThan(3_000 * 100);
    }

    @ParameterizedTest
    @CsvSource({"extended, 0", "extended, 20", "simple, 0"})
    void cutsBeforeACommitArrives(String queryMode, int commitsBefore) throws Exception {
        CompletableFuture<Void> cut;
        try (Connection connection = connect(queryMode, 0)) {
            commitSome(connection, commitsBefore);
            cut = proxy.cutAtCommit(CommitCut.BEFORE_IT_ARRIVES);
            insert(connection);
            assertThat(cut).isNotDone();
            assertThatThrownBy(connection::commit).isInstanceOfSatisfying(SQLException.class, this::isLost);
        }
        cut.get(5, TimeUnit.SECONDS);
        assertThat(directCount()).isEqualTo(commitsBefore);
    }

    @ParameterizedTest
    @CsvSource({"extended, 0", "extended, 20", "simple, 0"})
    void cutsBeforeACommitIsAnswered(String queryMode, int commitsBefore) throws Exception {
        CompletableFuture<Void> cut;
        try (Connection connection = connect(queryMode, 0)) {
            commitSome(connection, commitsBefore);
            cut = proxy.cutAtCommit(CommitCut.BEFORE_IT_IS_ANSWERED);
            insert(connection);
            assertThat(cut).isNotDone();
            assertThatThrownBy(connection::commit).isInstanceOfSatisfying(SQLException.class, this::isLost);
        }
        cut.get(5, TimeUnit.SECONDS);
        assertThat(directCount()).isEqualTo(commitsBefore + 1);
    }

    @Test
    void waitsForACommitThatSucceeds() throws Exception {
        CompletableFuture<Void> cut = proxy.cutAtCommit(CommitCut.BEFORE_IT_IS_ANSWERED);
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            insert(connection);
            assertThatThrownBy(() -> execute(connection, "SELECT 1 / 0")).isInstanceOf(SQLException.class);
            // The server answers ROLLBACK.
            connection.commit();
            assertThat(cut).isNotDone();

            insert(connection);
            assertThatThrownBy(connection::commit).isInstanceOfSatisfying(SQLException.class, this::isLost);
        }
        cut.get(5, TimeUnit.SECONDS);
        assertThat(directCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100_000})
    void cutsInTheMiddleOfACopy(int afterBytes) throws Exception {
        CompletableFuture<Void> cut = proxy.cutInCopy(afterBytes);
        try (Connection connection = connect()) {
            insert(connection);
            assertThat(cut).isNotDone();
            assertThatThrownBy(() -> copy(connection, 3_000)).isInstanceOfSatisfying(SQLException.class, this::isLost);
            connection.abort(Runnable::run);
        }
        cut.get(5, TimeUnit.SECONDS);
        assertThat(directCount()).isEqualTo(1);
        try (Connection connection = connect()) {
            copy(connection, 3_000);
        }
        assertThat(directCount()).isEqualTo(3_001);
    }

    @Test
    void makesNoCutThatIsCancelled() throws Exception {
        proxy.cutAtCommit(CommitCut.BEFORE_IT_ARRIVES).cancel(false);
        proxy.cutInCopy(10).cancel(false);
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            copy(connection, 10);
            connection.commit();
        }
        assertThat(directCount()).isEqualTo(10);
    }

    @Test
    void cutsAllConnections() throws Exception {
        try (Connection one = connect();
                Connection two = connect()) {
            proxy.cutAll();

            for (Connection connection : new Connection[] {one, two}) {
                assertThatThrownBy(() -> insert(connection)).isInstanceOfSatisfying(SQLException.class, this::isLost);
            }
        }
        try (Connection connection = connect()) {
            insert(connection);
        }
    }

    @Test
    void stallsWithoutClosing() throws Exception {
        try (Connection connection = connect("extended", 0)) {
            connection.setAutoCommit(false);
            insert(connection);
            proxy.stall();

            CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> {
                try {
                    connection.commit();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> connect("extended", 1)).isInstanceOf(SQLException.class);
            assertThat(commit).isNotDone();
            assertThat(directCount()).isZero();

            proxy.flow();
            commit.get(5, TimeUnit.SECONDS);
            assertThat(directCount()).isEqualTo(1);
        }
        proxy.stall();
        CompletableFuture<Void> attempt = CompletableFuture.runAsync(() -> {
            try {
                connect().close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        proxy.cutAll();
        proxy.flow();
        assertThat(attempt.handle((nothing, failure) -> true).get(5, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void slowsDown() throws Exception {
        try (Connection connection = connect()) {
            proxy.limit(400_000);
            long before = proxy.bytes();
            long start = System.nanoTime();
            copy(connection, 3_000);
            Duration time = Duration.ofNanos(System.nanoTime() - start);
            long expectedMillis = (proxy.bytes() - before) * 1000 / 400_000;
            assertThat(time).isBetween(Duration.ofMillis(expectedMillis / 2), Duration.ofMillis(expectedMillis * 3));

            proxy.limit(1);
            CompletableFuture<Integer> copy = CompletableFuture.supplyAsync(() -> {
                try {
                    copy(connection, 3_000);
                    return count(connection);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            proxy.limit(0);
            assertThat(copy.get(5, TimeUnit.SECONDS)).isEqualTo(6_000);
        }
    }

    @Test
    void closesConnectionsOfAServerThatIsDown() throws Exception {
        int nobody;
        try (PostgresProxy other = new PostgresProxy(postgres.port())) {
            nobody = other.port();
        }
        try (PostgresProxy toNobody = new PostgresProxy(nobody)) {
            assertThatThrownBy(() -> DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:" + toNobody.port() + "/ollyscale", properties("simple", 5)))
                    .isInstanceOfSatisfying(SQLException.class, this::isLost);
        }
    }

    @Test
    void leavesNoThreads() throws Exception {
        Connection connection = connect();
        proxy.stall();
        proxy.close();
        connection.abort(Runnable::run);

        Awaitility.await()
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .noneMatch(thread -> thread.getName().startsWith("postgres-proxy")));
    }

    private void isLost(SQLException e) {
        assertThat(e.getSQLState()).startsWith("08");
    }

    private static void commitSome(Connection connection, int commits) throws SQLException {
        connection.setAutoCommit(false);
        for (int i = 0; i < commits; i++) {
            insert(connection);
            connection.commit();
        }
    }

    private static void insert(Connection connection) throws SQLException {
        execute(connection, "INSERT INTO public.t VALUES (1, 'COMMIT')");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void copy(Connection connection, int rows) throws Exception {
        byte[] lines = ("1\t" + "COMMIT ".repeat(16) + "\n").repeat(rows).getBytes(StandardCharsets.UTF_8);
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY public.t FROM STDIN", new ByteArrayInputStream(lines));
    }

    private static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM public.t")) {
            result.next();
            return result.getInt(1);
        }
    }

    private static int directCount() throws SQLException {
        try (Connection connection = postgres.connect()) {
            return count(connection);
        }
    }

    private static void direct(String sql) throws SQLException {
        try (Connection connection = postgres.connect()) {
            execute(connection, sql);
        }
    }

    private Connection connect() throws SQLException {
        return connect("extended", 0);
    }

    /** @param timeout in seconds, 0 for none */
    private Connection connect(String queryMode, int timeout) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/ollyscale", properties(queryMode, timeout));
    }

    private static Properties properties(String queryMode, int timeout) {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, postgres.user());
        PGProperty.PASSWORD.set(properties, postgres.password());
        PGProperty.PREFER_QUERY_MODE.set(properties, queryMode);
        PGProperty.LOGIN_TIMEOUT.set(properties, timeout);
        return properties;
    }
}
