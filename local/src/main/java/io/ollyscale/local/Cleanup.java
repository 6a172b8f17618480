package io.ollyscale.local;

/** Puts away what a failed start leaves. */
final class Cleanup {

    private Cleanup() {}

    /**
     * Runs the cleanup without losing the failure to one of its own.
     *
     * @return the failure, to be thrown
     */
    static RuntimeException after(RuntimeException failure, Runnable cleanup) {
        try {
            cleanup.run();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }
}
