package io.ollyscale.local;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A shell that waits for this JVM to be gone and then cleans up behind it. Unlike a shutdown hook it also works after
 * {@code kill -9}, and it doesn't pull a server away under what other hooks are still stopping in order.
 */
final class Watchdog {

    /*
     * Reads a line when the watchdog is dismissed, the end of the pipe when the JVM is gone. Signals to the terminal's
     * process group (Ctrl-C) are meant for the JVM.
     */
    private static final String SCRIPT = """
            trap '' INT HUP QUIT TERM
            read -r line && exit 0
            directory=$1
            shift
            "$@"
            if [ -n "$directory" ]; then rm -rf -- "$directory"; fi
            """;

    private final Process shell;

    private Watchdog(Process shell) {
        this.shell = shell;
    }

    /**
     * @param command run first when this JVM is gone
     * @param doomed deleted afterwards, if present
     */
    static Watchdog start(List<String> command, Optional<Path> doomed) {
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "ollyscale-watchdog"));
        line.add(doomed.map(Path::toString).orElse(""));
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(Program.WORKING_DIRECTORY)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            return new Watchdog(builder.start());
        } catch (IOException e) {
            throw new LocalStackException("/bin/sh can't be run: " + e.getMessage(), e);
        }
    }

    /** There is nothing left to clean up. */
    void dismiss() {
        if (!shell.isAlive()) {
            return;
        }
        try (OutputStream pipe = shell.getOutputStream()) {
            pipe.write('\n');
        } catch (IOException e) {
            throw new LocalStackException("The watchdog process " + shell.pid() + " is gone: " + e.getMessage(), e);
        }
    }
}
