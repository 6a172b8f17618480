package io.ollyscale.jobs.savepoint;

import io.ollyscale.jobs.testing.IngestCluster;
import io.ollyscale.jobs.testing.IngestRun;
import io.ollyscale.jobs.testing.TestServers;
import io.ollyscale.schema.otlp.Signal;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Makes {@link SavepointFixture} anew. No build runs it: its name isn't a test's. The command is in the fixture's README. */
class SavepointFixtureMaker {
    private static final int PARTITIONS = 2;

    @TempDir
    private Path directory;

    @Test
    void make() throws Exception {
        Path kafkaLog = directory.resolve("kafka");
        String savepoint;
        try (TestServers servers = TestServers.start(kafkaLog)) {
            createTopics(servers);
            servers.publish(SavepointFixture.STORED);
            try (IngestCluster cluster = IngestCluster.start(servers.options(), directory.resolve("flink"))) {
                IngestRun run = cluster.submit(1, SavepointRestoreSettings.none());
                run.awaitWhileRunning(
                        "all to be stored",
                        () -> servers.areStored(SavepointFixture.STORED.each().size()));
                savepoint = run.stopWithSavepoint();
            }
            servers.publish(SavepointFixture.behind());
        }
        SavepointFixture.pack(Path.of(URI.create(savepoint)), kafkaLog);
    }

    /** The records are never deleted for their age. */
    private static void createTopics(TestServers servers) throws Exception {
        List<String> topics =
                Arrays.stream(Signal.values()).map(Signal::defaultTopic).toList();
        topics.forEach(topic -> servers.kafka().createTopic(topic, PARTITIONS));
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers.kafka().bootstrapServers()))) {
            admin.incrementalAlterConfigs(topics.stream()
                            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                            .collect(Collectors.toMap(
                                    Function.identity(),
                                    topic -> List.of(new AlterConfigOp(
                                            new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, "-1"),
                                            AlterConfigOp.OpType.SET)))))
                    .all()
                    .get();
        }
    }
}
