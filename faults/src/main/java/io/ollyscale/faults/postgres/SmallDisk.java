package io.ollyscale.faults.postgres;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file system in memory that is small enough to be filled. It is unmounted when this JVM ends, however it ends. */
final class SmallDisk implements AutoCloseable {

    /*
     * Reads a line when the disk is closed, the end of the pipe when the JVM is gone. A server on the disk may still run
     * then, or just be starting: unmounting fails as long as one does, and is forced at last.
     */
    private static final String WATCH = """
            trap '' INT HUP QUIT TERM
            read -r line && exit 0
            for attempt in $(seq 60); do
                for file in "$1"/*/postmaster.pid; do
                    if [ -f "$file" ]; then kill -QUIT "$(head -n 1 "$file")"; fi
                done
                umount "$1" && exit 0
                sleep 0.5
            done
            umount -l "$1"
            """;

    private static final int BLOCK = 1 << 20;
    private static final int SMALLEST_BLOCK = 4096;
    private static final int ATTEMPTS = 20;

    private final Path root;
    private final Path ballast;
    private final Process watch;

    private SmallDisk(Path root, Process watch) {
        this.root = root;
        this.watch = watch;
        ballast = root.resolve("ballast");
    }

    /**
     * @param root made if it is missing, else empty
     * @throws IOException if it can't be mounted, which takes root's rights
     */
    static SmallDisk mount(Path root, int megabytes) throws IOException {
        Files.createDirectories(root);
        // Before there is anything to unmount: this JVM may be gone at any moment.
        SmallDisk disk = new SmallDisk(root, watch(root));
        try {
            // Entered by whichever user PostgreSQL runs as.
            Command.run(
                    "mount",
                    "-t",
                    "tmpfs",
                    "-o",
                    "size=" + megabytes + "m,mode=755",
                    "ollyscale-faults",
                    root.toString());
            return disk;
        } catch (IOException e) {
            disk.dismissWatch();
            throw e;
        }
    }

    private static Process watch(Path root) throws IOException {
        return new ProcessBuilder("/bin/sh", "-c", WATCH, "ollyscale-unmount", root.toString())
                .directory(Path.of("/").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Leaves not a byte, also of what others give back meanwhile. */
    void fill() throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS && free() > 0; attempt++) {
            try (FileChannel channel =
                    FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                for (int size = BLOCK; size >= SMALLEST_BLOCK; size /= 2) {
                    writeUntilFull(channel, size);
                }
            }
        }
    }

    /** Bytes. */
    long free() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    /** Gives back what {@link #fill} took. */
    void empty() throws IOException {
        Files.deleteIfExists(ballast);
    }

    /** Unmounts it, with all that is on it. */
    @Override
    public void close() throws IOException {
        try {
            Command.run("umount", root.toString());
        } catch (IOException busy) {
            Command.run("umount", "-l", root.toString());
        }
        dismissWatch();
    }

    /** Leaves it to the shell, as the end of this JVM does. */
    void abandon() throws IOException {
        watch.getOutputStream().close();
    }

    private void dismissWatch() throws IOException {
        try (OutputStream pipe = watch.getOutputStream()) {
            pipe.write('\n');
        }
    }

    private static void writeUntilFull(FileChannel channel, int size) {
        ByteBuffer zeros = ByteBuffer.allocateDirect(size);
        try {
            while (channel.write(zeros) > 0) {
                zeros.clear();
            }
        } catch (IOException full) {
            // What the loop is for: there is no other error that a file in memory has.
            return;
        }
    }
}
