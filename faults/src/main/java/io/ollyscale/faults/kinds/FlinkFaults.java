package io.ollyscale.faults.kinds;

import io.ollyscale.faults.flink.FlinkCluster;
import io.ollyscale.faults.kinds.Fault.Target;
import io.ollyscale.faults.process.ChildJvm;
import io.ollyscale.faults.process.ProcessException;
import io.ollyscale.faults.process.Waiting;
import io.ollyscale.faults.rounds.Pipeline;
import io.ollyscale.faults.rounds.Servers;
import io.ollyscale.functions.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** What happens to Flink's processes. */
final class FlinkFaults {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

    static final List<Fault> ALL = List.of(
            Fault.of("TaskManager killed", Target.TASK_MANAGERS, (servers, pipeline, random) -> {
                FlinkCluster flink = servers.flink();
                List<ChildJvm> taskManagers = flink.taskManagers();
                if (!taskManagers.isEmpty()) {
                    taskManagers.get(random.nextInt(taskManagers.size())).kill();
                }
                return flink::addTaskManager;
            }),
            Fault.of("JobManager killed", Target.JOB_MANAGER, (servers, pipeline, random) -> {
                servers.flink().jobManager().kill();
                return servers.flink()::startJobManager;
            }),
            Fault.of("writers stopped, replaced, woken up", Target.WRITERS, FlinkFaults::stallWriters),
            Fault.of("checkpoint directory fails", Target.JOB_MANAGER, FlinkFaults::breakCheckpoints));

    private FlinkFaults() {}

    /** All TaskManagers stand still while a transaction is open; others take over, and then the old ones go on. */
    private static Fault.Repair stallWriters(Servers servers, Pipeline pipeline, Random random) throws SQLException {
        FlinkCluster flink = servers.flink();
        List<ChildJvm> old = List.copyOf(flink.taskManagers());
        try (Connection session = pipeline.store().connect()) {
            Waiting.until(
                    "writers to stand in the middle of a transaction",
                    PATIENCE,
                    () -> {
                        if (openTransactions(session) == 0) {
                            return false;
                        }
                        old.forEach(ChildJvm::suspend);
                        if (openTransactions(session) > 0) {
                            return true;
                        }
                        old.forEach(ChildJvm::resume);
                        return false;
                    },
                    () -> "");
        }
        old.forEach(taskManager -> flink.addTaskManager());
        return () -> {
            Waiting.until(
                    "others to take over",
                    PATIENCE,
                    () -> old.stream()
                                    .noneMatch(taskManager ->
                                            flink.registeredTaskManagers().contains(taskManager.name()))
                            && flink.allTasksRun(pipeline.job()),
                    () -> "");
            old.forEach(ChildJvm::resume);
        };
    }

    private static long openTransactions(Connection session) throws SQLException {
        return Long.parseLong(Rows.of(session, """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE application_name = 'ollyscale sink' AND datname = current_database() AND xact_start IS NOT NULL
                          AND query !~ '^(COMMIT|ROLLBACK)'""").get(0));
    }

    /** A file stands where the directory was, so that no checkpoint can be written and none be read. */
    private static Fault.Repair breakCheckpoints(Servers servers, Pipeline pipeline, Random random) throws Exception {
        FlinkCluster flink = servers.flink();
        Path checkpoints = flink.checkpointDirectory();
        long failed = flink.failedCheckpoints(pipeline.job());
        Files.move(checkpoints, away(checkpoints));
        Files.writeString(checkpoints, "no directory");
        try {
            Waiting.until(
                    "a checkpoint to fail",
                    LONGEST_WAIT,
                    () -> flink.failedCheckpoints(pipeline.job()) > failed,
                    () -> "");
        } catch (ProcessException e) {
            mendCheckpoints(flink);
            throw new Fault.MissedException(e.getMessage());
        }
        return () -> mendCheckpoints(flink);
    }

    /** Does nothing where they aren't broken. */
    static void mendCheckpoints(FlinkCluster flink) throws IOException {
        Path checkpoints = flink.checkpointDirectory();
        if (Files.exists(away(checkpoints))) {
            Files.deleteIfExists(checkpoints);
            Files.move(away(checkpoints), checkpoints);
        }
    }

    private static Path away(Path checkpoints) {
        return checkpoints.resolveSibling("checkpoints-away");
    }
}
