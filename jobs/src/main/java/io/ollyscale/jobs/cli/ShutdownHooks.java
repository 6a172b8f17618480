package io.ollyscale.jobs.cli;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** What to do when Ctrl-C or SIGTERM ends the process. */
final class ShutdownHooks {

    private ShutdownHooks() {}

    static Thread add(Runnable action) {
        Thread hook = new Thread(action, "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    /** Ends what a session is asking: the server would go on with a query that nobody waits for. */
    static Thread cancel(Connection connection) {
        return add(() -> {
            try {
                connection.unwrap(PGConnection.class).cancelQuery();
            } catch (SQLException e) {
                System.err.println("The query may still run on the server: " + e.getMessage());
            }
        });
    }

    /** @return false where the process is ending already, and the hook runs or has run */
    static boolean remove(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
