package io.ollyscale.jobs.export;

import io.ollyscale.jobs.UserFailure;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;

/**
 * A file that is there when it is complete and not before: it is written under another name beside it. Compressed where its
 * name ends with {@code .gz}.
 */
public final class OutputFile implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final Path directory;
    private final Path partial;
    private final FileChannel channel;
    private final OutputStream out;

    /**
     * @param replace whether there may be one already
     * @throws UserFailure if there is, if it is no file, or if its directory isn't there
     */
    public OutputFile(Path file, boolean replace) throws IOException {
        this.file = file;
        directory = file.toAbsolutePath().getParent();
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new UserFailure(file + " is no file");
        }
        // It has a parent, because the root would be no file.
        if (!Files.isDirectory(directory)) {
            throw new UserFailure("There is no directory " + directory);
        }
        if (Files.exists(file) && !replace) {
            throw new UserFailure(file + " exists: pass --force to replace it");
        }
        // In a container every process has the same id, and one that was killed leaves its file.
        partial = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".partial");
        channel = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream plain = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
        out = file.toString().endsWith(".gz") ? new GZIPOutputStream(plain, BUFFER_BYTES) : plain;
    }

    public OutputStream out() {
        return out;
    }

    /** Everything is written. Safe from a crash of the machine from then on. */
    public void complete() throws IOException {
        if (out instanceof GZIPOutputStream gzip) {
            gzip.finish();
        }
        out.flush();
        channel.force(true);
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel names = FileChannel.open(directory)) {
            names.force(true);
        }
    }

    /** Leaves nothing behind of a file that isn't complete. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(partial);
    }
}
