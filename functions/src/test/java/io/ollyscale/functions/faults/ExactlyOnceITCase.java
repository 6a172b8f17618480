package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Failures, restarts and redistribution of the job: whatever happens, each span, log record and data point is stored once. */
@ExtendWith(ServersExtension.class)
class ExactlyOnceITCase {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void outlastsAnOperatorThatFailsAtRandom(long seed, Scenario scenario) throws Exception {
        scenario.send(30);
        RunningJob job = scenario.start(JobPlan.PLAIN.failing(3, seed));
        while (job.failuresLeft() > 0) {
            scenario.feed(job, 12);
        }
        scenario.feed(job, 12);
        scenario.assertStoredOnce();
    }

    @Test
    void goesOnFromTheLastCheckpoint(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 60);
        scenario.send(60);
        job.cancel();

        RunningJob restored = scenario.start(JobPlan.PLAIN.from(last(job.checkpoints())));
        scenario.feed(restored, 30);
        scenario.assertStoredOnce();
    }

    @Test
    void goesOnFromAnOlderCheckpoint(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 12);
        job.checkpoint();
        String older = last(job.checkpoints());
        scenario.feed(job, 60);
        job.cancel();
        scenario.send(12);

        RunningJob restored = scenario.start(JobPlan.PLAIN.from(older));
        scenario.feed(restored, 12);
        assertThat(restored.firstOffsets()).isEqualTo(scenario.inEachTopic(Map.of(0, 4L, 1, 4L, 2, 4L)));
        scenario.assertStoredOnce();
    }

    @Test
    void beginsWithoutStateAtTheSafeOffset(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        scenario.awaitSafe(job);
        job.cancel();
        Map<TopicPartition, Long> safe = scenario.store().safeOffsets(scenario.topicIds());
        scenario.send(30);

        RunningJob again = scenario.start(JobPlan.PLAIN);
        scenario.feed(again, 12);
        assertThat(again.firstOffsets())
                .isEqualTo(safe)
                .isEqualTo(scenario.inEachTopic(Map.of(0, 10L, 1, 10L, 2, 10L)));
        scenario.assertStoredOnce();
    }

    @Test
    void skipsWhatIsStoredAboveTheSafeOffset(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        job.cancel();
        scenario.store().execute("UPDATE otel.ingest_ledger SET safe_offset = 3");
        scenario.send(30);

        RunningJob again = scenario.start(JobPlan.PLAIN);
        scenario.feed(again, 12);
        assertThat(again.firstOffsets()).isEqualTo(scenario.inEachTopic(Map.of(0, 3L, 1, 3L, 2, 3L)));
        scenario.assertStoredOnce();
    }

    @Test
    void changesItsParallelism(Scenario scenario) throws Exception {
        RunningJob one = scenario.start(JobPlan.PLAIN.parallel(1));
        scenario.feed(one, 18);
        scenario.send(60);
        RunningJob two = scenario.start(JobPlan.PLAIN.parallel(2).from(one.stopWithSavepoint()));
        scenario.feed(two, 18);
        scenario.send(60);
        RunningJob oneAgain = scenario.start(JobPlan.PLAIN.parallel(1).from(two.stopWithSavepoint()));
        scenario.feed(oneAgain, 18);
        scenario.assertStoredOnce();
    }

    @Test
    void stopsForGoodWhenAYoungerJobReplacesIt(Scenario scenario) throws Exception {
        RunningJob older = scenario.start(JobPlan.PLAIN.named("older"));
        scenario.feed(older, 30);
        scenario.send(60);
        RunningJob younger = scenario.start(JobPlan.PLAIN.named("younger"));
        scenario.feed(younger, 60);

        assertThat(older.awaitFailure())
                .contains("This job was replaced by job \"younger\" (generation 2, submitted from localhost) since 2")
                .contains("stops for good");
        scenario.feed(younger, 12);
        scenario.assertStoredOnce();
    }

    private static String last(List<String> checkpoints) {
        return checkpoints.get(checkpoints.size() - 1);
    }
}
