package io.ollyscale.jobs.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** {@code ollyscale local} in a process of its own, on free ports, with everything temporary below one directory. */
final class LocalProcess implements AutoCloseable {

    private final Process process;
    private final Path temporary;
    private final Path runtime;
    private final List<String> out = Collections.synchronizedList(new ArrayList<>());
    private final List<String> err = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> readers;

    private LocalProcess(Process process, Path temporary, Path runtime) {
        this.process = process;
        this.temporary = temporary;
        this.runtime = runtime;
        this.readers = List.of(read(process.inputReader(), out), read(process.errorReader(), err));
    }

    static LocalProcess start(Path directory, String... arguments) throws IOException {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Path runtime = Files.createDirectory(directory.resolve("run"));
        List<String> all = new ArrayList<>(List.of("local", "--conf-dir=../flink-conf"));
        for (String port : List.of("postgres", "kafka", "otlp-grpc", "otlp-http", "ui")) {
            all.add("--" + port + "-port=0");
        }
        all.addAll(List.of(arguments));
        return start(directory.resolve("log"), temporary, runtime, all);
    }

    /** Another command of the same user, in a process of its own. */
    LocalProcess command(Path directory, String... arguments) throws IOException {
        return command(directory, runtime, arguments);
    }

    /** Any command, in a process of its own. */
    static LocalProcess command(Path directory, Path runtime, String... arguments) throws IOException {
        return start(
                directory.resolve("command.log"),
                Files.createTempDirectory(directory, "command"),
                runtime,
                List.of(arguments));
    }

    private static LocalProcess start(Path log, Path temporary, Path runtime, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                // It lives for seconds.
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-Dlog4j2.configurationFile=../flink-conf/log4j2-cli.properties",
                "-Dollyscale.log.file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                Ollyscale.class.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("XDG_RUNTIME_DIR", runtime.toString());
        return new LocalProcess(builder.start(), temporary, runtime);
    }

    /** Lines of stdout so far. */
    List<String> out() {
        return List.copyOf(out);
    }

    /** Lines of stderr so far. */
    List<String> err() {
        return List.copyOf(err);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    LocalModeFile file() {
        return new LocalModeFile(runtime.resolve("ollyscale").resolve("local.properties"));
    }

    /** What is there now of its temporary files. */
    List<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.toList();
        }
    }

    /** PostgreSQL's main process; null where none was started yet. */
    ProcessHandle postmaster() throws IOException {
        for (Path directory : temporaryFiles()) {
            Path file = directory.resolve("data").resolve("postmaster.pid");
            if (Files.exists(file)) {
                return ProcessHandle.of(Long.parseLong(Files.readAllLines(file).get(0)))
                        .orElseThrow();
            }
        }
        return null;
    }

    /** As Ctrl-C does to the process itself. */
    void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    /** Waits for its end, and for its last words. */
    int waitFor() throws InterruptedException {
        int status = process.waitFor();
        for (Thread reader : readers) {
            reader.join();
        }
        return status;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static Thread read(BufferedReader reader, List<String> lines) {
        Thread thread = new Thread(() -> reader.lines().forEach(lines::add));
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
