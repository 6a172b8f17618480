package io.ollyscale.faults.process;

/** A process can't be started, stopped or used, or doesn't do in time what is waited for. */
public class ProcessException extends RuntimeException {

    public ProcessException(String message) {
        super(message);
    }

    public ProcessException(String message, Throwable cause) {
        super(message, cause);
    }
}
