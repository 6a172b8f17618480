package io.ollyscale.sql;

import io.ollyscale.local.LocalPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.ds.PGSimpleDataSource;

/** A database of its own on a server that all tests of this process share; the server ends with the process. */
final class TestDatabase {

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String url;

    private TestDatabase(String url) {
        this.url = url;
    }

    static TestDatabase empty() {
        return new TestDatabase(Server.POSTGRES.createDatabase("test_" + COUNT.incrementAndGet()));
    }

    /** A copy of one that was migrated: to migrate each would take a second. */
    static TestDatabase migrated() {
        return new TestDatabase(Server.POSTGRES.createDatabase("test_" + COUNT.incrementAndGet(), Migrated.TEMPLATE));
    }

    PGSimpleDataSource dataSource() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url);
        dataSource.setUser(Server.POSTGRES.user());
        dataSource.setPassword(Server.POSTGRES.password());
        return dataSource;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url, Server.POSTGRES.user(), Server.POSTGRES.password());
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            execute(connection, statements);
        }
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The rows, with their columns joined by a bar. */
    List<String> query(String sql) throws SQLException {
        try (Connection connection = connect()) {
            return query(connection, sql);
        }
    }

    static List<String> query(Connection connection, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    row.add(String.valueOf(result.getString(column)));
                }
                rows.add(String.join("|", row));
            }
        }
        return rows;
    }

    /** The only value of the only row. */
    String value(String sql) throws SQLException {
        List<String> rows = query(sql);
        if (rows.size() != 1) {
            throw new AssertionError(rows.size() + " rows instead of one: " + sql);
        }
        return rows.get(0);
    }

    /** A text that no compression makes short, as an SQL literal. */
    static String longText(int length) {
        StringBuilder text = new StringBuilder(length + 2).append('\'');
        new Random(length).ints(length, 'a', 'z' + 1).forEach(text::appendCodePoint);
        return text.append('\'').toString();
    }

    /** What a session does, on a connection of its own. */
    interface Session<T> {
        T run(Connection connection) throws Exception;
    }

    /** Runs all sessions at the same time, and returns their results in order; fails as the first that failed. */
    <T> List<T> concurrently(List<Session<T>> sessions) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(sessions.size());
        try {
            CyclicBarrier start = new CyclicBarrier(sessions.size());
            List<Callable<T>> tasks = new ArrayList<>();
            for (Session<T> session : sessions) {
                tasks.add(() -> {
                    try (Connection connection = connect()) {
                        start.await();
                        return session.run(connection);
                    }
                });
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    /** Waits until another session of this database waits for that of the connection; fails after half a minute. */
    void awaitSessionBehind(Connection holder) throws SQLException {
        String waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND "
                + query(holder, "SELECT pg_backend_pid()").get(0) + " = ANY (pg_blocking_pids(pid))";
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Connection observer = connect()) {
            while (query(observer, waiting).isEmpty()) {
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("No session waits for the one that it should wait for");
                }
                Thread.onSpinWait();
            }
        }
    }

    private static final class Server {
        private static final LocalPostgres POSTGRES =
                LocalPostgres.builder().withoutSync().start();
    }

    private static final class Migrated {
        private static final String TEMPLATE = migrate("migrated");

        private static String migrate(String name) {
            Migrations.migrate(new TestDatabase(Server.POSTGRES.createDatabase(name)).dataSource());
            return name;
        }
    }
}
