package io.ollyscale.functions.dimensions;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.postgres.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;

/** The session of a subtask that writes dimensions. */
final class DimensionConnection implements JdbcConnectionProvider {
    private static final long serialVersionUID = 1;
    private static final int PATIENCE_SECONDS = 5;

    private final PostgresConnection postgres;
    private transient volatile Connection connection;
    private transient volatile boolean aborted;

    DimensionConnection(PostgresConnection postgres) {
        this.postgres = postgres;
    }

    @Override
    public Connection getConnection() {
        return connection;
    }

    @Override
    public boolean isConnectionValid() throws SQLException {
        return connection != null && connection.isValid(PATIENCE_SECONDS);
    }

    @Override
    public Connection getOrEstablishConnection() throws SQLException {
        if (aborted) {
            throw new SQLException("the writer is closed", "57P01");
        }
        if (connection == null || connection.isClosed()) {
            connection = postgres.open("dimensions");
            if (aborted) {
                // While it was opened; nobody else will close it.
                abort();
            }
        }
        return connection;
    }

    @Override
    public Connection reestablishConnection() throws SQLException {
        closeConnection();
        return getOrEstablishConnection();
    }

    /** Breaks off whatever is under way, without waiting for the server, and lets nothing begin. From any thread. */
    void abort() {
        aborted = true;
        Sessions.abort(connection);
    }

    @Override
    public void close() {
        closeConnection();
    }

    @Override
    public void closeConnection() {
        Sessions.close(connection);
        connection = null;
    }
}
