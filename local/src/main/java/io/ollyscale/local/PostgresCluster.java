package io.ollyscale.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The files of one PostgreSQL server ("cluster" in PostgreSQL's words) and its programs: {@code initdb}, {@code pg_ctl}.
 * Beside the data directory, under its name, stand the server's log and the password's file.
 */
final class PostgresCluster {

    static final String SUPERUSER = "ollyscale";

    private static final int MAJOR_VERSION = 18;
    private static final String CONFIGURATION = "ollyscale.conf";
    // Crash recovery counts as a start.
    private static final int START_SECONDS = 300;
    private static final int STOP_SECONDS = 120;
    private static final int LOG_LINES_SHOWN = 8;

    private final PostgresAccount account;
    private final Path installation;
    private final Path data;
    private final Path log;
    private final PostgresPassword password;

    PostgresCluster(PostgresAccount account, Path installation, Path data) {
        this.account = account;
        this.installation = installation;
        this.data = data;
        this.log = data.resolveSibling(data.getFileName() + ".log");
        this.password = new PostgresPassword(data.resolveSibling(data.getFileName() + ".password"));
    }

    String password() {
        return password.value();
    }

    /** Makes the data directory unless there is one that this PostgreSQL can use. */
    void initialize(List<String> options) {
        try {
            Files.createDirectories(data.getParent());
            if (Directories.isMissingOrEmpty(data)) {
                initdb(options);
            } else {
                check();
                requireUnused();
            }
            password.read();
        } catch (IOException e) {
            throw new LocalStackException("PostgreSQL's data directory " + data + " can't be made or read: " + e, e);
        }
    }

    /** Writes the settings that the next start takes, in place of those of the last one. */
    void configure(Map<String, String> settings) {
        String lines = new TreeMap<>(settings)
                .entrySet().stream()
                        .map(setting -> setting.getKey() + " = '"
                                + setting.getValue().replace("\\", "\\\\").replace("'", "''") + "'\n")
                        .collect(Collectors.joining());
        try {
            Files.writeString(data.resolve(CONFIGURATION), lines);
        } catch (IOException e) {
            throw new LocalStackException("PostgreSQL's settings can't be written to " + data + ": " + e, e);
        }
    }

    /** Fails if a server runs on the data directory. */
    void requireUnused() throws IOException {
        Optional<ProcessHandle> process = postmaster();
        if (process.isPresent()) {
            throw new LocalStackException("The data directory " + data + " is in use by the PostgreSQL server with"
                    + " process id " + process.get().pid() + ": stop that process, or choose another directory.");
        }
    }

    /** Starts the server and waits until it accepts connections. */
    void start() {
        try {
            prepareLog();
            int logged = Math.toIntExact(Files.size(log));
            Program.Result result = run(List.of(
                    program("pg_ctl"),
                    "start",
                    "-s",
                    "-w",
                    "-t",
                    Integer.toString(START_SECONDS),
                    "-D",
                    data.toString(),
                    "-l",
                    log.toString()));
            if (result.status() != 0) {
                byte[] all = Files.readAllBytes(log);
                String said = new String(all, logged, all.length - logged, StandardCharsets.UTF_8);
                throw new LocalStackException("PostgreSQL doesn't start in " + data + ": "
                        + oneLine(said.isBlank() ? result.output() : lastLines(said)) + " (its log is " + log + ")");
            }
        } catch (IOException e) {
            throw new LocalStackException("PostgreSQL can't be started in " + data + ": " + e, e);
        }
    }

    /** Stops the server if it runs and waits for its end. */
    void stop(LocalPostgres.ShutdownMode mode) {
        try {
            if (postmaster().isEmpty()) {
                return;
            }
            Program.Result result = Program.run(stopCommand(mode));
            if (result.status() != 0 && postmaster().isPresent()) {
                throw new LocalStackException("PostgreSQL doesn't stop in " + data + ": " + oneLine(result.output())
                        + " (its log is " + log + ")");
            }
        } catch (IOException e) {
            throw new LocalStackException("PostgreSQL can't be stopped in " + data + ": " + e, e);
        }
    }

    List<String> stopCommand(LocalPostgres.ShutdownMode mode) {
        return account.commandLine(List.of(
                program("pg_ctl"),
                "stop",
                "-s",
                "-w",
                "-t",
                Integer.toString(STOP_SECONDS),
                "-m",
                mode.option(),
                "-D",
                data.toString()));
    }

    /** The server's main process, if it runs. Forgets the file that names it if that process is now another program. */
    Optional<ProcessHandle> postmaster() throws IOException {
        try {
            return namedPostmaster();
        } catch (NoSuchFileException e) {
            // A server that ends takes its file and its directory in /proc away at any moment.
            return Optional.empty();
        }
    }

    private Optional<ProcessHandle> namedPostmaster() throws IOException {
        Path file = data.resolve("postmaster.pid");
        String firstLine = Files.readAllLines(file).stream().findFirst().orElse("");
        if (firstLine.isBlank()) {
            // A crash of the machine just after a start leaves the file empty, and PostgreSQL wouldn't start over it.
            Files.delete(file);
            return Optional.empty();
        }
        Optional<ProcessHandle> process =
                ProcessHandle.of(Long.parseLong(firstLine)).filter(ProcessHandle::isAlive);
        Path workingDirectory = Path.of("/proc", firstLine, "cwd");
        // A postmaster works in its data directory. PostgreSQL itself knows only whether the id is in use, and after a
        // restart of a machine or container it often is.
        if (process.isPresent() && Files.isReadable(workingDirectory) && !Files.isSameFile(workingDirectory, data)) {
            Files.delete(file);
            return Optional.empty();
        }
        return process;
    }

    private void initdb(List<String> options) throws IOException {
        password.create(account);
        // Complete or not there: an interrupted initdb leaves a directory that is neither.
        Path unfinished = data.resolveSibling("." + data.getFileName() + ".unfinished");
        Directories.delete(unfinished);
        Files.createDirectory(
                unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        account.own(unfinished);
        List<String> command = new ArrayList<>(List.of(
                program("initdb"),
                "-D",
                unfinished.toString(),
                "--username=" + SUPERUSER,
                "--pwfile=" + password.file(),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions"));
        command.addAll(options);
        Program.Result result = run(command);
        if (result.status() != 0) {
            throw new LocalStackException("initdb fails for " + data + ": " + oneLine(result.output()));
        }
        Path main = unfinished.resolve("postgresql.conf");
        Files.writeString(main, Files.readString(main) + "\ninclude_if_exists '" + CONFIGURATION + "'\n");
        Files.deleteIfExists(data);
        Files.move(unfinished, data);
    }

    private void check() throws IOException {
        Path file = data.resolve("PG_VERSION");
        if (Files.notExists(file)) {
            throw new LocalStackException("The directory " + data
                    + " holds something else than PostgreSQL's data: choose an empty or a new directory.");
        }
        String version = Files.readString(file).strip();
        if (!version.equals(Integer.toString(MAJOR_VERSION))) {
            throw new LocalStackException("The data directory " + data + " is of PostgreSQL " + version + ", this is "
                    + MAJOR_VERSION + ": choose another directory, or dump it with version " + version
                    + " and load it into a new one.");
        }
    }

    private void prepareLog() throws IOException {
        if (Files.notExists(log)) {
            Files.createFile(log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            account.own(log);
        }
    }

    private Program.Result run(List<String> command) {
        try {
            return Program.run(account.commandLine(command));
        } catch (IOException e) {
            throw new LocalStackException(
                    "PostgreSQL's programs can't be run here (" + e.getMessage()
                            + "; on Linux they need glibc): use a PostgreSQL server of your own.",
                    e);
        }
    }

    private String program(String name) {
        return installation.resolve("bin").resolve(name).toString();
    }

    /** The end of a server's log, without the time and process id before each line. */
    private static String lastLines(String log) {
        List<String> lines = log.lines()
                .map(line -> line.replaceFirst("^.*? \\[\\d+] (?=[A-Z]+: )", ""))
                .toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " | ");
    }
}
