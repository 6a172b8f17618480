package io.ollyscale.faults.kinds;

import io.ollyscale.faults.flink.FlinkCluster;
import io.ollyscale.faults.kinds.Fault.Target;
import io.ollyscale.faults.process.ChildJvm;
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
            Fault.of("checkpoint directory fails", Target.CHECKPOINTS, FlinkFaults::breakCheckpoints));

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
            Waiting.until("others to take over", PATIENCE, () -> flink.allTasksRun(pipeline.job()), () -> "");
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
    private static Fault.Repair breakCheckpoints(Servers servers, Pipeline pipeline, Random random) throws IOException {
        Path checkpoints = servers.flink().checkpointDirectory();
        Path away = checkpoints.resolveSibling("checkpoints-away");
        Files.move(checkpoints, away);
        Files.writeString(checkpoints, "no directory");
        return () -> {
            Files.delete(checkpoints);
            Files.move(away, checkpoints);
        };
    }
}
