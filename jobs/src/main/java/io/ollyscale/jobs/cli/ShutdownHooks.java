package io.ollyscale.jobs.cli;

/** What to do when Ctrl-C or SIGTERM ends the process. */
final class ShutdownHooks {

    private ShutdownHooks() {}

    static Thread add(Runnable action) {
        Thread hook = new Thread(action, "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    /** @return false where the process is ending already, and the hook runs or has run */
    static boolean remove(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
