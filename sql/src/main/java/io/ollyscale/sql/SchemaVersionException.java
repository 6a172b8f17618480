package io.ollyscale.sql;

/** The database's schema is not the one that this build works with. The message says what to do; nothing was changed. */
public final class SchemaVersionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SchemaVersionException(String message) {
        super(message);
    }
}
