package io.ollyscale.benchmarks;

import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.schema.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.FileUtils;

/** The ingest job, from the topic's beginning. */
final class JobRun {

    /** How often the ledger is read: exact enough over many seconds, and no load. */
    private static final Duration POLL = Duration.ofMillis(50);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private JobRun() {}

    /** Runs a job until everything is stored, then cancels it. */
    static void run(
            Stack stack,
            Configuration options,
            Workload workload,
            int parallelism,
            EmbeddedCluster.JobDefinition definition,
            Commits commits)
            throws SQLException, PolicyException, IOException, InterruptedException {
        Configuration configuration = new Configuration(options);
        stack.configure(configuration, workload.signal());
        Path checkpoints = Files.createTempDirectory("ollyscale-benchmark-checkpoints");
        try (Connection connection = stack.connect();
                EmbeddedCluster cluster =
                        EmbeddedCluster.start(configuration, checkpoints, 0, parallelism, definition)) {
            long progressAt = System.nanoTime();
            while (commits.stored() < workload.units()) {
                cluster.awaitFailure(POLL);
                long more = workload.storedAt(offsets(connection, workload.partitions())) - commits.stored();
                if (more > 0) {
                    commits.add(more);
                    progressAt = System.nanoTime();
                } else if (System.nanoTime() - progressAt > PATIENCE.toNanos()) {
                    throw new IllegalStateException(
                            "the job stored nothing for " + PATIENCE.toSeconds() + " s; see the log");
                }
            }
        } finally {
            FileUtils.deleteDirectoryQuietly(checkpoints.toFile());
        }
    }

    private static long[] offsets(Connection connection, int partitions) throws SQLException {
        long[] offsets = new long[partitions];
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT partition_id, next_offset FROM otel.ingest_ledger");
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                offsets[result.getInt(1)] = result.getLong(2);
            }
        }
        return offsets;
    }
}
