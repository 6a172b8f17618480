package io.ollyscale.jobs.local;

import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.jobs.IngestJob;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.schema.policy.PolicyException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The ingest job on a Flink mini cluster in this process, with its web UI on loopback. Not thread-safe. */
public final class EmbeddedCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final MiniCluster cluster;
    private final JobID job;

    /** Asked for once: every question stays open until the job ends. */
    private final CompletableFuture<JobResult> result;

    private EmbeddedCluster(MiniCluster cluster, JobID job, CompletableFuture<JobResult> result) {
        this.cluster = cluster;
        this.job = job;
        this.result = result;
    }

    /**
     * Starts the cluster and the job, and returns when all of its tasks run.
     *
     * @param options of Flink and of the job
     * @param scratch where checkpoints and temporary files are written
     * @param uiPort 0 for a free one
     * @param parallelism of what has no other by the options
     */
    public static EmbeddedCluster start(Configuration options, Path scratch, int uiPort, int parallelism)
            throws SQLException, PolicyException, InterruptedException {
        return start(options, scratch, uiPort, parallelism, IngestJob::define);
    }

    /** Builds a job's graph. */
    @FunctionalInterface
    public interface JobDefinition {
        void define(StreamExecutionEnvironment env, Configuration options) throws SQLException, PolicyException;
    }

    /** With another graph than the whole job's, so that a benchmark can say what a part of it costs. */
    public static EmbeddedCluster start(
            Configuration options, Path scratch, int uiPort, int parallelism, JobDefinition definition)
            throws SQLException, PolicyException, InterruptedException {
        Configuration configuration = new Configuration(options);
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_PORT, Integer.toString(uiPort));
        configuration.set(JobManagerOptions.ADDRESS, "127.0.0.1");
        configuration.set(JobManagerOptions.BIND_HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.BIND_HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.HOST, "127.0.0.1");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, scratch.toUri().toString());
        configuration.set(CoreOptions.TMP_DIRS, scratch.toString());
        configuration.set(WebOptions.TMP_DIR, scratch.toString());

        Configuration jobOptions = new Configuration(configuration);
        // The web UI shows the cluster's configuration to whoever asks, and these have secrets.
        configuration.removeConfig(IngestOptions.POSTGRES_URL);
        configuration.removeConfig(IngestOptions.POSTGRES_PASSWORD);
        configuration.removeConfig(IngestOptions.KAFKA_PROPERTIES);

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(parallelism);
        definition.define(env, jobOptions);
        JobGraph graph = env.getStreamGraph().getJobGraph();

        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                // A signal may have more subtasks than the job.
                .setNumSlotsPerTaskManager(graph.getMaximumParallelism())
                .build());
        try {
            cluster.start();
        } catch (Exception e) {
            closeQuietly(cluster, e);
            throw new UserFailure(
                    "Can't start Flink with its web UI on 127.0.0.1:" + uiPort
                            + ": if the port is taken, choose another with --ui-port (0 for a free one)",
                    e);
        }
        try {
            await(cluster.submitJob(graph));
            EmbeddedCluster embedded =
                    new EmbeddedCluster(cluster, graph.getJobID(), cluster.requestJobResult(graph.getJobID()));
            embedded.awaitRunning();
            return embedded;
        } catch (RuntimeException | InterruptedException e) {
            closeQuietly(cluster, e);
            throw e;
        }
    }

    /** The web UI's address. */
    public String ui() {
        return await(cluster.getRestAddress()).toString();
    }

    /**
     * Waits a while, and throws if the job ends meanwhile, which it does by itself only when it fails for good.
     *
     * @throws UserFailure with the job's last words
     */
    public void awaitFailure(Duration patience) throws InterruptedException {
        try {
            Throwable failure = result.get(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .getSerializedThrowable()
                    .map(error -> error.deserializeError(EmbeddedCluster.class.getClassLoader()))
                    .orElse(null);
            throw new UserFailure(lastWords(failure), failure);
        } catch (TimeoutException e) {
            // It still runs.
        } catch (ExecutionException e) {
            throw new UserFailure(lastWords(e), e);
        }
    }

    /** Cancels the job and stops the cluster. */
    @Override
    public void close() {
        try {
            if (!result.isDone()) {
                await(cluster.cancelJob(job));
                await(result);
            }
        } catch (RuntimeException e) {
            closeQuietly(cluster, e);
            throw e;
        }
        closeQuietly(cluster, null);
    }

    private void awaitRunning() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            awaitFailure(Duration.ofMillis(50));
            if (allTasksRun()) {
                return;
            }
        }
        throw new UserFailure("The job's tasks don't run after " + PATIENCE.toSeconds() + " s; see the log");
    }

    private boolean allTasksRun() {
        for (AccessExecutionVertex task : await(cluster.getExecutionGraph(job)).getAllExecutionVertices()) {
            if (task.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    /** A stop's own words, else the innermost cause's: Flink's around it don't say what happened. */
    private static String lastWords(Throwable failure) {
        Throwable innermost = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            innermost = cause;
            if (cause instanceof StopForGood) {
                break;
            }
        }
        return "The job stopped: " + (innermost == null ? "it ended without a failure" : innermost.getMessage());
    }

    private static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Flink doesn't answer", e);
        }
    }

    private static void closeQuietly(MiniCluster cluster, Throwable failure) {
        try {
            cluster.close();
        } catch (Exception e) {
            if (failure == null) {
                throw new IllegalStateException("Flink didn't stop in order", e);
            }
            failure.addSuppressed(e);
        }
    }
}
