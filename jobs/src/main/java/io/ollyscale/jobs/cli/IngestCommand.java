package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.local.EmbeddedCluster;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The job in this process, between a Kafka and a PostgreSQL that exist. */
@Command(
        name = "ingest",
        description = {
            "Runs the ingest job in this process against a Kafka and a PostgreSQL that exist.",
            "It resumes where the ledger stands. Prints a line READY when it stores data; Ctrl-C stops it."
        })
final class IngestCommand implements Callable<Integer> {

    private static final Duration LOOK = Duration.ofMillis(200);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Mixin
    private JobOptions jobOptions;

    @Option(names = "--duration", paramLabel = "TIME", description = "Stops by itself after this time: 60s, 5m, 2h.")
    private Duration duration;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            description = "Subtasks of the job. Default: ${DEFAULT-VALUE}.")
    private int parallelism;

    @Option(
            names = "--ui-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Of Flink's web UI; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int uiPort;

    @Override
    public Integer call() throws Exception {
        Configuration options = jobOptions.configuration();
        connections.fill(options);
        try (ProcessEnd end = new ProcessEnd();
                ScratchDirectory scratch = ScratchDirectory.create();
                EmbeddedCluster cluster = EmbeddedCluster.start(options, scratch.path(), uiPort, parallelism)) {
            spec.commandLine().getOut().println("READY ui=" + cluster.ui());
            end.await(() -> cluster.awaitFailure(LOOK), duration);
        }
        return 0;
    }
}
