package io.ollyscale.faults.rounds;

import io.ollyscale.faults.flink.FlinkCluster;
import io.ollyscale.faults.load.Outcome;
import io.ollyscale.faults.postgres.StoreDatabase;
import io.ollyscale.faults.process.ChildJvm;
import io.ollyscale.jobs.IngestOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;

/** Lets more come in than PostgreSQL takes, for a while, and then waits until the lag is gone. */
public final class BackPressure {
    /** Of each signal, so three times twenty times as many units. */
    private static final int RECORDS_PER_SECOND = 300;

    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /** One after another. */
    private static final int SAMPLES_OF_A_FULL_HEAP = 10;

    /** What holds PostgreSQL up. */
    public enum Hold {
        /** It takes connections and answers nothing. */
        SILENT,
        /** Somebody holds locks that facts wait for; dimensions, whose sightings would hold facts up too, don't. */
        FACTS_LOCKED,
        /** Its connections carry a tenth of what they carried before. */
        A_TENTH_AS_FAST
    }

    /**
     * @param backlog records that weren't stored yet, at most
     * @param heap bytes in use of the fullest TaskManager, at most, garbage included
     * @param outOfMemory whether a TaskManager's heap stayed full, or its process ended
     * @param caughtUp after the hold until everything was stored
     */
    public record Result(Hold hold, Outcome outcome, long backlog, long heap, boolean outOfMemory, Duration caughtUp) {

        public boolean isGood() {
            return outcome.isExact() && !outOfMemory;
        }

        @Override
        public String toString() {
            return "PostgreSQL %s: %d units, at most %d records behind, %d of %d MB of heap in use, %s"
                    .formatted(
                            hold,
                            outcome.sent(),
                            backlog,
                            heap >> 20,
                            FlinkCluster.TASK_MANAGER_HEAP >> 20,
                            outOfMemory
                                    ? "OUT OF MEMORY"
                                    : "caught up in %.1f s: %s"
                                            .formatted(
                                                    caughtUp.toMillis() / 1e3,
                                                    outcome.isExact() ? "nothing lost or doubled" : outcome));
        }
    }

    private final Servers servers;
    private final Path jobJar;
    private final Path directory;
    private final Consumer<String> progress;
    private long backlog;
    private long heap;
    private int fullSamples;

    /** @param progress gets a line every few seconds */
    public BackPressure(Servers servers, Path jobJar, Path directory, Consumer<String> progress) {
        this.servers = servers;
        this.jobJar = jobJar;
        this.directory = directory;
        this.progress = progress;
    }

    /**
     * Options with which the memory of all transactions together fits a small TaskManager, and nothing else bounds it: a checkpoint
     * would end a transaction too.
     */
    public static Configuration bounded() {
        Configuration options = new Configuration();
        options.set(IngestOptions.MAX_UNITS, IngestOptions.MAX_UNITS.defaultValue());
        options.set(IngestOptions.MAX_BYTES, MemorySize.ofMebiBytes(8));
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofHours(1));
        return options;
    }

    /** The same without any bound on a transaction. */
    public static Configuration unbounded() {
        Configuration options = bounded();
        options.set(IngestOptions.MAX_UNITS, Integer.MAX_VALUE);
        options.set(IngestOptions.MAX_BYTES, MemorySize.parse("1 tb"));
        options.set(IngestOptions.MAX_AGE, Duration.ofHours(1));
        return options;
    }

    /** @param name of database and topics */
    public Result run(Hold hold, Duration duration, Configuration options, String name) throws Exception {
        servers.restore();
        try (Pipeline pipeline = Pipeline.start(servers, jobJar, directory, name, RECORDS_PER_SECOND, false, options)) {
            pipeline.awaitFlow();
            List<ChildJvm> taskManagers = servers.flink().taskManagers();
            Optional<Connection> locks = hold(hold, pipeline);
            try {
                watch(pipeline, System.nanoTime() + duration.toNanos(), taskManagers, () -> false);
            } finally {
                if (locks.isPresent()) {
                    locks.get().close();
                }
                servers.restore();
            }
            pipeline.load().pause();
            long released = System.nanoTime();
            watch(pipeline, released + PATIENCE.toNanos(), taskManagers, () -> pipeline.backlog() == 0);
            Result result = new Result(
                    hold,
                    pipeline.count(),
                    backlog,
                    heap,
                    isOutOfMemory(taskManagers),
                    Duration.ofNanos(System.nanoTime() - released));
            if (result.outOfMemory()) {
                // Those that live can't end the job.
                servers.flink().taskManagers().forEach(ChildJvm::kill);
            }
            return result;
        }
    }

    /** Returns the session that holds locks, where there is one. */
    private Optional<Connection> hold(Hold hold, Pipeline pipeline) throws SQLException, InterruptedException {
        switch (hold) {
            case FACTS_LOCKED -> {
                return Optional.of(pipeline.store().lock(StoreDatabase.FACTS));
            }
            case SILENT -> servers.proxy().stall();
            case A_TENTH_AS_FAST -> {
                long before = servers.proxy().bytes();
                long start = System.nanoTime();
                Thread.sleep(2_000);
                long perSecond = (servers.proxy().bytes() - before) * 1_000_000_000L / (System.nanoTime() - start);
                servers.proxy().limit(Math.max(1, perSecond / 10));
            }
        }
        return Optional.empty();
    }

    /** Until a time or a condition, or until a TaskManager is out of memory. */
    private void watch(Pipeline pipeline, long end, List<ChildJvm> taskManagers, Callable<Boolean> isOver)
            throws Exception {
        long nextLine = 0;
        while (System.nanoTime() < end && !isOutOfMemory(taskManagers) && !isOver.call()) {
            sample(pipeline);
            if (System.nanoTime() >= nextLine) {
                progress.accept("%d records behind, at most %d MB of heap in use".formatted(backlog, heap >> 20));
                nextLine = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            }
            Thread.sleep(200);
        }
    }

    private boolean isOutOfMemory(List<ChildJvm> taskManagers) {
        return fullSamples >= SAMPLES_OF_A_FULL_HEAP || !taskManagers.stream().allMatch(ChildJvm::isAlive);
    }

    private void sample(Pipeline pipeline) throws Exception {
        backlog = Math.max(backlog, pipeline.backlog());
        long now = servers.flink().heapUsed().values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        heap = Math.max(heap, now);
        // A heap full of garbage is empty again at the next sample.
        fullSamples = now > FlinkCluster.TASK_MANAGER_HEAP / 10 * 9 ? fullSamples + 1 : 0;
    }
}
