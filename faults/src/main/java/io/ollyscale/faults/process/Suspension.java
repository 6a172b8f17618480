package io.ollyscale.faults.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * A process that stands still. A shell sends SIGSTOP, and SIGCONT when it is told to or when this JVM is gone: a stopped
 * process couldn't notice that itself and would stay for ever.
 */
final class Suspension {

    private static final String SCRIPT = """
            trap '' INT HUP QUIT TERM
            kill -STOP "$1" || exit 1
            echo stopped
            read -r line
            kill -CONT "$1"
            """;

    private static final long SECONDS = 10;

    private final Process shell;

    private Suspension(Process shell) {
        this.shell = shell;
    }

    /** @throws ProcessException if there is no such process */
    static Suspension of(long pid) {
        try {
            Process shell = new ProcessBuilder("/bin/sh", "-c", SCRIPT, "suspension", Long.toString(pid))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader output = shell.inputReader();
            if (output.readLine() == null) {
                throw new ProcessException("The process " + pid + " can't be suspended: is it alive?");
            }
            return new Suspension(shell);
        } catch (IOException e) {
            throw new ProcessException("The process " + pid + " can't be suspended: " + e, e);
        }
    }

    /** Lets the process go on; it has its signal when this returns. */
    void end() {
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new ProcessException("The shell " + shell.pid() + " doesn't resume its process.");
            }
        } catch (IOException e) {
            throw new ProcessException("The shell " + shell.pid() + " can't be told to resume its process: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessException("Interrupted while resuming a process", e);
        }
    }
}
