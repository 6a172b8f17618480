package io.ollyscale.jobs.testing;

import io.ollyscale.jobs.IngestJob;
import io.ollyscale.jobs.local.EmbeddedCluster.JobDefinition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A mini cluster on which the ingest job runs again and again. A job that fails isn't restarted. Not thread-safe. */
public final class IngestCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Slots for the largest parallelism that is tried. */
    public static final int MOST_PARALLEL = 2;

    private final Configuration options;
    private final Path savepoints;
    private final MiniCluster flink;
    private final List<IngestRun> runs = new ArrayList<>();

    private IngestCluster(Configuration options, Path savepoints, MiniCluster flink) {
        this.options = options;
        this.savepoints = savepoints;
        this.flink = flink;
    }

    /**
     * @param options of Flink and of the job
     * @param scratch where checkpoints, savepoints and temporary files are written
     */
    public static IngestCluster start(Configuration options, Path scratch) throws Exception {
        Configuration configuration = new Configuration(options);
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_PORT, "0");
        configuration.set(CoreOptions.TMP_DIRS, scratch.toString());
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                scratch.resolve("checkpoints").toUri().toString());
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "disable");
        MiniCluster flink = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(MOST_PARALLEL)
                .build());
        try {
            flink.start();
        } catch (Exception e) {
            flink.close();
            throw e;
        }
        return new IngestCluster(configuration, scratch.resolve("savepoints"), flink);
    }

    /**
     * Submits the job and doesn't wait for it.
     *
     * @param from what it begins with; state that no operator takes makes it fail, unless this allows it
     */
    public IngestRun submit(int parallelism, SavepointRestoreSettings from) throws Exception {
        return submit(parallelism, from, IngestJob::define);
    }

    /** Submits another job than the one that ships. */
    public IngestRun submit(int parallelism, SavepointRestoreSettings from, JobDefinition definition) throws Exception {
        JobGraph graph = graph(parallelism, definition);
        graph.setSavepointRestoreSettings(from);
        get(flink.submitJob(graph));
        IngestRun run = new IngestRun(flink, graph.getJobID(), savepoints);
        runs.add(run);
        return run;
    }

    /** What is submitted. */
    public JobGraph graph(int parallelism, JobDefinition definition) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(options);
        env.setParallelism(parallelism);
        definition.define(env, options);
        return env.getStreamGraph().getJobGraph();
    }

    /** Ends the jobs that still run, and the cluster. */
    @Override
    public void close() {
        try {
            runs.forEach(IngestRun::cancel);
        } finally {
            get(flink.closeAsync());
        }
    }

    public static <T> T get(CompletableFuture<T> answer) {
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Flink doesn't do as it is told", e);
        }
    }
}
