package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ProcessException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.rest.messages.JobExceptionsHeaders;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.RootExceptionInfo;
import org.apache.flink.runtime.rest.messages.JobMessageParameters;
import org.apache.flink.runtime.rest.messages.ResponseBody;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointStatistics.CompletedCheckpointStatistics;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointingStatistics.LatestCheckpoints;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointingStatistics.RestoredCheckpointStatistics;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointingStatisticsHeaders;
import org.apache.flink.runtime.rest.messages.job.JobDetailsHeaders;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.JobExceptionsMessageParameters;
import org.apache.flink.runtime.rest.messages.job.JobStatusInfoHeaders;
import org.apache.flink.runtime.rest.messages.job.metrics.JobMetricsHeaders;
import org.apache.flink.runtime.rest.messages.job.metrics.JobMetricsMessageParameters;
import org.apache.flink.runtime.rest.messages.job.metrics.Metric;

/** The jobs of a cluster through its REST API, and through the archive where that doesn't know them any more. */
final class FlinkJobs {

    private static final Duration SAVEPOINT = Duration.ofSeconds(60);
    private static final String RESTARTS = "numRestarts";

    private final FlinkRest rest;
    private final JobArchive archive;

    FlinkJobs(FlinkRest rest, JobArchive archive) {
        this.rest = rest;
        this.archive = archive;
    }

    JobStatus status(JobID job) {
        return ended(job, "", JobDetailsInfo.class)
                .map(JobDetailsInfo::getJobStatus)
                .orElseGet(
                        () -> rest.ask("the status of job " + job, JobStatusInfoHeaders.getInstance(), parameters(job))
                                .getJobStatus());
    }

    boolean allTasksRun(JobID job) {
        // First: Flink answers with an error when it is asked for the tasks of a job that it still prepares.
        return status(job) == JobStatus.RUNNING
                && rest
                        .ask("the tasks of job " + job, JobDetailsHeaders.getInstance(), parameters(job))
                        .getJobVertexInfos()
                        .stream()
                        .allMatch(FlinkJobs::runs);
    }

    Optional<String> failure(JobID job) {
        JobExceptionsMessageParameters parameters = new JobExceptionsMessageParameters();
        parameters.jobPathParameter.resolve(job);
        List<RootExceptionInfo> newestFirst = ended(job, "/exceptions", JobExceptionsInfoWithHistory.class)
                .orElseGet(() -> rest.ask("the failures of job " + job, JobExceptionsHeaders.getInstance(), parameters))
                .getExceptionHistory()
                .getEntries();
        return newestFirst.stream().findFirst().map(failure -> Causes.of(failure.getStacktrace()));
    }

    long checkpoints(JobID job) {
        LatestCheckpoints latest = rest.ask(
                        "the checkpoints of job " + job, CheckpointingStatisticsHeaders.getInstance(), parameters(job))
                .getLatestCheckpoints();
        CompletedCheckpointStatistics completed = latest.getCompletedCheckpointStatistics();
        RestoredCheckpointStatistics restored = latest.getRestoredCheckpointStatistics();
        return Math.max(completed == null ? 0 : completed.getId(), restored == null ? 0 : restored.getId());
    }

    long failedCheckpoints(JobID job) {
        return rest.ask("the checkpoints of job " + job, CheckpointingStatisticsHeaders.getInstance(), parameters(job))
                .getCounts()
                .getNumberFailedCheckpoints();
    }

    int restarts(JobID job) {
        JobMetricsMessageParameters parameters = new JobMetricsMessageParameters();
        parameters.jobPathParameter.resolve(job);
        parameters.metricsFilterParameter.resolve(List.of(RESTARTS));
        long[] restarts = new long[1];
        rest.await("the metric " + RESTARTS + " of job " + job, () -> {
            OptionalLong value =
                    value(rest.ask("the metrics of job " + job, JobMetricsHeaders.getInstance(), parameters)
                            .getMetrics());
            restarts[0] = value.orElse(0);
            return value.isPresent();
        });
        return (int) restarts[0];
    }

    boolean isOver(JobID job) {
        return archive.isOver(job);
    }

    String stopWithSavepoint(JobID job) {
        boolean endOfTime = false;
        String configuredDirectory = null;
        String savepoint = rest.ask("job " + job + " stops with a savepoint", SAVEPOINT, () -> {
            requireNotEnded(job);
            return rest.client().stopWithSavepoint(job, endOfTime, configuredDirectory, SavepointFormatType.CANONICAL);
        });
        rest.await("job " + job + " is over", () -> archive.isOver(job));
        return savepoint;
    }

    void cancel(JobID job) {
        rest.await("job " + job + " is cancelled", () -> {
            if (!status(job).isGloballyTerminalState()) {
                rest.client().cancel(job);
            }
            return archive.isOver(job);
        });
    }

    /** @return empty for a job that nobody knows */
    Optional<JobStatus> statusIfKnown(JobID job) {
        try {
            return Optional.of(status(job));
        } catch (UnknownJobException e) {
            return Optional.empty();
        }
    }

    /** A new JobManager knows that the job has ended, but answers questions about it with an error. */
    private <T extends ResponseBody> Optional<T> ended(JobID job, String path, Class<T> type) {
        return archive.isOver(job) ? archive.read(job, path, type) : Optional.empty();
    }

    /** Asking again is in vain when the job has ended meanwhile. */
    private void requireNotEnded(JobID job) {
        JobStatus status = status(job);
        if (status.isGloballyTerminalState()) {
            throw new ProcessException("The job " + job + " is " + status
                    + failure(job).map(failure -> ": " + failure).orElse(""));
        }
    }

    private static JobMessageParameters parameters(JobID job) {
        JobMessageParameters parameters = new JobMessageParameters();
        parameters.jobPathParameter.resolve(job);
        return parameters;
    }

    private static boolean runs(JobDetailsInfo.JobVertexDetailsInfo vertex) {
        return vertex.getTasksPerState().getOrDefault(ExecutionState.RUNNING, 0) == vertex.getParallelism();
    }

    private static OptionalLong value(Collection<Metric> metrics) {
        return metrics.stream()
                .filter(metric -> metric.getValue() != null)
                .mapToLong(metric -> Long.parseLong(metric.getValue()))
                .findFirst();
    }
}
