package io.ollyscale.functions.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.common.TopicPartition;

/** A submitted job. */
final class RunningJob {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final MiniCluster flink;
    private final JobID id;
    private final FaultPoint.Control faultPoint;
    private final Path checkpoints;
    private final Path savepoints;

    RunningJob(MiniCluster flink, JobID id, FaultPoint.Control faultPoint, Path directory) {
        this.flink = flink;
        this.id = id;
        this.faultPoint = faultPoint;
        checkpoints = directory.resolve("checkpoints").resolve(id.toHexString());
        savepoints = directory.resolve("savepoints");
    }

    /** The first offset that came through, by partition. */
    Map<TopicPartition, Long> firstOffsets() {
        return faultPoint.firstOffsets();
    }

    int failuresLeft() {
        return faultPoint.failuresLeft();
    }

    /** Waits until each signal's task stands at the offset that it is held at. */
    void awaitHeld() {
        awaitWhileRunning("the task to be held", faultPoint::isHeld);
    }

    /** Lets them go on. */
    void release() {
        faultPoint.release();
    }

    /** Makes a checkpoint that begins after this call, and returns when it is complete. */
    void checkpoint() {
        whileTasksRun("a checkpoint", () -> flink.triggerCheckpoint(id, CheckpointType.CONFIGURED));
    }

    /** Returns the savepoint. */
    String stopWithSavepoint() {
        String savepoint = whileTasksRun(
                "a savepoint",
                () -> flink.stopWithSavepoint(id, savepoints.toUri().toString(), false, SavepointFormatType.CANONICAL));
        awaitEnd();
        return savepoint;
    }

    /** Asks again where Flink gives it up because a task restarts, as that of a job does which another one has overtaken. */
    private <T> T whileTasksRun(String what, Supplier<CompletableFuture<T>> request) {
        AtomicReference<T> answer = new AtomicReference<>();
        awaitWhileRunning(what, () -> {
            if (!allTasksRun()) {
                return false;
            }
            try {
                answer.set(get(request.get()));
                return true;
            } catch (IllegalStateException e) {
                if (ExceptionUtils.findThrowable(e, CheckpointException.class).isPresent()) {
                    return false;
                }
                throw e;
            }
        });
        return answer.get();
    }

    /** Ends the job at once; its checkpoints are kept. */
    void cancel() {
        if (!hasEnded()) {
            get(flink.cancelJob(id));
            awaitEnd();
        }
    }

    /** The complete checkpoints that are kept, the oldest first. */
    List<String> checkpoints() throws IOException {
        try (Stream<Path> directories = Files.list(checkpoints)) {
            return directories
                    .filter(directory -> Files.exists(directory.resolve("_metadata")))
                    .sorted(Comparator.comparingLong(directory ->
                            Long.parseLong(directory.getFileName().toString().substring("chk-".length()))))
                    .map(directory -> directory.toUri().toString())
                    .toList();
        }
    }

    /** Waits until the job has failed for good, and returns the messages of its failure and of all causes. */
    String awaitFailure() {
        Throwable failure = get(flink.requestJobResult(id))
                .getSerializedThrowable()
                .map(error -> error.deserializeError(getClass().getClassLoader()))
                .orElseThrow(() -> new AssertionError("the job has ended without a failure"));
        return ExceptionUtils.stringifyException(failure)
                .lines()
                .filter(line -> !line.startsWith("\t"))
                .collect(Collectors.joining("\n"));
    }

    boolean hasEnded() {
        return get(flink.getJobStatus(id)).isGloballyTerminalState();
    }

    /** Fails if the job has ended. */
    private void requireRunning() {
        if (hasEnded()) {
            throw new AssertionError("the job has ended: " + awaitFailure());
        }
    }

    /** Waits until something is so, but not longer than the job lives. */
    void awaitWhileRunning(String what, Condition condition) {
        await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                // While the server is stopped.
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    requireRunning();
                    return condition.isMet();
                });
    }

    /** Something to wait for. */
    @FunctionalInterface
    interface Condition {
        boolean isMet() throws Exception;
    }

    private boolean allTasksRun() {
        // Before the job has tasks, it has none that don't run.
        boolean allRun = get(flink.getJobStatus(id)) == JobStatus.RUNNING;
        for (AccessExecutionVertex task : get(flink.getExecutionGraph(id)).getAllExecutionVertices()) {
            allRun &= task.getExecutionState() == ExecutionState.RUNNING;
        }
        return allRun;
    }

    private void awaitEnd() {
        get(flink.requestJobResult(id));
    }

    private static <T> T get(CompletableFuture<T> answer) {
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Flink doesn't do as it is told", e);
        }
    }
}
