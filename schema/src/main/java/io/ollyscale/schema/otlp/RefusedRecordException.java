package io.ollyscale.schema.otlp;

/** A record that can't be stored, whatever is tried again; it belongs in quarantine. */
public final class RefusedRecordException extends Exception {
    private static final long serialVersionUID = 1;

    private final RefusalReason reason;

    public RefusedRecordException(RefusalReason reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    public RefusalReason reason() {
        return reason;
    }
}
