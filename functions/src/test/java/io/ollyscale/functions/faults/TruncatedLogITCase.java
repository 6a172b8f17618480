package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.local.LocalKafkaCluster;
import io.ollyscale.schema.otlp.Signal;
import java.util.List;
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
            scenario.send(2);
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
            scenario.send(LOST - 1);

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
            scenario.send(2 * LOST);

            RunningJob restored = scenario.start(JobPlan.PLAIN.parallel(1).from(savepoint));
            assertThat(restored.awaitFailure())
                    .contains("was truncated at offset " + KEPT + " and written anew")
                    .contains("Start the job without state");
            RunningJob again = scenario.start(JobPlan.PLAIN.parallel(1));
            scenario.feed(again, 10);
            assertThat(again.firstOffsets()).isEqualTo(scenario.inEachTopic(Map.of(0, (long) KEPT)));
            scenario.assertStoredOnce();
        }
    }

    private static Scenario scenario(Servers servers, String name) {
        return new Scenario(
                servers,
                servers.postgres(),
                name,
                cluster.bootstrapServers(),
                1,
                // One leader for all topics.
                topic -> topic.create(List.of(1, 2), Map.of("unclean.leader.election.enable", "true")),
                "1");
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
        scenario.topics().forEach(topic -> topic.awaitInSync(2));
        int leader = cluster.leader(scenario.topic(Signal.TRACES).name(), 0).orElseThrow();
        cluster.stopBroker(cluster.other(leader));
        scenario.feed(job, LOST);
        return leader;
    }

    /** Ends the leader, and makes the other broker the leader, which lacks what was stored last. */
    private static void loseTheEnd(Scenario scenario, int leader) {
        cluster.stopBroker(leader);
        cluster.startBroker(cluster.other(leader));
        scenario.forgetEnds();
    }
}
