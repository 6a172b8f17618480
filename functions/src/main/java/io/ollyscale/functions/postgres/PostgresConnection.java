package io.ollyscale.functions.postgres;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Where the store is, and how long its sessions wait. Every session of the job is opened here, so that each has the
 * time-outs without which a dead peer would hold locks or a task for ever.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}, without credentials
 * @param lockTimeout longest wait for a lock; what it ends is tried again
 * @param statementTimeout longest statement, a COPY of one transaction included
 * @param idleTimeout after which the server ends a transaction whose writer has fallen silent
 */
public record PostgresConnection(
        String jdbcUrl,
        String user,
        String password,
        Duration lockTimeout,
        Duration statementTimeout,
        Duration idleTimeout)
        implements Serializable {

    private static final Driver DRIVER = driver();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    public PostgresConnection(String jdbcUrl, String user, String password) {
        this(jdbcUrl, user, password, Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofMinutes(1));
    }

    /** One that the DriverManager doesn't know: of a cluster it would keep all classes of each job that was ever submitted. */
    private static Driver driver() {
        Driver driver = new Driver();
        boolean isOfJob = Driver.class.getClassLoader() != ClassLoader.getSystemClassLoader();
        if (isOfJob && Driver.isRegistered()) {
            try {
                Driver.deregister();
            } catch (SQLException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
        return driver;
    }

    /**
     * Opens a session in autocommit mode.
     *
     * @param purpose shown in {@code pg_stat_activity} as {@code ollyscale <purpose>}
     */
    public Connection open(String purpose) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, user);
        PGProperty.PASSWORD.set(properties, password);
        PGProperty.APPLICATION_NAME.set(properties, "ollyscale " + purpose);
        PGProperty.CONNECT_TIMEOUT.set(properties, (int) CONNECT_TIMEOUT.toSeconds());
        // Of a server that takes the connection and then falls silent, too.
        PGProperty.LOGIN_TIMEOUT.set(
                properties, (int) CONNECT_TIMEOUT.multipliedBy(2).toSeconds());
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        // Otherwise the driver's messages quote rows and parameters, which are foreign data and go to logs.
        PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
        // Longer than any statement may take, so that it ends only sessions whose server is gone.
        PGProperty.SOCKET_TIMEOUT.set(
                properties, (int) statementTimeout.plusSeconds(30).toSeconds());
        // Not the DriverManager: it looks for drivers once in a process, and on a cluster that was before the job's jar
        // came.
        Connection connection = DRIVER.connect(jdbcUrl, properties);
        if (connection == null) {
            throw new SQLException("not a JDBC URL of PostgreSQL: " + jdbcUrl);
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = " + lockTimeout.toMillis() + "; SET statement_timeout = "
                    + statementTimeout.toMillis() + "; SET idle_in_transaction_session_timeout = "
                    + idleTimeout.toMillis());
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    @Override
    public String toString() {
        return user + " at " + jdbcUrl;
    }
}
