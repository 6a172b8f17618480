package io.ollyscale.functions.postgres;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;

/** What an error of PostgreSQL means for the data at hand, by SQLSTATE. */
public enum SqlErrorKind {

    /** A value that PostgreSQL can't hold: the record's fault, and it will never be taken. To quarantine. */
    DATA,

    /** Our tables or statements are wrong: no record is to blame and none may be quarantined for it. Stop. */
    OURS,

    /** The server's state: the same statement may work later. Try again, then restart. */
    PASSING;

    public static SqlErrorKind of(SQLException error) {
        String state = error.getSQLState();
        if (state == null || state.length() != 5) {
            return PASSING;
        }
        if (isOurEncoding(error)) {
            return OURS;
        }
        if (state.startsWith("22") || state.equals("23502") || state.startsWith("54")) {
            return DATA;
        }
        // 23514 is also "no partition of relation found for row".
        if (state.startsWith("23") || state.startsWith("42") || state.startsWith("3F") || state.startsWith("0A")) {
            return OURS;
        }
        return PASSING;
    }

    /**
     * Whether the session is gone, and with it the outcome of what it was doing. A server that goes down may say why before, and the
     * driver then adds the lost connection as the next exception.
     */
    public static boolean isConnectionLost(SQLException error) {
        for (SQLException one = error; one != null; one = one.getNextException()) {
            if (saysConnectionLost(one)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the statement would have had to wait for somebody's lock for longer than it was allowed to. */
    public static boolean isLockTaken(SQLException error) {
        return "55P03".equals(error.getSQLState());
    }

    private static boolean saysConnectionLost(SQLException error) {
        String state = error.getSQLState();
        return state == null
                || (state.startsWith("08") && !isOurEncoding(error))
                || state.equals("57P01")
                || state.equals("57P02")
                || state.equals("57P03")
                || state.equals("57P05")
                || state.equals("25P03");
    }

    /** The server can't read a COPY's tuples, which says that we encode for another table; it lives on. */
    private static boolean isOurEncoding(SQLException error) {
        String state = error.getSQLState();
        Throwable origin = error instanceof BatchUpdateException ? error.getCause() : error;
        return "22P03".equals(state)
                || "22P04".equals(state)
                // Also the driver's own word for a connection that broke.
                || ("08P01".equals(state)
                        && origin instanceof PSQLException postgres
                        && postgres.getServerErrorMessage() != null);
    }
}
