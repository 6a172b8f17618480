package io.ollyscale.faults.rounds;

import io.ollyscale.faults.load.Load;
import io.ollyscale.faults.load.NumberedEncoding;
import io.ollyscale.faults.load.Outcome;
import io.ollyscale.faults.postgres.StoreDatabase;
import io.ollyscale.faults.process.Waiting;
import io.ollyscale.functions.testing.StoreProgress;
import io.ollyscale.functions.testing.TestTopic;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.common.TopicPartition;

/** A topic for each signal that load flows to, a store, and the job between them. Not thread-safe. */
public final class Pipeline implements AutoCloseable {
    public static final int PARTITIONS = 4;
    public static final int PARALLELISM = 2;

    private static final int RECORDS_PER_SECOND = 15;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** What the README tells to do about a job that has stopped for good. */
    private static final String WAY_OUT = "without state";

    private final Servers servers;
    private final Path jobJar;
    private final Path policy;
    private final StoreDatabase store;
    private final Map<Signal, TestTopic> topics = new EnumMap<>(Signal.class);
    private final Load load;
    private JobID job;
    private int parallelism = PARALLELISM;
    private int startsWithoutState;
    private Outcome checked = Outcome.NOTHING;

    /** @param name of the database; topics are called by it and their signal */
    public static Pipeline start(Servers servers, Path jobJar, Path directory, String name)
            throws IOException, SQLException {
        return start(servers, jobJar, directory, name, RECORDS_PER_SECOND, true, new Configuration());
    }

