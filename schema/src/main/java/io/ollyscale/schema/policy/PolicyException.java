package io.ollyscale.schema.policy;

/** A policy file that can't be used; the message names the file and what is wrong with it. */
public final class PolicyException extends Exception {
    private static final long serialVersionUID = 1;

    PolicyException(String message) {
        super(message);
    }

    PolicyException(String message, Throwable cause) {
        super(message, cause);
    }
}
