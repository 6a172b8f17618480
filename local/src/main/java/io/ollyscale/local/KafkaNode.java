package io.ollyscale.local;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;

/** One Kafka server in this process with its log directory: a broker, a controller, or both. Not thread-safe. */
final class KafkaNode {

    static final String CONTROLLER_LISTENER = "CONTROLLER";
    static final String BROKER_LISTENER = "BROKER";

    private static final String LOCK_FILE = ".lock";

    private final int id;
    private final Path logDirectory;
    private final Map<String, String> settings;
    private final List<Integer> ports;
    private KafkaRaftServer server;

    /**
     * @param ports that the settings make it listen on
     */
    KafkaNode(int id, Path logDirectory, List<Integer> ports, Map<String, String> settings) {
        this.id = id;
        this.logDirectory = logDirectory;
        this.ports = ports;
        this.settings = new HashMap<>(settings);
        this.settings.put("node.id", Integer.toString(id));
        this.settings.put("log.dirs", logDirectory.toString());
    }

    /** Makes the log directory unless there is one, which keeps its cluster id. */
    void format(Uuid clusterId) {
        try {
            if (Files.exists(logDirectory.resolve(MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
                return;
            }
            if (!Directories.isMissingOrEmpty(logDirectory)) {
                throw new LocalStackException("The directory " + logDirectory
                        + " holds something else than Kafka's data: choose an empty or a new directory.");
            }
            Files.createDirectories(logDirectory);
        } catch (IOException e) {
            throw new LocalStackException("Kafka's log directory " + logDirectory + " can't be made or read: " + e, e);
        }
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream())) {
            new Formatter()
                    .setPrintStream(nowhere)
                    .setNodeId(id)
                    .setClusterId(clusterId.toString())
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setControllerListenerName(CONTROLLER_LISTENER)
                    .setMetadataLogDirectory(logDirectory.toString())
                    .addDirectory(logDirectory.toString())
                    .run();
        } catch (Exception e) {
            throw new LocalStackException("Kafka's log directory " + logDirectory + " can't be formatted: " + e, e);
        }
    }

    /** Starts the server; a broker accepts clients when this returns. Does nothing while it runs. */
    void start() {
        if (server != null) {
            return;
        }
        // Kafka would end this process on either.
        ports.forEach(port -> LoopbackPorts.requireFree(port, "Kafka"));
        requireUnlocked();
        try {
            KafkaRaftServer starting = new KafkaRaftServer(KafkaConfig.fromProps(properties(), false), Time.SYSTEM);
            try {
                starting.startup();
            } catch (RuntimeException e) {
                throw Cleanup.after(e, starting::shutdown);
            }
            server = starting;
        } catch (RuntimeException e) {
            throw new LocalStackException("Kafka doesn't start in " + logDirectory + ": " + e.getMessage(), e);
        }
    }

    /** Stops the server in order and waits for its end; does nothing when it is stopped. */
    void stop() {
        if (server == null) {
            return;
        }
        server.shutdown();
        server.awaitShutdown();
        server = null;
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.putAll(settings);
        return properties;
    }

    private void requireUnlocked() {
        try (FileChannel file = FileChannel.open(
                        logDirectory.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.tryLock()) {
            if (lock == null) {
                throw inUse();
            }
        } catch (OverlappingFileLockException e) {
            throw inUse();
        } catch (IOException e) {
            throw new LocalStackException("Kafka's log directory " + logDirectory + " can't be locked: " + e, e);
        }
    }

    private LocalStackException inUse() {
        return new LocalStackException("Kafka's log directory " + logDirectory
                + " is in use by another broker: stop that broker, or choose another directory.");
    }
}
