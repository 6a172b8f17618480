package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ProcessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ClusterOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.highavailability.JobResultStoreOptions;

/** The cluster's configuration: small processes on loopback that notice and mend a failure within seconds. */
final class FlinkSettings {

    private static final String LOOPBACK = "127.0.0.1";
    private static final String ANY_PORT = "0";

    private static final MemorySize TASK_HEAP = MemorySize.ofMebiBytes(384);
    private static final MemorySize FRAMEWORK_HEAP = MemorySize.ofMebiBytes(64);

    /** Of a TaskManager, in bytes. */
    static final long HEAP = TASK_HEAP.add(FRAMEWORK_HEAP).getBytes();

    private final Path directory;

    FlinkSettings(Path directory) {
        this.directory = directory;
    }

    Path checkpoints() {
        return directory.resolve("checkpoints");
    }

    Path savepoints() {
        return directory.resolve("savepoints");
    }

    /** Where a JobManager leaves what it knows of a job that has ended. */
    Path archive() {
        return directory.resolve("archive");
    }

    /** Where a JobManager notes that a job has ended for good, as {@code <job id>.json}. */
    Path results() {
        return directory.resolve("results");
    }

    /** @param options that these come on top of */
    Configuration of(Configuration options, String zooKeeper, int slots) {
        Configuration all = new Configuration(options);
        addresses(all);
        highAvailability(all, zooKeeper);
        failures(all);
        memory(all);
        checkpoints(all);
        all.set(TaskManagerOptions.NUM_TASK_SLOTS, slots);
        // A fault at one TaskManager must meet a part of the job, whichever it is.
        all.set(TaskManagerOptions.TASK_MANAGER_LOAD_BALANCE_MODE, TaskManagerOptions.TaskManagerLoadBalanceMode.SLOTS);
        all.set(CoreOptions.TMP_DIRS, directory.resolve("tmp").toString());
        all.set(WebOptions.TMP_DIR, directory.resolve("tmp").toString());
        all.set(
                ClusterOptions.PROCESS_WORKING_DIR_BASE,
                directory.resolve("work").toString());
        all.set(JobManagerOptions.ARCHIVE_DIR, archive().toUri().toString());
        all.set(JobResultStoreOptions.STORAGE_PATH, results().toUri().toString());
        all.set(JobResultStoreOptions.DELETE_ON_COMMIT, false);
        // What the web server tells is as old as these.
        all.set(WebOptions.REFRESH_INTERVAL, Duration.ofMillis(200));
        all.set(RestOptions.CACHE_CHECKPOINT_STATISTICS_TIMEOUT, Duration.ofMillis(200));
        all.set(MetricOptions.METRIC_FETCHER_UPDATE_INTERVAL, Duration.ofMillis(500));
        // All metrics stand still while one suspended TaskManager is asked for its own: by default for ten minutes.
        all.set(WebOptions.TIMEOUT, Duration.ofSeconds(5));
        return all;
    }

    /** Makes the directories. */
    void makeDirectories() {
        try {
            for (String name :
                    new String[] {"archive", "checkpoints", "conf", "ha", "logs", "results", "savepoints", "tmp", "work"
                    }) {
                Files.createDirectories(directory.resolve(name));
            }
        } catch (IOException e) {
            throw new ProcessException("The cluster's directories in " + directory + " can't be made: " + e, e);
        }
    }

    /** Writes what {@code --configDir} is to name. */
    Path write(Configuration all) {
        Path conf = directory.resolve("conf");
        try {
            Files.write(conf.resolve("config.yaml"), ConfigurationUtils.convertConfigToWritableLines(all, true));
            return conf;
        } catch (IOException e) {
            throw new ProcessException("The cluster's configuration in " + conf + " can't be written: " + e, e);
        }
    }

