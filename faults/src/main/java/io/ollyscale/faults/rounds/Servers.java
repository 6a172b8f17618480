package io.ollyscale.faults.rounds;

import io.ollyscale.faults.flink.FlinkCluster;
import io.ollyscale.faults.kafka.BrokerProcess;
import io.ollyscale.faults.postgres.PostgresProxy;
import io.ollyscale.faults.postgres.PostgresServer;
import io.ollyscale.faults.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * Everything that the job needs, each a process of its own: a broker, PostgreSQL behind a proxy, and a Flink cluster.
 *
 * @param proxy between the job and PostgreSQL
 */
public record Servers(PostgresServer postgres, PostgresProxy proxy, BrokerProcess broker, FlinkCluster flink)
        implements AutoCloseable {
    public static final int TASK_MANAGERS = 2;

    /** Of a TaskManager: the job has at most two subtasks, and one TaskManager alone must be able to run it. */
    private static final int SLOTS = 2;

    /**
     * @param directory for all files of the servers
     * @param flinkConf what is shipped: {@code config.yaml}
     */
    public static Servers start(Path directory, Path flinkConf, PostgresServer.Disks disks)
            throws IOException, SQLException {
        Deque<AutoCloseable> started = new ArrayDeque<>();
        try {
            Files.createDirectories(directory);
            // Where PostgreSQL runs as another user, it must get to its own directory.
            directory.toFile().setExecutable(true, false);
            PostgresServer postgres = PostgresServer.start(directory.resolve("postgres"), disks);
            started.push(postgres);
            PostgresProxy proxy = new PostgresProxy(postgres.port());
            started.push(proxy);
            BrokerProcess broker = new BrokerProcess(directory.resolve("kafka"), Map.of());
            started.push(broker);
            broker.start();
            Configuration options = GlobalConfiguration.loadConfiguration(flinkConf.toString());
            FlinkCluster flink = FlinkCluster.start(directory.resolve("flink"), options, TASK_MANAGERS, SLOTS);
            return new Servers(postgres, proxy, broker, flink);
        } catch (IOException | SQLException | RuntimeException e) {
            closeAll(started, e);
            throw e;
        }
    }

    /** Starts Flink's processes that were killed and ends those that are too many, and lets the proxy pass everything. */
    public void restore() {
        proxy.flow();
        proxy.limit(0);
        if (!flink.jobManager().isAlive()) {
            flink.startJobManager();
        }
        for (ChildJvm taskManager : flink.taskManagers()) {
            taskManager.resume();
        }
        while (flink.taskManagers().size() > TASK_MANAGERS) {
            flink.taskManagers().get(0).kill();
        }
        while (flink.taskManagers().size() < TASK_MANAGERS) {
            flink.addTaskManager();
        }
    }

    @Override
    public void close() {
        Deque<AutoCloseable> all = new ArrayDeque<>();
        all.push(postgres);
        all.push(proxy);
        all.push(broker);
        all.push(flink);
        RuntimeException failure = new IllegalStateException("the servers don't end");
        closeAll(all, failure);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    private static void closeAll(Deque<AutoCloseable> all, Exception failure) {
        for (AutoCloseable server : all) {
            try {
                server.close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
