package io.ollyscale.faults.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How children log: to their standard output, which is their log file. */
final class ChildLogging {

    private static final String SETTINGS = """
            status = error
            appender.console.type = Console
            appender.console.name = console
            appender.console.layout.type = PatternLayout
            appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} [%t] %m%n%xEx
            rootLogger.level = info
            rootLogger.appenderRef.console.ref = console
            # Writes every line of config.yaml, passwords in URLs included.
            logger.configuration.name = org.apache.flink.configuration
            logger.configuration.level = warn
            # Hundreds of lines about each start, and one about each lost connection.
            logger.kafka.name = org.apache.kafka
            logger.kafka.level = error
            logger.broker.name = kafka
            logger.broker.level = warn
            logger.state.name = state.change.logger
            logger.state.level = warn
            logger.zookeeper.name = org.apache.flink.shaded.zookeeper3.org.apache.zookeeper
            logger.zookeeper.level = warn
            logger.pekko.name = org.apache.pekko
            logger.pekko.level = warn
            """;

    private ChildLogging() {}

    /** @return the file for {@code -Dlog4j2.configurationFile} */
    static Path write(Path directory) {
        Path file = directory.resolve("log4j2.properties");
        try {
            if (Files.notExists(file)) {
                Files.createDirectories(directory);
                Files.writeString(file, SETTINGS);
            }
            return file;
        } catch (IOException e) {
            throw new ProcessException("The log settings " + file + " can't be written: " + e, e);
        }
    }
}
