package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.cli.audit.Audit;
import io.ollyscale.jobs.cli.status.Lags;
import io.ollyscale.jobs.cli.status.PartitionLag;
import io.ollyscale.jobs.cli.status.StoreStatus;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * What a local mode ends with when its time is over, and nothing more is sent: the job stores what Kafka has, and then the
 * rollups are compared with the spans.
 */
record ClosingAudit(PrintWriter out, LocalStack stack, EmbeddedCluster cluster, ProcessEnd end) {

    private static final Duration LOOK = Duration.ofMillis(200);

    /** With the job. The audit is right all the same, only of less. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /**
     * Prints what was found. Does nothing where somebody wants the process to end, or ends it meanwhile.
     *
     * @return the exit status
     */
    int run(Configuration options) throws SQLException, InterruptedException {
        if (end.isWanted()) {
            return 0;
        }
        try (Connection connection = stack.connect()) {
            awaitStored(connection, options);
            if (end.isWanted()) {
                return 0;
            }
            Thread cancel = ShutdownHooks.cancel(connection);
            try {
                Audit audit = Audit.of(connection, null, null);
                AuditText.print(out, audit);
                return audit.isClean() ? 0 : 1;
            } finally {
                ShutdownHooks.remove(cancel);
            }
        } catch (SQLException | IllegalStateException e) {
            // The query was canceled, or a process that ends takes no hook any more.
            if (end.isWanted()) {
                return 0;
            }
            throw e;
        }
    }

    private void awaitStored(Connection connection, Configuration options) throws SQLException, InterruptedException {
        Properties properties = new Properties();
        properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (KafkaCluster kafka = KafkaCluster.connect(properties)) {
            while (!end.isWanted()) {
                long lag = Lags.read(
                                StoreStatus.read(connection),
                                kafka,
                                SignalOptions.topics(options),
                                SignalOptions.topicsSwitchedOff(options))
                        .stream()
                        .mapToLong(PartitionLag::lag)
                        .sum();
                if (lag == 0) {
                    return;
                }
                if (System.nanoTime() - deadline > 0) {
                    out.println(lag + (lag == 1 ? " record" : " records") + " of Kafka not stored after "
                            + Ages.of(PATIENCE));
                    return;
                }
                cluster.awaitFailure(LOOK);
            }
        }
    }
}
