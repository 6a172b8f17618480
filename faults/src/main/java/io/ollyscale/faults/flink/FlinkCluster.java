package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ChildJvm;
import io.ollyscale.faults.process.ProcessException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.curator.test.TestingServer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.deployment.executors.RemoteExecutor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.rest.messages.EmptyMessageParameters;
import org.apache.flink.runtime.rest.messages.job.metrics.Metric;
import org.apache.flink.runtime.rest.messages.job.metrics.TaskManagerMetricsHeaders;
import org.apache.flink.runtime.rest.messages.job.metrics.TaskManagerMetricsMessageParameters;
import org.apache.flink.runtime.rest.messages.taskmanager.TaskManagerInfo;
import org.apache.flink.runtime.rest.messages.taskmanager.TaskManagersHeaders;

/**
 * A standalone session cluster: JobManagers and TaskManagers in processes of their own, which find each other through a
 * ZooKeeper in this one. Everything is on 127.0.0.1 and below one directory.
 *
 * <p>What is asked of a cluster without a leader is asked again for up to a minute. Every method throws
 * {@link ProcessException} when that is over or the cluster refuses; its message has the last lines of the processes'
 * logs. Safe for use by several threads, except for the starts of processes.
 */
public final class FlinkCluster implements AutoCloseable {
    /** Of a TaskManager, in bytes. */
    public static final long TASK_MANAGER_HEAP = FlinkSettings.HEAP;

    private static final String HEAP_USED = "Status.JVM.Memory.Heap.Used";
    private static final int LOG_LINES = 25;

    private final Configuration configuration;
    private final FlinkSettings settings;
    private final TestingServer zooKeeper;
    private final FlinkProcesses processes;
    private final FlinkClient client;
    private final FlinkRest rest;
    private final FlinkJobs jobs;
    private final List<ChildJvm> jobManagers = new CopyOnWriteArrayList<>();
    private final List<ChildJvm> taskManagers = new CopyOnWriteArrayList<>();
    private int started;

    private FlinkCluster(Path directory, FlinkSettings settings, Configuration configuration, TestingServer zooKeeper) {
        this.configuration = configuration;
        this.settings = settings;
        this.zooKeeper = zooKeeper;
        this.processes = new FlinkProcesses(configuration, settings.write(configuration), directory.resolve("logs"));
        this.client = new FlinkClient(directory.resolve("client"));
        this.rest = new FlinkRest(configuration, this::lastLines);
        this.jobs = new FlinkJobs(rest, new JobArchive(settings.archive(), settings.results()));
    }

