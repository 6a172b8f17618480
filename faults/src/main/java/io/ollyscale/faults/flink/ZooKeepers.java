package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ProcessException;
import io.ollyscale.local.LoopbackPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;

/** A ZooKeeper in this process. */
final class ZooKeepers {

    /** Milliseconds; the shortest session is two of them, and Flink's is a few seconds. */
    private static final int TICK = 500;

    private ZooKeepers() {}

    static TestingServer start(Path directory) {
        try {
            return new TestingServer(
                    new InstanceSpec(
                            directory.toFile(), LoopbackPorts.free(), -1, -1, true, 1, TICK, -1, Map.of(), "127.0.0.1"),
                    true);
        } catch (Exception e) {
            throw new ProcessException("ZooKeeper can't be started: " + e, e);
        }
    }

    static void close(TestingServer server) {
        try {
            server.close();
        } catch (IOException e) {
            throw new ProcessException("ZooKeeper can't be stopped: " + e, e);
        }
    }
}