    /**
     * @param recordsPerSecond that load publishes of each signal
     * @param flawed whether some records can't be stored as they are
     * @param more options of the job
     */
    static Pipeline start(
            Servers servers,
            Path jobJar,
            Path directory,
            String name,
            int recordsPerSecond,
            boolean flawed,
            Configuration more)
            throws IOException, SQLException {
        Pipeline pipeline = new Pipeline(servers, jobJar, directory, name, recordsPerSecond, flawed);
        try {
            pipeline.submit(null, PARALLELISM, more);
            return pipeline;
        } catch (RuntimeException e) {
            try {
                pipeline.close();
            } catch (SQLException | RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private Pipeline(Servers servers, Path jobJar, Path directory, String name, int recordsPerSecond, boolean flawed)
            throws IOException, SQLException {
        this.servers = servers;
        this.jobJar = jobJar;
        policy = PolicyDirectory.write(directory.resolve("policy"));
        store = servers.postgres().createStore(name);
        try (Connection session = store.connect();
                Statement statement = session.createStatement()) {
            // Makes PostgreSQL itself refuse a name that is too long for it.
            statement.execute("CREATE INDEX ON otel.spans_fact (name)");
        }
        Map<Signal, String> names = new EnumMap<>(Signal.class);
        for (Signal signal : Signal.values()) {
            TestTopic topic = new TestTopic(servers.broker().bootstrapServers(), name + "_" + signal, PARTITIONS);
            topics.put(signal, topic);
            topic.create();
            names.put(signal, topic.name());
        }
        load = new Load(servers.broker().bootstrapServers(), names, PARTITIONS, recordsPerSecond, flawed);
    }

    public Load load() {
        return load;
    }

    public StoreDatabase store() {
        return store;
    }

    public TestTopic topic(Signal signal) {
        return topics.get(signal);
    }

    public JobID job() {
        return job;
    }

    public int parallelism() {
        return parallelism;
    }

    /** How often the job had stopped for good and was started without state, as its last message tells to. */
    public int startsWithoutState() {
        return startsWithoutState;
    }

    /** Submits the job anew, beside the one that may still run. @param savepoint null to start without state */
    public void submit(String savepoint, int subtasks) {
        submit(savepoint, subtasks, new Configuration());
    }

    /** With options that it hasn't otherwise. */
    public void submit(String savepoint, int subtasks, Configuration more) {
        Configuration options = options();
        options.addAll(more);
        job = servers.flink().submit(jobJar, options, subtasks, savepoint);
        parallelism = subtasks;
    }

    /** Lets load flow until so many more records are published. */
    public void flow(int records) {
        load.flow();
        int until = load.published() + records;
        Waiting.until("load to flow", PATIENCE, () -> load.published() >= until, () -> "");
    }

    /** Waits until the job has stored all that was sent; where it has stopped for good, starts it as its message tells to. */
    public void awaitStored() throws Exception {
        load.pause();
        List<String> lives = new ArrayList<>();
        for (TestTopic topic : topics.values()) {
            lives.add(topic.id());
        }
        Map<TopicPartition, Long> ends = load.ends();
        Waiting.until(
                "everything to be stored",
                PATIENCE,
                () -> {
                    startAgainWhereItTellsTo();
                    return reaches(lives, ends);
                },
                this::state);
    }

    /** Waits until a checkpoint covers all that is stored. */
    public void awaitSafe() throws Exception {
        awaitStored();
        long checkpoints = servers.flink().checkpoints(job);
        Waiting.until("a checkpoint", PATIENCE, () -> servers.flink().checkpoints(job) > checkpoints + 1, this::state);
    }

    /** Compares all that was sent with the store, once it is stored; returns what came since the last check. */
    public Outcome check() throws Exception {
        try (Connection session = store.connect();
                Statement statement = session.createStatement()) {
            // The comparison joins what no statistics are known of yet.
            statement.execute("ANALYZE");
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            // Dimensions follow the facts.
            while (!StoreProgress.factsWithoutDimension(session).isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(100);
            }
            Outcome now = load.expected().compareWith(session);
            Outcome news = now.since(checked);
            checked = now;
            return news;
        }
    }

    /** As {@link #check}, of numbers alone. */
    Outcome count() throws SQLException {
        try (Connection session = store.connect()) {
            return load.expected().countIn(session);
        }
    }

    /** How many records of all topics aren't stored yet. */
    long backlog() throws Exception {
        long stored = 0;
        try (Connection session = store.connect()) {
            for (TestTopic topic : topics.values()) {
                stored += StoreProgress.nextOffsets(session, List.of(topic.id())).values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
            }
        }
        return load.ends().values().stream().mapToLong(Long::longValue).sum() - stored;
    }

    /** Ends the job; what is stored and the topics are gone. */
    @Override
    public void close() throws SQLException {
        load.close();
        if (job != null) {
            servers.flink().cancel(job);
        }
        topics.values().forEach(TestTopic::close);
        servers.postgres().drop(store);
    }

    private void startAgainWhereItTellsTo() {
        if (servers.flink().status(job) != JobStatus.FAILED) {
            return;
        }
        Optional<String> failure = servers.flink().failure(job);
        if (failure.filter(message -> message.contains(WAY_OUT)).isEmpty()) {
            throw new IllegalStateException("the job has ended: " + failure.orElse("nobody knows why"));
        }
        submit(null, parallelism);
        startsWithoutState++;
    }

    private boolean reaches(List<String> lives, Map<TopicPartition, Long> ends) throws SQLException {
        try (Connection session = store.connect()) {
            Map<TopicPartition, Long> offsets = StoreProgress.nextOffsets(session, lives);
            return ends.entrySet().stream().allMatch(end -> end.getValue().equals(offsets.get(end.getKey())));
        }
    }

    private String state() {
        return "the job is " + servers.flink().status(job) + "; "
                + servers.flink().failure(job).orElse("it says nothing");
    }

    private Configuration options() {
        Configuration options = new Configuration();
        options.set(IngestOptions.POSTGRES_URL, store.uri(servers.proxy().port()));
        options.set(IngestOptions.KAFKA, servers.broker().bootstrapServers());
        options.set(IngestOptions.POLICY_DIRECTORY, policy.toString());
        // Small transactions: many beginnings and ends for faults to hit.
        options.set(IngestOptions.MAX_UNITS, 200);
        options.set(IngestOptions.MAX_AGE, Duration.ofMillis(100));
        for (Signal signal : Signal.values()) {
            SignalOptions own = SignalOptions.of(signal);
            options.set(own.topic(), topic(signal).name());
            options.set(own.encoding(), NumberedEncoding.of(signal));
        }
        return options;
    }
}
