package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.testing.Findings;
import io.ollyscale.schema.otlp.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Topics that are deleted and created anew, records that are gone before they are read, a broker that restarts. What stops the
 * job happens to one signal, in each test to another: the code that notices doesn't know which. Everything else happens to all
 * three.
 */
@ExtendWith(ServersExtension.class)
class KafkaFaultsITCase {
    private static final String TOPIC_WAS_CREATED_ANEW = "was created anew";
    private static final String START_WITHOUT_STATE = "Start the job without state";

    /** With frequent discovery the job fails while there is no topic; with none, the consumer alone notices. */
    @ParameterizedTest
    @ValueSource(ints = {100, 300_000})
    void goesOnWithATopicThatWasCreatedAnew(int discoveryMillis, Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN.discovering(Duration.ofMillis(discoveryMillis)));
        scenario.feed(job, 30);
        scenario.createTopicsAnew();
        scenario.send(12);
        scenario.awaitStored(job);
        scenario.feed(job, 60);
        scenario.assertStoredOnce();
    }

    @Test
    void goesOnWithATopicThatWasCreatedAnewBeforeAnyRecordCame(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        RunningJob restored = scenario.start(JobPlan.PLAIN.from(job.stopWithSavepoint()));
        restored.checkpoint();
        scenario.createTopicsAnew();
        scenario.send(12);
        scenario.awaitStored(restored);
        scenario.feed(restored, 60);
        scenario.assertStoredOnce();
    }

    @ParameterizedTest
    @EnumSource(names = "TRACES")
    void stopsWhereItsStatePointsIntoATopicsNewLife(Signal signal, Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 12);
        String savepoint = job.stopWithSavepoint();
        scenario.createTopicAnew(signal);
        scenario.send(30);

        assertThat(scenario.start(JobPlan.PLAIN.from(savepoint)).awaitFailure())
                .contains(
                        scenario.topic(signal).name(),
                        "from offset 0 to 4 were passed over",
                        TOPIC_WAS_CREATED_ANEW,
                        START_WITHOUT_STATE);
        scenario.feed(scenario.start(JobPlan.PLAIN), 12);
        scenario.assertStoredOnce();
    }

    /** While the source doesn't read, the new log grows longer than what was read of the old one. */
    @ParameterizedTest
    @EnumSource(names = "LOGS")
    void stopsWhereATopicsNewLifeIsLongerThanItsOldOne(Signal signal, Scenario scenario) throws Exception {
        // Ten records are a transaction; what follows them is in the job's hands but not stored.
        int stored = 10;
        scenario.sendTo(0, stored + 6);
        RunningJob job = scenario.start(JobPlan.PLAIN.parallel(1).heldAt(stored));
        job.awaitHeld();
        List<String> oldLives = scenario.topicIds();
        job.awaitWhileRunning(
                "a transaction",
                () -> scenario.store().nextOffsets(oldLives).equals(scenario.inEachTopic(Map.of(0, (long) stored))));
        scenario.expectLost(signal, sent -> sent.offset() >= stored);
        scenario.createTopicAnew(signal);
        scenario.sendTo(0, 30);
        job.release();

        assertThat(job.awaitFailure())
                .contains(
                        scenario.topic(signal).name(),
                        "was created anew while it was read",
                        "can't be told",
                        START_WITHOUT_STATE);
        scenario.feed(scenario.start(JobPlan.PLAIN), 12);
        scenario.assertStoredOnce();
    }

    /** As above, but all that was read of the old life is stored already, and would be skipped in the new one, too. */
    @ParameterizedTest
    @EnumSource(names = "METRICS")
    void stopsWhereItWouldSkipRecordsOfATopicsNewLife(Signal signal, Scenario scenario) throws Exception {
        scenario.sendTo(0, 3);
        RunningJob job = scenario.start(JobPlan.PLAIN.parallel(1));
        scenario.awaitStored(job);
        job.checkpoint();
        String older = job.checkpoints().get(job.checkpoints().size() - 1);
        scenario.sendTo(0, 37);
        scenario.awaitStored(job);
        job.cancel();

        // Ten of them have been skipped then.
        RunningJob restored =
                scenario.start(JobPlan.PLAIN.parallel(1).from(older).heldAt(13));
        restored.awaitHeld();
        scenario.createTopicAnew(signal);
        scenario.sendTo(0, 30);
        restored.release();

        assertThat(restored.awaitFailure())
                .contains(scenario.topic(signal).name(), TOPIC_WAS_CREATED_ANEW, START_WITHOUT_STATE);
        scenario.feed(scenario.start(JobPlan.PLAIN), 12);
        scenario.assertStoredOnce();
    }

    @Test
    void notesWhatWasDeletedBeforeItWasRead(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        String savepoint = job.stopWithSavepoint();
        scenario.send(30);
        scenario.deleteRecords(0, 15);
        scenario.deleteRecords(1, 12);
        scenario.expectLost(sent -> sent.partition() == 0 && sent.offset() >= 10 && sent.offset() < 15);
        scenario.expectLost(sent -> sent.partition() == 1 && sent.offset() >= 10 && sent.offset() < 12);

        RunningJob restored = scenario.start(JobPlan.PLAIN.from(savepoint));
        scenario.feed(restored, 30);
        List<String> gaps = List.of("0: 10 15 deleted-before-read", "1: 10 12 deleted-before-read");
        scenario.assertFindings(Findings.none(gaps));
    }

    @Test
    void notesWhatWasDeletedBeforeAStartWithoutState(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        scenario.awaitSafe(job);
        job.cancel();
        scenario.send(30);
        scenario.deleteRecords(2, 19);
        scenario.expectLost(sent -> sent.partition() == 2 && sent.offset() >= 10 && sent.offset() < 19);

        RunningJob again = scenario.start(JobPlan.PLAIN);
        scenario.feed(again, 30);
        assertThat(again.firstOffsets()).isEqualTo(scenario.inEachTopic(Map.of(0, 10L, 1, 10L, 2, 19L)));
        scenario.assertFindings(Findings.none(List.of("2: 10 19 deleted-before-read")));
    }

    @Test
    void outlastsARestartOfTheBroker(Servers servers, Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        scenario.send(60);
        servers.kafka().stop();
        servers.kafka().start();
        scenario.feed(job, 30);
        scenario.assertStoredOnce();
    }
}
