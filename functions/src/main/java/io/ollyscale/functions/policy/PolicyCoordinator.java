package io.ollyscale.functions.policy;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.schema.policy.AttributePolicy;
import java.nio.file.Path;
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
    private final long submitted;
    private final Duration interval;
    private final Counter errors;
    private final Map<Integer, SubtaskGateway> subtasks = new HashMap<>();

    private ScheduledExecutorService thread;

    /** Null until the files were read. */
    private AttributePolicy policy;

    /** Of the last look, null where it succeeded: what stays wrong is said once. */
    private String failure;

    private PolicyCoordinator(Context context, WatchedPolicy watched, long submitted, Duration interval) {
        this.watched = watched;
        this.submitted = submitted;
        this.interval = interval;
        errors = context.metricGroup().counter("policyErrors");
    }

    /** Makes coordinators of an operator. */
    public static final class Provider implements OperatorCoordinator.Provider {
        private static final long serialVersionUID = 1;

        private final OperatorID operator;
        private final long submitted;
        private final String directory;
        private final PostgresConnection postgres;
        private final Duration interval;

        /**
         * @param submitted the version of the policy that the submission found
         * @param directory where the files are, in the JobManager
         * @param interval from one look at the files to the next
         */
        public Provider(
                OperatorID operator, long submitted, String directory, PostgresConnection postgres, Duration interval) {
            this.operator = operator;
            this.submitted = submitted;
            this.directory = directory;
            this.postgres = postgres;
            this.interval = interval;
        }

        @Override
        public OperatorID getOperatorId() {
            return operator;
        }

        @Override
        public PolicyCoordinator create(Context context) {
            WatchedPolicy watched = new WatchedPolicy(Path.of(directory).toAbsolutePath(), postgres);
            return new PolicyCoordinator(context, watched, submitted, interval);
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
        } catch (Throwable e) {
            // Whatever it is, an error included: it would end the watch, and nobody would know.
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            errors.inc();
            if (!Objects.equals(failure, e.toString())) {
                failure = e.toString();
                LOG.error("The attribute policy stays as it is; trying again at each look", e);
            }
        }
    }

    private synchronized void send(AttributePolicy next) {
        if (policy == null || next.version() != policy.version()) {
            LOG.info("Version {} of the attribute policy goes to all subtasks, from {}", next.version(), watched);
        }
        if (policy == null && next.version() != submitted) {
            LOG.warn(
                    "The JobManager finds another attribute policy than the submission did, version {} instead of {}, in {}",
                    next.version(),
                    submitted,
                    watched);
        }
        policy = next;
        PolicyEvent event = PolicyEvent.of(policy);
        subtasks.values().forEach(subtask -> subtask.sendEvent(event));
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
