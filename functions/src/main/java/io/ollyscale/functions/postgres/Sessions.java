package io.ollyscale.functions.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of sessions that nobody needs any more, so that what goes wrong with it matters to nobody. */
public final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    private Sessions() {}

    /** Ends a session in order; null is none. */
    public static void close(Connection session) {
        if (session != null) {
            try {
                session.close();
            } catch (SQLException e) {
                LOG.debug("Closing the connection failed", e);
            }
        }
    }

    /** Breaks off whatever a session is doing, without waiting for the server. From any thread; null is none. */
    public static void abort(Connection session) {
        if (session != null) {
            try {
                session.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("Aborting the connection failed", e);
            }
        }
    }
}
