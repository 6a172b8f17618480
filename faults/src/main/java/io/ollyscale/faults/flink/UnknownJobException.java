package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ProcessException;

/** The leading JobManager doesn't know the job: it ended under another one, or there was none. */
final class UnknownJobException extends ProcessException {

    UnknownJobException(String message, Throwable cause) {
        super(message, cause);
    }
}
