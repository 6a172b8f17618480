package io.ollyscale.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where the checkout's parts are: given as system properties by {@code faults/run} and by the build. */
final class Installation {
    private Installation() {}

    static Path flinkConf() {
        return required("ollyscale.flink.conf");
    }

    /** What is submitted to a cluster. */
    static Path jobJar() {
        return required("ollyscale.job.jar");
    }

    static void delete(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }

    private static Path required(String property) {
        String value = System.getProperty(property);
        if (value == null || !Files.exists(Path.of(value))) {
            throw new IllegalStateException("-D" + property + " doesn't name a file: " + value);
        }
        return Path.of(value);
    }
}
