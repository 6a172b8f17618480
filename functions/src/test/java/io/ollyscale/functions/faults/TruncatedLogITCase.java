package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.local.LocalKafkaCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Logs that lose their end to an unclean election and are written anew from there. */
@ExtendWith(ServersExtension.class)
class TruncatedLogITCase {
    private static final int KEPT = 6;
    private static final int LOST = 4;

    private static LocalKafkaCluster cluster;

    @BeforeAll
    static void startCluster() {
        cluster = LocalKafkaCluster.start();
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @AfterEach
    void startBrokers() {
        cluster.startBroker(1);
        cluster.startBroker(2);
    }

    @Test
    void storesWhatIsWrittenAnewWhileItRuns(Servers servers) throws Exception {
        try (Scenario scenario = scenario(servers, "truncated_running")) {
            RunningJob job = scenario.start(JobPlan.PLAIN.parallel(1));
            loseTheEnd(scenario, storeWhatWillBeLost(scenario, job));
            scenario.spans().send(2);
            scenario.awaitStored(job);
            scenario.feed(job, 10);
            scenario.assertStoredOnce();
        }
    }

    @Test
    void goesBackWhereTheLogIsShorterThanItsState(Servers servers) throws Exception {
        try (Scenario scenario = scenario(servers, "truncated_shorter")) {
            RunningJob job = scenario.start(JobPlan.PLAIN.parallel(1));
            String savepoint = loseTheEndBehindASavepoint(scenario, job);
            scenario.spans().send(LOST - 1);

            RunningJob restored = scenario.start(JobPlan.PLAIN.parallel(1).from(savepoint));
            scenario.awaitStored(restored);
            scenario.feed(restored, 10);
            scenario.assertStoredOnce();
        }
    }

    @Test
    void stopsWhereItsStatePointsBehindTheTruncation(Servers servers) throws Exception {
        try (Scenario scenario = scenario(servers, "truncated_longer")) {
            RunningJob job = scenario.start(JobPlan.PLAIN.parallel(1));
            String savepoint = loseTheEndBehindASavepoint(scenario, job);
            scenario.spans().send(2 * LOST);

            RunningJob restored = scenario.start(JobPlan.PLAIN.parallel(1).from(savepoint));
            assertThat(restored.awaitFailure())
                    .contains("was truncated at offset " + KEPT + " and written anew")
                    .contains("Start the job without state");
            RunningJob again = scenario.start(JobPlan.PLAIN.parallel(1));
            scenario.feed(again, 10);
            assertThat(again.firstOffsets()).isEqualTo(Map.of(0, (long) KEPT));
            scenario.assertStoredOnce();
        }
    }

    private static Scenario scenario(Servers servers, String name) throws Exception {
        TestTopic topic = new TestTopic(cluster.bootstrapServers(), name, 1);
        topic.create((short) 2, Map.of("unclean.leader.election.enable", "true"));
        return new Scenario(
                servers.flink(),
                cluster.bootstrapServers(),
                topic,
                TestStore.create(servers.postgres(), name),
                new NumberedSpans(cluster.bootstrapServers(), topic, "1"));
    }

    /** Returns the savepoint. */
    private static String loseTheEndBehindASavepoint(Scenario scenario, RunningJob job) throws Exception {
        int leader = storeWhatWillBeLost(scenario, job);
        String savepoint = job.stopWithSavepoint();
        loseTheEnd(scenario, leader);
        return savepoint;
    }

    /** Stores records that only the leader has, and returns it. */
    private static int storeWhatWillBeLost(Scenario scenario, RunningJob job) throws Exception {
        scenario.feed(job, KEPT);
        scenario.topic().awaitInSync(2);
        int leader = cluster.leader(scenario.topic().name(), 0).orElseThrow();
        cluster.stopBroker(cluster.other(leader));
        scenario.feed(job, LOST);
        return leader;
    }

    /** Ends the leader, and makes the other broker the leader, which lacks what was stored last. */
    private static void loseTheEnd(Scenario scenario, int leader) {
        cluster.stopBroker(leader);
        cluster.startBroker(cluster.other(leader));
        scenario.spans().forgetEnds();
    }
}
