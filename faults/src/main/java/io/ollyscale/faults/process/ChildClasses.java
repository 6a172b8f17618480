package io.ollyscale.faults.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Single classes of ours for a class path that has nothing else of ours. */
public final class ChildClasses {

    private ChildClasses() {}

    /**
     * Copies the class, without nested ones, to where it belongs below the directory, and makes what is missing of that.
     *
     * @return the directory
     */
    public static Path copy(Class<?> type, Path directory) {
        String name = type.getName().replace('.', '/') + ".class";
        Path target = directory.resolve(name);
        if (Files.exists(target)) {
            return directory;
        }
        try (InputStream bytes = type.getClassLoader().getResourceAsStream(name)) {
            if (bytes == null) {
                throw new ProcessException("The bytes of " + type + " can't be found.");
            }
            Files.createDirectories(target.getParent());
            Files.copy(bytes, target);
            return directory;
        } catch (IOException e) {
            throw new ProcessException("The class " + type.getName() + " can't be copied to " + target + ": " + e, e);
        }
    }
}
