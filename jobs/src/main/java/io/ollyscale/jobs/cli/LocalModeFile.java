package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.PostgresUrl;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/**
 * The file in which a running local mode says how to reach it, so that the other commands need no options. It holds the
 * database's password: only its owner may read it.
 *
 * @param path of the file, which need not exist
 */
public record LocalModeFile(Path path) {

    /**
     * How to reach what local mode runs.
     *
     * @param postgres a URI with user and password
     * @param kafka bootstrap servers
     * @param otlpGrpc URL of the OTLP endpoint for gRPC, as OTEL_EXPORTER_OTLP_ENDPOINT takes it
     * @param otlpHttp URL of the OTLP endpoint for HTTP, as OTEL_EXPORTER_OTLP_ENDPOINT takes it
     * @param ui URL of Flink's web UI
     * @param signals options of the job by their keys: which signals it stores, of which topics, in which encodings
     */
    public record Connections(
            String postgres, String kafka, String otlpGrpc, String otlpHttp, String ui, Map<String, String> signals) {

        public Connections {
            signals = Map.copyOf(signals);
        }

        /** What a line READY says, the password included. */
        String line() {
            return line(postgres);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return line(PostgresUrl.parse(postgres).toString());
        }

        private String line(String postgresUrl) {
            return "postgres=" + postgresUrl + " kafka=" + kafka + " otlp-grpc=" + otlpGrpc + " otlp-http=" + otlpHttp
                    + " ui=" + ui;
        }
    }

    /** The place for this user: gone with the login session where the system has such a directory. */
    public static LocalModeFile ofUser() {
        return ofUser(System.getenv(), System.getProperty("user.home"));
    }

    static LocalModeFile ofUser(Map<String, String> environment, String home) {
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path directory =
                !runtime.isEmpty() && Files.isWritable(Path.of(runtime)) ? Path.of(runtime) : Path.of(home, ".cache");
        return new LocalModeFile(directory.resolve("ollyscale").resolve("local.properties"));
    }

    /** Says that this process accepts data there. Replaces what another one said. */
    public void write(Connections connections) {
        Properties properties = new Properties();
        properties.setProperty("postgres", connections.postgres());
        properties.setProperty("kafka", connections.kafka());
        properties.setProperty("otlp-grpc", connections.otlpGrpc());
        properties.setProperty("otlp-http", connections.otlpHttp());
        properties.setProperty("ui", connections.ui());
        connections.signals().forEach(properties::setProperty);
        properties.setProperty("pid", Long.toString(ProcessHandle.current().pid()));
        try {
            Files.createDirectories(path.getParent());
            // With the rights from its first byte on, and whole at once.
            Path draft = Files.createTempFile(
                    path.getParent(),
                    "local",
                    ".draft",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (Writer writer = Files.newBufferedWriter(draft)) {
                properties.store(writer, "How to reach the local mode that runs; it deletes this file when it stops.");
            }
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UserFailure("Can't write " + path + ", where other commands find the local mode: " + e, e);
        }
    }

    /** What the running local mode said; empty where none runs. */
    public Optional<Connections> read() {
        return properties()
                .filter(properties -> isRunning(properties.getProperty("pid", "")))
                .map(properties -> new Connections(
                        properties.getProperty("postgres", ""),
                        properties.getProperty("kafka", ""),
                        properties.getProperty("otlp-grpc", ""),
                        properties.getProperty("otlp-http", ""),
                        properties.getProperty("ui", ""),
                        signals(properties)));
    }

    /** A configuration's options that {@link Connections#signals} is to hold. */
    static Map<String, String> signals(Configuration options) {
        Map<String, String> signals = new HashMap<>();
        for (Signal signal : Signal.values()) {
            for (ConfigOption<?> option : optionsOf(signal)) {
                signals.put(option.key(), options.get(option).toString());
            }
        }
        return signals;
    }

    /**
     * The signals' options of the job that reads from a Kafka: the running local mode's if the Kafka is its own.
     *
     * @param kafka bootstrap servers; not asked for where no local mode runs
     * @param options for every other Kafka, and for all that isn't a signal's
     */
    Configuration signalOptions(Supplier<String> kafka, Configuration options) {
        Configuration ofJob = new Configuration(options);
        read().filter(running -> running.kafka().equals(kafka.get()))
                .ifPresent(running -> running.signals().forEach(ofJob::setString));
        return ofJob;
    }

    private static Map<String, String> signals(Properties properties) {
        Map<String, String> signals = new HashMap<>();
        for (Signal signal : Signal.values()) {
            for (ConfigOption<?> option : optionsOf(signal)) {
                String value = properties.getProperty(option.key());
                if (value != null) {
                    signals.put(option.key(), value);
                }
            }
        }
        return signals;
    }

    private static List<ConfigOption<?>> optionsOf(Signal signal) {
        SignalOptions options = SignalOptions.of(signal);
        return List.of(options.enabled(), options.topic(), options.encoding());
    }

    /** Takes back what this process said; does nothing where another one has said something since. */
    public void delete() {
        String own = Long.toString(ProcessHandle.current().pid());
        if (properties()
                .filter(properties -> own.equals(properties.getProperty("pid")))
                .isEmpty()) {
            return;
        }
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UserFailure("Can't delete " + path + ": " + e, e);
        }
    }

    private Optional<Properties> properties() {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path)) {
            properties.load(reader);
            return Optional.of(properties);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw new UserFailure("Can't read " + path + ", where local mode says how to reach it: " + e, e);
        }
    }

    private static boolean isRunning(String pid) {
        return pid.matches("[0-9]{1,18}")
                && ProcessHandle.of(Long.parseLong(pid))
                        .map(ProcessHandle::isAlive)
                        .orElse(false);
    }
}
