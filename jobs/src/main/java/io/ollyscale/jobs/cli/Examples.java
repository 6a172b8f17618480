package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The example queries: {@code examples/<name>.sql} on the class path, each with what it shows as its first comment. */
final class Examples {

    private static final String DIRECTORY = "examples";
    private static final String SUFFIX = ".sql";

    private Examples() {}

    /** @throws UserFailure if there is none of that name */
    static String query(String name) {
        try (InputStream in = Examples.class.getResourceAsStream("/" + DIRECTORY + "/" + name + SUFFIX)) {
            if (in == null) {
                throw new UserFailure("There is no example @" + name + "; \"ollyscale sql @\" lists them");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What each one shows, by name. */
    static Map<String, String> all() {
        try {
            Path location = Path.of(Examples.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isDirectory(location)) {
                return all(location.resolve(DIRECTORY));
            }
            try (FileSystem jar = FileSystems.newFileSystem(location)) {
                return all(jar.getPath(DIRECTORY));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> all(Path directory) throws IOException {
        Map<String, String> examples = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(SUFFIX))
                    .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                    .forEach(name -> examples.put(name, description(query(name))));
        }
        return examples;
    }

    private static String description(String query) {
        return query.lines().findFirst().orElse("").replaceFirst("^-- *", "");
    }
}
