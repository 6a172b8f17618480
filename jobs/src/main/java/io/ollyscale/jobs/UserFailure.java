package io.ollyscale.jobs;

/** Something that the user can mend. The message is the one line that they read: what is wrong and what to do. */
public final class UserFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UserFailure(String message) {
        super(message);
    }

    public UserFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
