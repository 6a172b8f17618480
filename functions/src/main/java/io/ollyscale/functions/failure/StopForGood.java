package io.ollyscale.functions.failure;

import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * A condition that a restart can't mend: the job ends, and the message says what to do. Thrown within a {@link
 * SuppressRestartsException}, which Flink doesn't restart after.
 */
public final class StopForGood extends Exception {
    private static final long serialVersionUID = 1;

    private StopForGood(String message, Throwable cause) {
        super(message, cause);
    }

    public static SuppressRestartsException because(String message) {
        return new SuppressRestartsException(new StopForGood(message, null));
    }

    public static SuppressRestartsException because(String message, Throwable cause) {
        return new SuppressRestartsException(new StopForGood(message, cause));
    }
}
