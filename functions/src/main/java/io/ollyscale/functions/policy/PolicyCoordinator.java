package io.ollyscale.functions.policy;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the attribute policy's files in the JobManager, and sends each new policy to all subtasks of its operator. Has no
 * state of its own: subtasks keep the policy in theirs, and after a failure of the JobManager the files are read again.
 *
 * <p>Flink calls it in the JobManager's main thread, which must not wait; files and database are read in a thread of its own.
 */
public final class PolicyCoordinator implements OperatorCoordinator {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyCoordinator.class);
    private static final byte[] NO_STATE = {};

    private final WatchedPolicy watched;
    private final Duration interval;
    private final Counter errors;
    private final Map<Integer, SubtaskGateway> subtasks = new HashMap<>();

    private ScheduledExecutorService thread;

    /** Null until the files were read. */
    private AttributePolicy policy;

    /** Of the last look, null where it succeeded: what stays wrong is said once. */
    private String failure;

    private PolicyCoordinator(Context context, Path directory, PostgresConnection postgres, Duration interval) {
        watched = new WatchedPolicy(directory, postgres);
        this.interval = interval;
        errors = context.metricGroup().counter("policyErrors");
    }

    /** Makes coordinators of an operator. */
    public static final class Provider implements OperatorCoordinator.Provider {
        private static final long serialVersionUID = 1;

        private final OperatorID operator;
        private final String directory;
        private final PostgresConnection postgres;
        private final Duration interval;

        /**
         * @param directory where the files are, in the JobManager
         * @param interval from one look at the files to the next
         */
        public Provider(OperatorID operator, String directory, PostgresConnection postgres, Duration interval) {
            this.operator = operator;
            this.directory = directory;
            this.postgres = postgres;
            this.interval = interval;
        }

        @Override
        public OperatorID getOperatorId() {
            return operator;
        }

        @Override
        public OperatorCoordinator create(Context context) {
            return new PolicyCoordinator(context, Path.of(directory), postgres, interval);
        }
    }

    @Override
    public void start() {
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread watcher = new Thread(task, "ollyscale-policy");
            watcher.setDaemon(true);
            return watcher;
        });
        thread.scheduleWithFixedDelay(this::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            watched.look().ifPresent(this::send);
            failure = null;
        } catch (PolicyException | SQLException | RuntimeException e) {
            // Whatever it is: an exception would end the watch.
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            errors.inc();
            if (!Objects.equals(failure, e.getMessage())) {
                failure = e.getMessage();
                LOG.error("The attribute policy stays as it is: {}", failure, e);
            }
        }
    }

    private synchronized void send(AttributePolicy next) {
        if (policy == null || next.version() != policy.version()) {
            LOG.info("Version {} of the attribute policy is in force, from {}", next.version(), watched);
        }
        policy = next;
        subtasks.values().forEach(subtask -> subtask.sendEvent(PolicyEvent.of(policy)));
    }

    @Override
    public synchronized void executionAttemptReady(int subtask, int attemptNumber, SubtaskGateway gateway) {
        subtasks.put(subtask, gateway);
        if (policy != null) {
            gateway.sendEvent(PolicyEvent.of(policy));
        }
    }

    @Override
    public synchronized void executionAttemptFailed(int subtask, int attemptNumber, Throwable reason) {
        subtasks.remove(subtask);
    }

    @Override
    public synchronized void subtaskReset(int subtask, long checkpointId) {
        subtasks.remove(subtask);
    }

    @Override
    public synchronized void resetToCheckpoint(long checkpointId, byte[] checkpointData) {
        subtasks.clear();
    }

    @Override
    public void checkpointCoordinator(long checkpointId, CompletableFuture<byte[]> result) {
        result.complete(NO_STATE);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {}

    @Override
    public void handleEventFromOperator(int subtask, int attemptNumber, OperatorEvent event) {
        throw new IllegalStateException("subtasks have nothing to say, and not " + event);
    }

    /** Doesn't wait for a look that is under way: its session ends by its time-outs. */
    @Override
    public void close() {
        if (thread != null) {
            thread.shutdownNow();
        }
    }
}
