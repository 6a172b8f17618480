package io.ollyscale.faults.rounds;

import io.ollyscale.faults.load.Load;
import io.ollyscale.faults.load.NumberedEncoding;
import io.ollyscale.faults.load.Outcome;
import io.ollyscale.faults.postgres.StoreDatabase;
import io.ollyscale.faults.process.ProcessException;
import io.ollyscale.faults.process.Waiting;
import io.ollyscale.functions.testing.StoreProgress;
import io.ollyscale.functions.testing.TestTopic;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.common.TopicPartition;

/** A topic for each signal that load flows to, a store, and the job between them. Not thread-safe. */
public final class Pipeline implements AutoCloseable {
    public static final int PARTITIONS = 4;
    public static final int PARALLELISM = 2;

    private static final int RECORDS_PER_SECOND = 15;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Several times as long as a transaction takes to come. */
    private static final Duration STANDSTILL = Duration.ofSeconds(1);

    /** What the README tells to do about a job that has stopped for good. */
    private static final String WAY_OUT = "without state";

    private final Servers servers;
    private final Path jobJar;
    private final Path policy;
    private final StoreDatabase store;
    private final Map<Signal, TestTopic> topics = new EnumMap<>(Signal.class);
    private final Load load;
    private final List<JobID> jobs = new ArrayList<>();
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
            } catch (RuntimeException again) {
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
        jobs.add(job);
        parallelism = subtasks;
    }

    /** Lets load flow until so many more records are published. */
    public void flow(int records) {
        load.flow();
        int until = load.published() + records;
        Waiting.until("load to flow", PATIENCE, () -> load.published() >= until, () -> "");
    }

    /** Lets load flow, and waits until the job stores it. */
    public void awaitFlow() throws Exception {
        load.flow();
        long before = stored();
        Waiting.until(
                "the job to store what comes",
                PATIENCE,
                () -> {
                    startAgainWhereItTellsTo();
                    return stored() > before && servers.flink().allTasksRun(job);
                },
                this::state);
    }

    /**
     * Waits until the job stores nothing of what comes.
     *
     * @param session of the store's, from before what ended the storing: a server that can't write may take no new ones,
     *     since each of them writes the catalogs' cache where there is none
     */
    public void awaitStandstill(Connection session) throws Exception {
        long last = stored(session);
        long since = System.nanoTime();
        long deadline = since + PATIENCE.toNanos();
        while (System.nanoTime() - since < STANDSTILL.toNanos()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the job stores what comes though it can't");
            }
            Thread.sleep(50);
            long now = stored(session);
            if (now != last) {
                last = now;
                since = System.nanoTime();
            }
        }
    }

    /** Waits until the job has stored all that was sent; where it has stopped for good, starts it as its message tells to. */
    public void awaitStored() throws Exception {
        awaitEnds("everything to be stored", StoreProgress::nextOffsets);
    }

    /** Waits until a checkpoint covers all that is stored: the job is well, and nothing is left that it could store again. */
    public void awaitSafe() throws Exception {
        awaitStored();
        awaitEnds("a checkpoint of everything", StoreProgress::safeOffsets);
    }

    /** Offsets of the ledger, by partition. */
    @FunctionalInterface
    private interface Offsets {
        Map<TopicPartition, Long> of(Connection session, Collection<String> topicIds) throws SQLException;
    }

    private void awaitEnds(String what, Offsets offsets) throws Exception {
        load.pause();
        List<String> lives = topicIds();
        Map<TopicPartition, Long> ends = load.ends();
        Waiting.until(
                what,
                PATIENCE,
                () -> {
                    startAgainWhereItTellsTo();
                    try (Connection session = store.connect()) {
                        Map<TopicPartition, Long> now = offsets.of(session, lives);
                        return ends.entrySet().stream()
                                .allMatch(end -> end.getValue().equals(now.get(end.getKey())));
                    }
                },
                this::state);
    }

    private List<String> topicIds() throws Exception {
        List<String> ids = new ArrayList<>();
        for (TestTopic topic : topics.values()) {
            ids.add(topic.id());
        }
        return ids;
    }

    /** Offsets of all topics together, of all their lives. */
    private long stored() throws SQLException {
        try (Connection session = store.connect()) {
            return stored(session);
        }
    }

    private static long stored(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery("SELECT sum(next_offset) FROM otel.ingest_ledger")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Compares all that was sent with the store, once it is stored; returns what came since the last check. */
    public Outcome check() throws Exception {
        try (Connection session = store.connect();
                Statement statement = session.createStatement()) {
            // The comparison joins groups whose number PostgreSQL can't know, as if they were few.
            statement.execute("ANALYZE; SET enable_nestloop = off; SET work_mem = '64MB'");
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
    long backlog() throws SQLException {
        return load.ends().values().stream().mapToLong(Long::longValue).sum() - stored();
    }

    /** Ends all its jobs; what is stored and the topics are gone. Does the rest where one thing fails. */
    @Override
    public void close() {
        List<Runnable> steps = new ArrayList<>();
        steps.add(load::close);
        jobs.forEach(submitted -> steps.add(() -> servers.flink().cancel(submitted)));
        topics.values().forEach(topic -> steps.add(() -> delete(topic)));
        steps.add(this::dropStore);
        RuntimeException failure = null;
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void dropStore() {
        try {
            servers.postgres().drop(store);
        } catch (SQLException e) {
            throw new IllegalStateException("the database " + store.name() + " can't be dropped", e);
        }
    }

    private static void delete(TestTopic topic) {
        try (topic) {
            topic.delete();
        } catch (Exception e) {
            throw new IllegalStateException("the topic " + topic.name() + " can't be deleted", e);
        }
    }

    private void startAgainWhereItTellsTo() {
        if (!servers.flink().status(job).isGloballyTerminalState()) {
            return;
        }
        Optional<String> failure = servers.flink().failure(job);
        if (failure.filter(message -> message.contains(WAY_OUT)).isEmpty()) {
            throw new ProcessException("the job has ended: " + failure.orElse("nobody knows why"));
        }
        submit(null, parallelism);
        startsWithoutState++;
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
        // What outlives its job until maintenance is due again would do so for long.
        options.set(IngestOptions.MAINTENANCE_INTERVAL, Duration.ofMinutes(10));
        for (Signal signal : Signal.values()) {
            SignalOptions own = SignalOptions.of(signal);
            options.set(own.topic(), topic(signal).name());
            options.set(own.encoding(), NumberedEncoding.of(signal));
        }
        return options;
    }
}
