package io.ollyscale.functions.faults;

import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import java.nio.file.Path;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;

/** A broker, a PostgreSQL and a Flink cluster that all tests share; each test has a topic and a database of its own. */
final class Servers implements AutoCloseable {
    private static final int SLOTS = 4;

    private final LocalPostgres postgres = LocalPostgres.builder().shortLived().start();
    private final LocalKafka kafka = LocalKafka.builder().start();
    private final MiniCluster flink;

    Servers() throws Exception {
        Configuration configuration = flinkConfiguration();
        configuration.set(RestOptions.BIND_PORT, "0");
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(JobManagerOptions.ADDRESS, "127.0.0.1");
        configuration.set(JobManagerOptions.BIND_HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.BIND_HOST, "127.0.0.1");
        // One of the cluster's own, so that a test can go back to any checkpoint of its job.
        configuration.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, 1_000);
        flink = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(SLOTS)
                .build());
        flink.start();
    }

    /** The cluster's configuration, as it is shipped. */
    static Configuration flinkConfiguration() {
        return GlobalConfiguration.loadConfiguration(Path.of("..", "flink-conf").toString());
    }

    LocalPostgres postgres() {
        return postgres;
    }

    LocalKafka kafka() {
        return kafka;
    }

    MiniCluster flink() {
        return flink;
    }

    @Override
    public void close() {
        flink.closeAsync().join();
        kafka.close();
        postgres.close();
    }
}
