package io.ollyscale.local;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/**
 * Two Kafka brokers and a controller in this process, for tests of what a single broker can't do: lose the leader of a
 * partition, and with {@code unclean.leader.election.enable} on a topic the end of its log.
 *
 * <p>Safe for use by several threads. Every method throws {@link LocalStackException} when the cluster can't do what it
 * is asked for.
 */
public final class LocalKafkaCluster implements AutoCloseable {

    private static final int CONTROLLER = 0;
    private static final List<Integer> BROKERS = List.of(1, 2);

    private final Path directory = Directories.temporary("ollyscale-kafka-");
    private final Watchdog watchdog = Watchdog.start(List.of("true"), Optional.of(directory));
    private final KafkaNode controller;
    private final Map<Integer, KafkaNode> brokers = new TreeMap<>();
    private final String bootstrapServers;

    private LocalKafkaCluster() {
        int controllerPort = LoopbackPorts.free();
        Map<String, String> common = KafkaSettings.with(BROKERS.size());
        common.put("controller.quorum.voters", CONTROLLER + "@127.0.0.1:" + controllerPort);
        // A broker that led nothing can't register again before the session of its last run is over.
        common.put("broker.session.timeout.ms", "4000");
        common.put("broker.heartbeat.interval.ms", "500");

        Map<String, String> controllerSettings = new HashMap<>(common);
        // Kafka's own inter-broker listener is no listener of a controller.
        controllerSettings.remove("inter.broker.listener.name");
        controllerSettings.put("process.roles", "controller");
        controllerSettings.put("listeners", KafkaNode.CONTROLLER_LISTENER + "://127.0.0.1:" + controllerPort);
        controller =
                new KafkaNode(CONTROLLER, directory.resolve("controller"), List.of(controllerPort), controllerSettings);

        Map<Integer, Integer> ports = BROKERS.stream().collect(Collectors.toMap(id -> id, id -> LoopbackPorts.free()));
        ports.forEach((id, port) -> {
            Map<String, String> settings = new HashMap<>(common);
            settings.put("process.roles", "broker");
            settings.put("listeners", KafkaNode.BROKER_LISTENER + "://127.0.0.1:" + port);
            brokers.put(id, new KafkaNode(id, directory.resolve("broker-" + id), List.of(port), settings));
        });
        bootstrapServers =
                ports.values().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    /** Starts all three on free ports with temporary log directories; they accept clients when this returns. */
    public static LocalKafkaCluster start() {
        LocalKafkaCluster cluster = new LocalKafkaCluster();
        try {
            Uuid clusterId = Uuid.randomUuid();
            cluster.controller.format(clusterId);
            cluster.brokers.values().forEach(broker -> broker.format(clusterId));
            cluster.controller.start();
            cluster.brokers.values().forEach(KafkaNode::start);
            return cluster;
        } catch (RuntimeException e) {
            throw Cleanup.after(e, cluster::close);
        }
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /**
     * Creates a topic with a replica on both brokers unless it is there, and waits until each of its partitions has a
     * leader.
     *
     * @param settings of the topic, by Kafka's names
     */
    public void createTopic(String name, int partitions, Map<String, String> settings) {
        KafkaTopics.create(bootstrapServers, name, partitions, BROKERS.size(), settings);
    }

    /** The broker (1 or 2) that leads a partition; empty when none does. */
    public OptionalInt leader(String topic, int partition) {
        return KafkaTopics.leader(bootstrapServers, topic, partition);
    }

    /** The broker that isn't the given one. */
    public int other(int broker) {
        return BROKERS.stream().filter(id -> id != broker).findFirst().orElseThrow();
    }

    /** Starts a broker after {@link #stopBroker}; it accepts clients when this returns. */
    public synchronized void startBroker(int broker) {
        brokers.get(broker).start();
    }

    /** Stops a broker in order and waits for its end; the partitions that it leads go to the other if that is in sync. */
    public synchronized void stopBroker(int broker) {
        brokers.get(broker).stop();
    }

    /** Stops all and deletes their log directories. */
    @Override
    public synchronized void close() {
        brokers.values().forEach(KafkaNode::stop);
        controller.stop();
        Directories.delete(directory);
        watchdog.dismiss();
    }
}
