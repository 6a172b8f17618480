package io.ollyscale.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** The superuser's generated password, kept in a file beside the data directory that only its owner can read. */
final class PostgresPassword {

    private static final int BYTES = 24;

    private final Path file;
    private String value;

    PostgresPassword(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** Of letters, digits, - and _, so that it stands in a URI as it is. */
    String value() {
        return value;
    }

    void create(PostgresAccount account) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        Path unfinished = Files.createTempFile(
                file.getParent(),
                ".password-",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(unfinished, Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
        account.own(unfinished);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    void read() throws IOException {
        if (Files.notExists(file)) {
            throw new LocalStackException("The password of the data directory beside it is missing: " + file
                    + ". Restore that file, or choose another directory.");
        }
        value = Files.readString(file).strip();
    }
}