    /**
     * Starts a cluster with one JobManager; its TaskManagers are registered when this returns.
     *
     * @param options of the cluster and of all its jobs; what the suite needs comes on top of them
     */
    public static FlinkCluster start(Path directory, Configuration options, int taskManagers, int slotsPerTaskManager) {
        Path absolute = directory.toAbsolutePath().normalize();
        FlinkSettings settings = new FlinkSettings(absolute);
        settings.makeDirectories();
        TestingServer zooKeeper = ZooKeepers.start(absolute.resolve("zookeeper"));
        FlinkCluster cluster;
        try {
            cluster = new FlinkCluster(
                    absolute,
                    settings,
                    settings.of(options, zooKeeper.getConnectString(), slotsPerTaskManager),
                    zooKeeper);
        } catch (RuntimeException e) {
            ZooKeepers.close(zooKeeper);
            throw e;
        }
        try {
            cluster.startJobManager();
            for (int i = 0; i < taskManagers; i++) {
                cluster.addTaskManager();
            }
            cluster.awaitTaskManagers(taskManagers);
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** The JobManager that was started last. */
    public ChildJvm jobManager() {
        return jobManagers.get(jobManagers.size() - 1);
    }

    /** Starts one more JobManager, which leads when no other does: at once, or as a standby. */
    public ChildJvm startJobManager() {
        ChildJvm jobManager = processes.startJobManager("jobmanager-" + ++started);
        jobManagers.add(jobManager);
        return jobManager;
    }

    /** The TaskManagers whose processes are alive, in the order of their starts. */
    public List<ChildJvm> taskManagers() {
        return taskManagers.stream().filter(ChildJvm::isAlive).toList();
    }

    /** Starts one more TaskManager. */
    public ChildJvm addTaskManager() {
        ChildJvm taskManager = processes.startTaskManager("taskmanager-" + ++started);
        taskManagers.add(taskManager);
        return taskManager;
    }

    /** The names of the TaskManagers that the JobManager counts on. */
    public Set<String> registeredTaskManagers() {
        return registered().stream()
                .map(taskManager -> taskManager.getResourceId().toString())
                .collect(Collectors.toSet());
    }

    /** Waits until exactly so many TaskManagers are registered. */
    public void awaitTaskManagers(int count) {
        rest.await(count + " TaskManagers are registered", () -> {
            requireProcess();
            return registered().size() == count;
        });
    }

    /**
     * Runs the jar's main method as {@code flink run -d} does.
     *
     * @param jobOptions as {@code -D}; they come on top of the cluster's
     * @param savepoint a savepoint or a retained checkpoint to start from; may be null
     */
    public JobID submit(Path jobJar, Configuration jobOptions, int parallelism, String savepoint) {
        // Named beforehand, so that a submission whose answer is lost can be found.
        JobID job = JobID.generate();
        Configuration options = new Configuration(configuration);
        options.addAll(jobOptions);
        options.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        options.set(DeploymentOptions.TARGET, RemoteExecutor.NAME);
        options.set(DeploymentOptions.ATTACHED, false);
        options.set(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID, job.toHexString());
        // 60 s in all, as long as everything else here.
        options.set(RestOptions.RETRY_DELAY, Duration.ofMillis(500));
        options.set(RestOptions.RETRY_MAX_ATTEMPTS, 120);
        if (savepoint != null) {
            SavepointRestoreSettings.toConfiguration(
                    SavepointRestoreSettings.forPath(
                            savepoint, options.get(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE)),
                    options);
        }
        try {
            client.run(jobJar, options);
        } catch (ProcessException e) {
            if (jobs.statusIfKnown(job).isEmpty()) {
                throw e;
            }
        }
        return job;
    }

    /** Also of a job that has ended, whichever JobManager led then. */
    public JobStatus status(JobID job) {
        return jobs.status(job);
    }

    /**
     * Whether the job has ended and that is noted. Its {@link #status} is a final one a moment earlier: if the JobManager
     * is killed in that moment, the next one runs the job again.
     */
    public boolean isOver(JobID job) {
        return jobs.isOver(job);
    }

    /** Whether the job runs with all tasks of all operators. */
    public boolean allTasksRun(JobID job) {
        return jobs.allTasksRun(job);
    }

    /**
     * The messages of the job's last failure and its causes, outermost first; empty when it never failed. A new JobManager
     * knows only failures since it leads, except for jobs that have ended.
     */
    public Optional<String> failure(JobID job) {
        return jobs.failure(job);
    }

    /**
     * The number of the job's last completed checkpoint, 0 before the first. It grows across restarts of the job and of
     * the JobManager; attempts that failed leave holes.
     */
    public long checkpoints(JobID job) {
        return jobs.checkpoints(job);
    }

    /** How many of the job's checkpoints have failed since the current JobManager leads. */
    public long failedCheckpoints(JobID job) {
        return jobs.failedCheckpoints(job);
    }

    /** How often the job was restarted since the current JobManager leads. */
    public int restarts(JobID job) {
        return jobs.restarts(job);
    }

    /**
     * Stops the job with a savepoint in Flink's canonical format and waits for both.
     *
     * @return where the savepoint is
     */
    public String stopWithSavepoint(JobID job) {
        return jobs.stopWithSavepoint(job);
    }

    /** Cancels the job and waits for its end. */
    public void cancel(JobID job) {
        jobs.cancel(job);
    }

    /** Bytes of heap in use by TaskManager, as each last told the JobManager; those that didn't yet are missing. */
    public Map<String, Long> heapUsed() {
        Map<String, Long> used = new TreeMap<>();
        for (TaskManagerInfo taskManager : registered()) {
            TaskManagerMetricsMessageParameters parameters = new TaskManagerMetricsMessageParameters();
            parameters.taskManagerIdParameter.resolve(taskManager.getResourceId());
            parameters.metricsFilterParameter.resolve(List.of(HEAP_USED));
            rest
                    .ask(
                            "metrics of " + taskManager.getResourceId(),
                            TaskManagerMetricsHeaders.getInstance(),
                            parameters)
                    .getMetrics()
                    .stream()
                    .map(Metric::getValue)
                    .forEach(value -> used.put(taskManager.getResourceId().toString(), Long.parseLong(value)));
        }
        return used;
    }

    /** Where the jobs' checkpoints are, by job. */
    public Path checkpointDirectory() {
        return settings.checkpoints();
    }

    /** Ends all processes, in order where they can, and ZooKeeper after them. */
    @Override
    public void close() {
        List<ChildJvm> all = Stream.concat(taskManagers.stream(), jobManagers.stream())
                .filter(ChildJvm::isAlive)
                .toList();
        List<AutoCloseable> parts = new ArrayList<>();
        parts.add(rest);
        parts.add(client);
        parts.add(() -> all.forEach(ChildJvm::end));
        parts.addAll(all);
        parts.add(zooKeeper);
        ProcessException failure = null;
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new ProcessException("The Flink cluster can't be closed: " + e, e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private List<TaskManagerInfo> registered() {
        return List.copyOf(
                rest.ask("the TaskManagers", TaskManagersHeaders.getInstance(), EmptyMessageParameters.getInstance())
                        .getTaskManagerInfos());
    }

    /** Waiting is in vain when every JobManager has ended. */
    private void requireProcess() {
        if (jobManagers.stream().noneMatch(ChildJvm::isAlive)) {
            jobManager().requireAlive();
        }
    }

    private String lastLines() {
        return Stream.concat(jobManagers.stream(), taskManagers.stream())
                .map(process ->
                        "--- " + process + (process.isAlive() ? "" : ", ended") + "\n" + process.lastLines(LOG_LINES))
                .collect(Collectors.joining("\n"));
    }
}
