package io.ollyscale.local;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * A Kafka broker in this process on 127.0.0.1, its own KRaft controller. It takes records of up to
 * {@link #MAX_RECORD_BYTES} and creates no topic by itself.
 *
 * <p>Safe for use by several threads. Every method throws {@link LocalStackException} when the broker can't do what it
 * is asked for.
 */
public final class LocalKafka implements AutoCloseable {

    /** The largest record that the broker takes; producers need a {@code max.request.size} a little above. */
    public static final int MAX_RECORD_BYTES = 64 << 20;

    private static final int NODE_ID = 1;

    private final KafkaNode node;
    private final int port;
    private final Path logDirectory;
    private final Optional<Watchdog> watchdog;
    private final Optional<Path> temporary;

    private LocalKafka(KafkaNode node, int port, Path logDirectory, Optional<Path> temporary) {
        this.node = node;
        this.port = port;
        this.logDirectory = logDirectory;
        this.temporary = temporary;
        this.watchdog = temporary.map(directory -> Watchdog.start(List.of("true"), temporary));
    }

    public static Builder builder() {
        return new Builder();
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public Path logDirectory() {
        return logDirectory;
    }

    /** Starts the broker after {@link #stop}, on the same port and directory; does nothing while it runs. */
    public synchronized void start() {
        node.start();
    }

    /** Stops the broker in order and waits for its end; does nothing when it is stopped. */
    public synchronized void stop() {
        node.stop();
    }

    /** Creates a topic unless it is there, and waits until each of its partitions has a leader. */
    public void createTopic(String name, int partitions) {
        KafkaTopics.create(bootstrapServers(), name, partitions, 1, Map.of());
    }

    /** Stops the broker and deletes its log directory if that was temporary. */
    @Override
    public synchronized void close() {
        node.stop();
        temporary.ifPresent(Directories::delete);
        watchdog.ifPresent(Watchdog::dismiss);
    }

    @Override
    public String toString() {
        return "Kafka on " + bootstrapServers() + " in " + logDirectory;
    }

    /** By default: a free port, a temporary log directory. */
    public static final class Builder {

        private final Map<String, String> settings = new HashMap<>();
        private int port = LoopbackPorts.ANY;
        private Path logDirectory;

        private Builder() {}

        /** @param port for clients to connect to; 0 for a free one. The controller always takes a free one. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /**
         * A log directory that is kept; an existing one is used again, with its cluster id. After a crash the start
         * takes up to nine seconds, until the session of the crashed broker is over.
         */
        public Builder logDirectory(Path logDirectory) {
            this.logDirectory = logDirectory.toAbsolutePath().normalize();
            return this;
        }

        /** A broker setting by Kafka's name, such as {@code log.retention.ms}. */
        public Builder setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        /** Starts the broker; it accepts clients when this returns. */
        public LocalKafka start() {
            int claimed = LoopbackPorts.claim(port, "Kafka");
            int controllerPort = LoopbackPorts.free();
            Map<String, String> all = KafkaSettings.with(1);
            all.put("process.roles", "broker,controller");
            all.put(
                    "listeners",
                    KafkaNode.BROKER_LISTENER + "://127.0.0.1:" + claimed + "," + KafkaNode.CONTROLLER_LISTENER
                            + "://127.0.0.1:" + controllerPort);
            all.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
            all.putAll(settings);

            Optional<Path> temporary =
                    logDirectory == null ? Optional.of(Directories.temporary("ollyscale-kafka-")) : Optional.empty();
            Path directory = temporary.orElse(logDirectory);
            KafkaNode node = new KafkaNode(NODE_ID, directory, List.of(claimed, controllerPort), all);
            LocalKafka kafka = new LocalKafka(node, claimed, directory, temporary);
            try {
                node.format(Uuid.randomUuid());
                node.start();
                return kafka;
            } catch (RuntimeException e) {
                throw Cleanup.after(e, kafka::close);
            }
        }
    }
}
