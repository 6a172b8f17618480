package io.ollyscale.faults.flink;

import java.io.File;
import java.net.URL;
import java.util.Map;
import org.apache.flink.client.ClientUtils;
import org.apache.flink.client.cli.CliFrontend;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.configuration.ConfigUtils;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.DefaultExecutorServiceLoader;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;

/** What {@link CliFrontend} does for {@code flink run}. Runs in the class loader of {@link FlinkClient}. */
public final class ProgramRun {

    private ProgramRun() {}

    /**
     * Runs the main method of the jar, which submits its job.
     *
     * @param options of the client, the cluster and the job
     */
    public static void run(File jar, Map<String, String> options) throws Exception {
        Configuration configuration = Configuration.fromMap(options);
        try (PackagedProgram program = PackagedProgram.newBuilder()
                .setJarFile(jar)
                .setConfiguration(configuration)
                .setSavepointRestoreSettings(SavepointRestoreSettings.fromConfiguration(configuration))
                .build()) {
            ConfigUtils.encodeCollectionToConfig(
                    configuration, PipelineOptions.JARS, program.getJobJarAndDependencies(), URL::toString);
            boolean oneJobOnly = false;
            boolean silent = true;
            ClientUtils.executeProgram(new DefaultExecutorServiceLoader(), configuration, program, oneJobOnly, silent);
        }
    }
}
