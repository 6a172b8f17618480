package io.ollyscale.jobs.testing;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.RestoredCheckpointStats;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.util.ExceptionUtils;

/** A submitted job. Not thread-safe. */
public final class IngestRun {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final MiniCluster flink;
    private final JobID id;
    private final Path savepoints;

    IngestRun(MiniCluster flink, JobID id, Path savepoints) {
        this.flink = flink;
        this.id = id;
        this.savepoints = savepoints;
    }

    public JobID id() {
        return id;
    }

    /** Waits until something is so, but not longer than the job lives. */
    public void awaitWhileRunning(String what, Callable<Boolean> condition) {
        await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
            if (hasEnded()) {
                throw new AssertionError("the job has ended: " + awaitFailure());
            }
            return condition.call();
        });
    }

    /** Ends the job in order, and returns a savepoint in Flink's canonical format: the one that later releases read. */
    public String stopWithSavepoint() {
        awaitWhileRunning("the tasks to run", this::allTasksRun);
        String savepoint = IngestCluster.get(
                flink.stopWithSavepoint(id, savepoints.toUri().toString(), false, SavepointFormatType.CANONICAL));
        IngestCluster.get(flink.requestJobResult(id));
        return savepoint;
    }

    /** The checkpoint or savepoint that the job began with; null if it began without state. */
    public RestoredCheckpointStats restored() {
        return IngestCluster.get(flink.getExecutionGraph(id))
                .getCheckpointStatsSnapshot()
                .getLatestRestoredCheckpoint();
    }

    /** Waits until the job has failed, and returns its failure with all causes. */
    public String awaitFailure() {
        return IngestCluster.get(flink.requestJobResult(id))
                .getSerializedThrowable()
                .map(failure -> failure.deserializeError(getClass().getClassLoader()))
                .map(ExceptionUtils::stringifyException)
                .orElseThrow(() -> new AssertionError("the job has ended without a failure"));
    }

    /** Ends the job at once; does nothing if it has ended. */
    public void cancel() {
        if (!hasEnded()) {
            IngestCluster.get(flink.cancelJob(id));
            IngestCluster.get(flink.requestJobResult(id));
        }
    }

    private boolean hasEnded() {
        return IngestCluster.get(flink.getJobStatus(id)).isGloballyTerminalState();
    }

    private boolean allTasksRun() {
        // Before the job has tasks, it has none that don't run.
        boolean allRun = IngestCluster.get(flink.getJobStatus(id)) == JobStatus.RUNNING;
        for (AccessExecutionVertex task :
                IngestCluster.get(flink.getExecutionGraph(id)).getAllExecutionVertices()) {
            allRun &= task.getExecutionState() == ExecutionState.RUNNING;
        }
        return allRun;
    }
}
