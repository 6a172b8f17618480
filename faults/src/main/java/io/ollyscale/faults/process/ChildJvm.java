package io.ollyscale.faults.process;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A Java program in a process of its own that ends with this JVM, however that ends. Safe for use by several threads.
 */
public final class ChildJvm implements AutoCloseable {

    private static final Duration ORDERLY_END = Duration.ofSeconds(15);
    private static final int LAST_BYTES = 64 << 10;

    private final String name;
    private final Path log;
    private final Process process;
    private Suspension suspension;

    private ChildJvm(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /**
     * Starts the program with the binary of this JVM.
     *
     * @param name for messages
     * @param log gets all output, after what is in it; what the child needs of ours is put next to it
     * @param classPath of the program; {@link ChildMain} alone is added
     */
    public static ChildJvm start(
            String name,
            Path log,
            List<Path> classPath,
            List<String> jvmArguments,
            String mainClass,
            List<String> arguments) {
        List<Path> all = new ArrayList<>(classPath);
        Path support = log.toAbsolutePath().resolveSibling("child");
        all.add(ChildClasses.copy(ChildMain.class, support.resolve("classes")));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dlog4j2.configurationFile=" + ChildLogging.write(support));
        command.addAll(jvmArguments);
        command.add("-cp");
        command.add(all.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(ChildMain.class.getName());
        command.add(mainClass);
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return new ChildJvm(name, log, process);
        } catch (IOException e) {
            throw new ProcessException(name + " can't be started: " + e, e);
        }
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the process by SIGKILL, suspended or not, and waits for its end; does nothing when it has ended. */
    public synchronized void kill() {
        process.destroyForcibly();
        resume();
        awaitEnd();
    }

    /** Stops all its threads by SIGSTOP until {@link #resume}; its sockets stay open. Does nothing when it is suspended. */
    public synchronized void suspend() {
        if (suspension == null) {
            suspension = Suspension.of(pid());
        }
    }

    /** Ends {@link #suspend} by SIGCONT; does nothing when it isn't suspended. */
    public synchronized void resume() {
        if (suspension != null) {
            Suspension ending = suspension;
            suspension = null;
            ending.end();
        }
    }

    /** Ends the process in order (SIGTERM), by force when it takes too long, and waits for its end. */
    @Override
    public synchronized void close() {
        end();
        try {
            if (!process.waitFor(ORDERLY_END.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw interrupted(e);
        }
    }

    /** Asks the process to end in order and doesn't wait. */
    public synchronized void end() {
        resume();
        // Not the Process: that would close the pipe whose end means that this JVM is gone.
        process.toHandle().destroy();
    }

    /** @throws ProcessException with the last lines of the log, if the process has ended */
    public void requireAlive() {
        if (!process.isAlive()) {
            throw new ProcessException(this + " has ended with status " + process.exitValue() + ":\n" + lastLines(40));
        }
    }

    /** The end of what the process wrote, for messages of failure. */
    public String lastLines(int lines) {
        if (Files.notExists(log)) {
            return "";
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(0, file.length() - LAST_BYTES);
            byte[] bytes = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            List<String> all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            return "(" + log + " can't be read: " + e + ")";
        }
    }

    @Override
    public String toString() {
        return name + " (process " + pid() + ")";
    }

    private void awaitEnd() {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private ProcessException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new ProcessException("Interrupted while waiting for the end of " + this, e);
    }
}
