package io.ollyscale.faults.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files of a stopped server, and a copy of them. */
final class ServerFiles {

    private final Path data;
    private final Path wal;
    private final Path backup;

    ServerFiles(Path data, Path wal, Path backup) {
        this.data = data;
        this.wal = wal;
        this.backup = backup;
    }

    boolean areBackedUp() {
        return Files.isDirectory(backup);
    }

    /** Replaces an earlier copy. */
    void backUp() throws IOException {
        Path unfinished = backup.resolveSibling(backup.getFileName() + ".unfinished");
        delete(unfinished);
        Files.createDirectories(unfinished);
        copy(data, unfinished.resolve("data"));
        copy(wal, unfinished.resolve("wal"));
        delete(backup);
        Files.move(unfinished, backup);
    }

    void restore() throws IOException {
        empty(data);
        empty(wal);
        copy(backup.resolve("data"), data);
        copy(backup.resolve("wal"), wal);
    }

    /** With owners, permissions and symbolic links, which Java doesn't promise to copy. */
    private static void copy(Path from, Path to) throws IOException {
        Command.run("cp", "-a", "-T", from.toString(), to.toString());
    }

    private static void delete(Path directory) throws IOException {
        Command.run("rm", "-rf", "--", directory.toString());
    }

    private static void empty(Path directory) throws IOException {
        List<String> command = new ArrayList<>(List.of("rm", "-rf", "--"));
        try (Stream<Path> entries = Files.list(directory)) {
            entries.forEach(entry -> command.add(entry.toString()));
        }
        Command.run(command.toArray(String[]::new));
    }
}
