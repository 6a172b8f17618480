package io.ollyscale.jobs.testing;

import io.ollyscale.schema.policy.PolicyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A directory as Kubernetes mounts a ConfigMap: each file is a link into {@code ..data}, a link itself, and a change is one
 * rename of that.
 */
public final class ConfigMapDirectory {
    private final Path directory;
    private int changes;

    public ConfigMapDirectory(Path directory, String promoted, String dropped) throws IOException {
        this.directory = directory;
        change(promoted, dropped);
        for (String file : new String[] {PolicyFiles.PROMOTED, PolicyFiles.DROPPED}) {
            Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
        }
    }

    public void change(String promoted, String dropped) throws IOException {
        Path data = directory.resolve("..data");
        Path before = Files.exists(data) ? data.toRealPath() : null;
        Path now = Files.createDirectory(directory.resolve("..change_" + ++changes));
        Files.writeString(now.resolve(PolicyFiles.PROMOTED), promoted);
        Files.writeString(now.resolve(PolicyFiles.DROPPED), dropped);
        Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), now.getFileName());
        Files.move(link, data, StandardCopyOption.ATOMIC_MOVE);
        if (before != null) {
            Files.delete(before.resolve(PolicyFiles.PROMOTED));
            Files.delete(before.resolve(PolicyFiles.DROPPED));
            Files.delete(before);
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