    private static void addresses(Configuration all) {
        all.set(JobManagerOptions.ADDRESS, LOOPBACK);
        all.set(JobManagerOptions.BIND_HOST, LOOPBACK);
        all.set(TaskManagerOptions.HOST, LOOPBACK);
        all.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
        all.set(RestOptions.ADDRESS, LOOPBACK);
        all.set(RestOptions.BIND_ADDRESS, LOOPBACK);
        // A new JobManager must not need what an old one has that is only suspended; ZooKeeper knows who listens where.
        all.set(RestOptions.BIND_PORT, ANY_PORT);
        all.set(HighAvailabilityOptions.HA_JOB_MANAGER_PORT_RANGE, ANY_PORT);
        all.set(TaskManagerOptions.RPC_PORT, ANY_PORT);
        all.set(BlobServerOptions.PORT, ANY_PORT);
        all.set(MetricOptions.QUERY_SERVICE_PORT, ANY_PORT);
    }

    private void highAvailability(Configuration all, String zooKeeper) {
        all.set(HighAvailabilityOptions.HA_MODE, "zookeeper");
        all.set(HighAvailabilityOptions.HA_ZOOKEEPER_QUORUM, zooKeeper);
        all.set(
                HighAvailabilityOptions.HA_STORAGE_PATH,
                directory.resolve("ha").toUri().toString());
        all.set(HighAvailabilityOptions.ZOOKEEPER_SESSION_TIMEOUT, Duration.ofSeconds(4));
        all.set(HighAvailabilityOptions.ZOOKEEPER_CONNECTION_TIMEOUT, Duration.ofSeconds(2));
        all.set(HighAvailabilityOptions.ZOOKEEPER_RETRY_WAIT, Duration.ofMillis(200));
        all.set(HighAvailabilityOptions.ZOOKEEPER_MAX_RETRY_WAIT, Duration.ofSeconds(1));
    }

    private static void failures(Configuration all) {
        all.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofMillis(500));
        all.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofSeconds(4));
        all.set(HeartbeatManagerOptions.HEARTBEAT_RPC_FAILURE_THRESHOLD, 2);
        // How long a TaskManager waits before it registers again.
        all.set(ClusterOptions.MAX_REGISTRATION_TIMEOUT, Duration.ofSeconds(2));
        all.set(ClusterOptions.ERROR_REGISTRATION_DELAY, Duration.ofMillis(500));
        all.set(ClusterOptions.REFUSED_REGISTRATION_DELAY, Duration.ofMillis(500));
        all.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        all.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofMillis(100));
        all.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofSeconds(1));
        all.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
                Duration.ofSeconds(10));
    }

    private static void memory(Configuration all) {
        all.set(JobManagerOptions.JVM_HEAP_MEMORY, MemorySize.ofMebiBytes(320));
        all.set(JobManagerOptions.OFF_HEAP_MEMORY, MemorySize.ofMebiBytes(64));
        all.set(JobManagerOptions.JVM_METASPACE, MemorySize.ofMebiBytes(256));
        all.set(JobManagerOptions.JVM_OVERHEAD_MIN, MemorySize.ofMebiBytes(64));
        all.set(JobManagerOptions.JVM_OVERHEAD_MAX, MemorySize.ofMebiBytes(64));

        all.set(TaskManagerOptions.CPU_CORES, 1.0);
        all.set(TaskManagerOptions.TASK_HEAP_MEMORY, TASK_HEAP);
        all.set(TaskManagerOptions.FRAMEWORK_HEAP_MEMORY, FRAMEWORK_HEAP);
        all.set(TaskManagerOptions.TASK_OFF_HEAP_MEMORY, MemorySize.ofMebiBytes(128));
        all.set(TaskManagerOptions.FRAMEWORK_OFF_HEAP_MEMORY, MemorySize.ofMebiBytes(64));
        all.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(64));
        all.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        all.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        all.set(TaskManagerOptions.JVM_METASPACE, MemorySize.ofMebiBytes(256));
        all.set(TaskManagerOptions.JVM_OVERHEAD_MIN, MemorySize.ofMebiBytes(64));
        all.set(TaskManagerOptions.JVM_OVERHEAD_MAX, MemorySize.ofMebiBytes(64));
    }

    private void checkpoints(Configuration all) {
        all.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
        all.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ofMillis(200));
        all.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                checkpoints().toUri().toString());
        all.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, savepoints().toUri().toString());
        all.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    }
}
