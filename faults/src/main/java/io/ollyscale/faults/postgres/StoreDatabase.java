package io.ollyscale.faults.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A database with Ollyscale's schema, and how the job and its checker reach it. */
public final class StoreDatabase {

    /** Tables that each signal's transactions write. */
    public static final String FACTS = "otel.spans_fact, otel.logs_fact, otel.number_data_points";

    private final PostgresServer server;
    private final String name;

    StoreDatabase(PostgresServer server, String name) {
        this.server = server;
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** The role that the job logs in as. */
    public String user() {
        return PostgresServer.JOB_ROLE;
    }

    public String password() {
        return server.jobPassword();
    }

    /**
     * Without user and password.
     *
     * @param port the server's, or that of a proxy in front of it
     */
    public String jdbcUrl(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
    }

    /**
     * With the job's user and password, as {@code OLLYSCALE_POSTGRES_URL} takes it.
     *
     * @param port the server's, or that of a proxy in front of it
     */
    public String uri(int port) {
        return "postgresql://" + user() + ":" + password() + "@127.0.0.1:" + port + "/" + name;
    }

    /** A superuser's session, straight to the server: not the job's, so that faults of the job's sessions spare it. */
    public Connection connect() throws SQLException {
        return server.connect(name);
    }

    /** Takes the locks of somebody whom writers of these tables wait for; ending the session releases them. */
    public Connection lock(String tables) throws SQLException {
        Connection session = connect();
        try (Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            // A writer that was stopped within a transaction has its locks until the server ends it, a minute later.
            statement.execute("SET lock_timeout = '2min'");
            statement.execute("LOCK TABLE " + tables + " IN EXCLUSIVE MODE");
            return session;
        } catch (SQLException e) {
            session.close();
            throw e;
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
