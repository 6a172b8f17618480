package io.ollyscale.functions.sink;

import java.io.IOException;

/** The connection broke during COMMIT: only the ledger knows whether it happened, and a restart asks it. */
final class UnknownOutcomeException extends IOException {
    private static final long serialVersionUID = 1;

    UnknownOutcomeException(Throwable cause) {
        super("the connection to PostgreSQL broke during COMMIT; the ledger will tell whether it happened", cause);
    }
}
