package io.ollyscale.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/** Directories, as the servers here need them. */
final class Directories {

    /** Linux has a file system in memory here, for everybody; containers often have one of a few megabytes. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private Directories() {}

    /**
     * In memory where that has room, otherwise as {@link #temporary}.
     *
     * @param bytes that the directory may come to hold
     */
    static Path inMemory(String prefix, long bytes) {
        try {
            if (Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() >= bytes) {
                return Files.createTempDirectory(MEMORY, prefix).toRealPath();
            }
        } catch (IOException unusable) {
            // There is another place.
        }
        return temporary(prefix);
    }

    static Path temporary(String prefix) {
        try {
            return Files.createTempDirectory(prefix).toRealPath();
        } catch (IOException e) {
            throw new LocalStackException(
                    "No temporary directory can be made in " + System.getProperty("java.io.tmpdir") + " (" + e
                            + "): choose a place with -Djava.io.tmpdir.",
                    e);
        }
    }

    static boolean isMissingOrEmpty(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return true;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    /** Deletes the directory and all that is in it; never follows a symbolic link. */
    static void delete(Path directory) {
        try {
            if (Files.exists(directory)) {
                Files.walkFileTree(directory, new DeletingVisitor());
            }
        } catch (IOException e) {
            throw new LocalStackException("The directory " + directory + " can't be deleted: " + e, e);
        }
    }

    private static final class DeletingVisitor extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
