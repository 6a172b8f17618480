package io.ollyscale.functions.sink;

/** Another writer moved the ledger; the positions must be read again. */
final class LedgerConflictException extends Exception {
    private static final long serialVersionUID = 1;

    LedgerConflictException(String message) {
        super(message);
    }
}
