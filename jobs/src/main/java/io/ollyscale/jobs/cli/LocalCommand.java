package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole stack in one process. */
@Command(
        name = "local",
        description = {
            "Runs the whole stack in one process: Kafka, PostgreSQL, and the ingest job with Flink's web UI.",
            "Everything binds to loopback. Prints a line READY when it accepts data; Ctrl-C stops it."
        })
final class LocalCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Keeps the data there; otherwise it is gone when the command ends.")
    private Path dataDirectory;

    @Option(names = "--duration", paramLabel = "TIME", description = "Stops by itself after this time: 60s, 5m, 2h.")
    private Duration duration;

    @Option(names = "--no-demo", description = "Without demo traffic. This release has none yet.")
    private boolean noDemo;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            description = "Subtasks of the job. Default: ${DEFAULT-VALUE}.")
    private int parallelism;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            defaultValue = "15432",
            description = "0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int postgresPort;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "19092",
            description = "0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int kafkaPort;

    @Option(
            names = "--ui-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "Of Flink's web UI; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int uiPort;

    @Mixin
    private JobOptions jobOptions;

    @Override
    public Integer call() throws Exception {
        Configuration options = jobOptions.configuration();
        try (ProcessEnd end = new ProcessEnd();
                ScratchDirectory checkpoints = ScratchDirectory.create()) {
            say("starting PostgreSQL and Kafka");
            try (LocalStack stack =
                    LocalStack.start(dataDirectory, postgresPort, kafkaPort, options.get(IngestOptions.TRACES_TOPIC))) {
                options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
                options.set(IngestOptions.KAFKA, stack.bootstrapServers());
                say("starting Flink and the job");
                try (EmbeddedCluster cluster =
                        EmbeddedCluster.start(options, checkpoints.path(), uiPort, parallelism)) {
                    run(stack, cluster, end);
                }
            }
        }
        return 0;
    }

    private void run(LocalStack stack, EmbeddedCluster cluster, ProcessEnd end) throws InterruptedException {
        LocalModeFile file = LocalModeFile.ofUser();
        file.write(new LocalModeFile.Connections(stack.postgresUri(), stack.bootstrapServers(), cluster.ui()));
        try {
            spec.commandLine()
                    .getOut()
                    .println("READY postgres=" + stack.postgresUri() + " kafka=" + stack.bootstrapServers() + " ui="
                            + cluster.ui());
            end.await(cluster, duration);
            say("stopping");
        } finally {
            file.delete();
        }
    }

    private void say(String what) {
        spec.commandLine().getErr().println("ollyscale local: " + what);
    }
}
