package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.status.Lags;
import io.ollyscale.jobs.cli.status.PartitionLag;
import io.ollyscale.jobs.cli.status.StatusReport;
import io.ollyscale.jobs.cli.status.StoreStatus;
import io.ollyscale.sql.Migrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says where the store stands. */
@Command(
        name = "status",
        description = {
            "Says where the store stands: lag by partition, freshness, the job, gaps, quarantine, dimensions, the active"
                    + " policy, rows by table.",
            "Exit status 1: there are gaps, no partitions for new rows, dimensions that collide or were refused, or the lag"
                    + " can't be read. Quarantine alone is no finding."
        })
final class StatusCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Option(names = "--json", description = "Print the status as JSON.")
    private boolean json;

    @Override
    public Integer call() throws SQLException {
        StoreStatus store;
        try (Connection connection = connections.connect()) {
            Migrations.verify(connection);
            store = StoreStatus.read(connection);
        }
        StatusReport report = report(store);
        if (json) {
            Json.print(spec.commandLine().getOut(), StatusJson.of(report));
        } else {
            new StatusText(spec.commandLine().getOut(), report).print();
        }
        return report.hasFindings() ? 1 : 0;
    }

    private StatusReport report(StoreStatus store) {
        try (KafkaCluster kafka = KafkaCluster.connect(connections.kafkaProperties())) {
            Configuration options =
                    LocalModeFile.ofUser().signalOptions(connections::kafka, JobOptions.ofEnvironment(System.getenv()));
            // The ledger names no topic of which nothing was stored yet, and goes on to name what isn't stored any
            // more.
            List<PartitionLag> lags =
                    Lags.read(store, kafka, SignalOptions.topics(options), SignalOptions.topicsSwitchedOff(options));
            return StatusReport.of(store, lags);
        } catch (UserFailure | KafkaException e) {
            return StatusReport.withoutLag(store, Failures.line(e));
        }
    }
}
