package io.ollyscale.faults.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ollyscale.faults.process.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlinkClusterITCase {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void runsItsJobAgainAfterEachFault(@TempDir Path directory) throws Exception {
        Path jar = JobJar.pack(directory.resolve("job.jar"), CountingJob.class, "flink-connector-datagen-");
        Configuration options = GlobalConfiguration.loadConfiguration("../flink-conf");
        try (FlinkCluster cluster = FlinkCluster.start(directory.resolve("cluster"), options, 2, 2)) {
            JobID job = cluster.submit(jar, new Configuration(), 2, null);
            awaitRun(cluster, job);
            assertThat(cluster.restarts(job)).isZero();
            assertThat(cluster.failure(job)).isEmpty();

            cluster.taskManagers().get(0).kill();
            cluster.addTaskManager();
            await().atMost(LIMIT).until(() -> cluster.restarts(job) > 0);
            awaitRun(cluster, job);

            long before = cluster.checkpoints(job);
            cluster.jobManager().kill();
            cluster.startJobManager();
            awaitRun(cluster, job);
            assertThat(cluster.checkpoints(job)).isGreaterThan(before);

            cluster.awaitTaskManagers(2);
            ChildJvm suspended = cluster.taskManagers().get(0);
            suspended.suspend();
            await().atMost(LIMIT).until(() -> !cluster.allTasksRun(job));
            suspended.resume();
            awaitRun(cluster, job);
            cluster.awaitTaskManagers(2);
            assertThat(suspended.isAlive()).isTrue();
            assertThat(cluster.failure(job))
                    .hasValueSatisfying(failure -> assertThat(failure).contains(suspended.name()));
            await().atMost(LIMIT).until(() -> cluster.heapUsed().size() == 2);

            String savepoint = cluster.stopWithSavepoint(job);
            assertThat(cluster.status(job)).isEqualTo(JobStatus.FINISHED);
            JobID next = cluster.submit(jar, new Configuration(), 4, savepoint);
            awaitRun(cluster, next);
            cluster.cancel(next);
            assertThat(cluster.status(next)).isEqualTo(JobStatus.CANCELED);
        }
    }

    @Test
    void remembersHowJobsEndedUnderAnotherJobManager(@TempDir Path directory) throws Exception {
        Path jar = JobJar.pack(directory.resolve("job.jar"), CountingJob.class, "flink-connector-datagen-");
        Configuration options = GlobalConfiguration.loadConfiguration("../flink-conf");
        try (FlinkCluster cluster = FlinkCluster.start(directory.resolve("cluster"), options, 1, 1)) {
            Configuration failing =
                    Configuration.fromMap(Map.of(CountingJob.FAIL_AT, "20", "restart-strategy.type", "none"));
            JobID job = cluster.submit(jar, failing, 1, null);
            await().atMost(LIMIT).until(() -> cluster.isOver(job));

            ChildJvm leader = cluster.jobManager();
            cluster.startJobManager();
            leader.kill();

            assertThat(cluster.status(job)).isEqualTo(JobStatus.FAILED);
            assertThat(cluster.failure(job))
                    .hasValueSatisfying(failure -> assertThat(failure).endsWith("told to fail at 20"));
        }
    }

    /** Every task runs and a checkpoint completes after that. */
    private static void awaitRun(FlinkCluster cluster, JobID job) {
        await().atMost(LIMIT).until(() -> cluster.allTasksRun(job));
        long before = cluster.checkpoints(job);
        await().atMost(LIMIT).until(() -> cluster.checkpoints(job) > before);
    }
}
