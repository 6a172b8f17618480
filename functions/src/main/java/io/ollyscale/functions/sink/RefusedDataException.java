package io.ollyscale.functions.sink;

import java.sql.SQLException;

/** PostgreSQL can't hold a value of the records at hand. */
final class RefusedDataException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedDataException(SQLException cause) {
        super(cause.getMessage() + " (SQLSTATE " + cause.getSQLState() + ")", cause);
    }
}
