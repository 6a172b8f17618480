package io.ollyscale.faults.kafka;

import io.ollyscale.faults.process.ChildJvm;
import io.ollyscale.faults.process.ProcessException;
import io.ollyscale.faults.process.Waiting;
import io.ollyscale.local.LoopbackPorts;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * The broker of local mode in a process of its own, on one port and one log directory through all its starts. Not safe
 * for use by several threads.
 */
public final class BrokerProcess implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(60);
    private static final int MILLIS = 1_000;

    private static final List<String> JVM_ARGUMENTS =
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    /** Unless the caller sets something else. */
    private static final Map<String, String> SETTINGS = Map.of(
            // A killed broker's session must be over before it can register again: this is most of a start after a
            // kill.
            "broker.session.timeout.ms", "1500",
            "broker.heartbeat.interval.ms", "300",
            // Records whose times are of the past are kept.
            "log.retention.ms", "-1");

    private final Path directory;
    private final int port;
    private final Map<String, String> settings;
    private ChildJvm process;

    /**
     * Starts nothing yet.
     *
     * @param directory for the broker's log directory and the log of its process; made if it is missing
     * @param settings of the broker by Kafka's names
     */
    public BrokerProcess(Path directory, Map<String, String> settings) {
        this.directory = directory.toAbsolutePath().normalize();
        this.port = LoopbackPorts.free();
        this.settings = new HashMap<>(SETTINGS);
        this.settings.putAll(settings);
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** Starts the broker; it answers when this returns. Does nothing while it runs. */
    public void start() {
        if (process != null && process.isAlive()) {
            return;
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new ProcessException("The broker's directory " + directory + " can't be made: " + e, e);
        }
        List<String> arguments =
                new ArrayList<>(List.of(Integer.toString(port), logDirectory().toString()));
        settings.forEach((name, value) -> arguments.addAll(List.of(name, value)));
        process = ChildJvm.start(
                "broker",
                directory.resolve("broker.log"),
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(Path::of)
                        .toList(),
                JVM_ARGUMENTS,
                BrokerMain.class.getName(),
                arguments);
        awaitStart();
    }

    /** The process of the last start. */
    public ChildJvm process() {
        if (process == null) {
            throw new IllegalStateException("The broker was never started.");
        }
        return process;
    }

    /** SIGKILL. */
    public void kill() {
        process().kill();
    }

    /** Stops the broker in order; does nothing when it isn't running. */
    public void stop() {
        if (process != null) {
            process.close();
        }
    }

    /**
     * Cuts the end off the log of a stopped partition, as a disk does that lost its last writes. The start after that
     * finds the log's new end, and gives new records a higher leader epoch.
     *
     * @return the log's new end: the given offset, or the first one of the batch of records that it is in
     * @throws IllegalStateException while the broker runs
     * @throws IllegalArgumentException if the log begins after the offset or ends before it
     */
    public long truncate(String topic, int partition, long offset) {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException("The broker runs.");
        }
        try {
            return new PartitionLog(logDirectory(), topic, partition).truncate(offset);
        } catch (IOException e) {
            throw new ProcessException(
                    "The log of " + topic + "-" + partition + " can't be cut at " + offset + ": " + e, e);
        }
    }

    @Override
    public void close() {
        stop();
    }

    private Path logDirectory() {
        return directory.resolve("data");
    }

    private void awaitStart() {
        // A connection first: the client writes a warning for each that it is refused.
        Waiting.until("the broker takes connections", START, () -> isListening(), () -> process.lastLines(40));
        Map<String, Object> client = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2 * MILLIS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5 * MILLIS);
        try (Admin admin = Admin.create(client)) {
            Waiting.until("the broker answers", START, () -> describesItself(admin), () -> process.lastLines(40));
        }
    }

    private boolean isListening() throws IOException {
        process.requireAlive();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), MILLIS);
            return true;
        }
    }

    private boolean describesItself(Admin admin) throws InterruptedException, ExecutionException {
        process.requireAlive();
        return !admin.describeCluster().nodes().get().isEmpty();
    }
}
