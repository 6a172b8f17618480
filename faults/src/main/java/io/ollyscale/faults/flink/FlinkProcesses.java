package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/** Starts JobManagers and TaskManagers as Flink's shell scripts do: the memory of each is computed from the configuration. */
final class FlinkProcesses {

    /** They live for seconds: a quick start is worth more than the best code. */
    private static final List<String> QUICK_START = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final Configuration configuration;
    private final Path conf;
    private final Path logs;

    FlinkProcesses(Configuration configuration, Path conf, Path logs) {
        this.configuration = configuration;
        this.conf = conf;
        this.logs = logs;
    }

    ChildJvm startJobManager(String name) {
        var memory = JobManagerProcessUtils.processSpecFromConfig(configuration);
        return start(
                name,
                JobManagerProcessUtils.generateJvmParametersStr(memory, configuration),
                StandaloneSessionClusterEntrypoint.class,
                JobManagerProcessUtils.generateDynamicConfigsStr(memory));
    }

    /** @param name also the id that the cluster knows it by */
    ChildJvm startTaskManager(String name) {
        TaskExecutorProcessSpec memory = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
        return start(
                name,
                ProcessMemoryUtils.generateJvmParametersStr(memory),
                TaskManagerRunner.class,
                TaskExecutorProcessUtils.generateDynamicConfigsStr(memory) + " -D "
                        + TaskManagerOptions.TASK_MANAGER_RESOURCE_ID.key() + "=" + name + unaware());
    }

    /**
     * A TaskManager that was suspended goes on with what it was at, and learns only then from others that it was given up: the worst
     * that it can do. By itself it would end its tasks before it does anything else.
     */
    private static String unaware() {
        return " -D " + HeartbeatManagerOptions.HEARTBEAT_TIMEOUT.key() + "=30s -D "
                + HighAvailabilityOptions.ZOOKEEPER_SESSION_TIMEOUT.key() + "=30s";
    }

    private ChildJvm start(String name, String memoryArguments, Class<?> main, String dynamicOptions) {
        List<String> jvmArguments = new ArrayList<>(QUICK_START);
        jvmArguments.addAll(words(memoryArguments));
        jvmArguments.addAll(words(configuration.get(CoreOptions.FLINK_JVM_OPTIONS)));
        List<String> arguments = new ArrayList<>(List.of("--configDir", conf.toString()));
        arguments.addAll(words(dynamicOptions));
        return ChildJvm.start(
                name, logs.resolve(name + ".log"), FlinkClassPath.server(), jvmArguments, main.getName(), arguments);
    }

    private static List<String> words(String line) {
        return Arrays.stream(line.split("\\s+")).filter(word -> !word.isEmpty()).toList();
    }
}
