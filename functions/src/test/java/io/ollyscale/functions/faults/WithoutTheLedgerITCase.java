package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.otlp.Signal;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The scenarios of {@link ExactlyOnceITCase} with a sink that doesn't ask the ledger: they double rows of each signal. */
@ExtendWith(ServersExtension.class)
class WithoutTheLedgerITCase {
    private static final JobPlan FORGETFUL = JobPlan.PLAIN.with(new ForgetfulLedger());

    @Test
    void doublesAfterAFailure(Scenario scenario) throws Exception {
        scenario.send(30);
        RunningJob job = scenario.start(FORGETFUL.failing(3, 1));
        while (job.failuresLeft() > 0) {
            scenario.feed(job, 12);
        }
        scenario.feed(job, 12);
        assertDoubled(scenario);
    }

    @Test
    void doublesAfterAnOlderCheckpoint(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(FORGETFUL);
        scenario.feed(job, 12);
        job.checkpoint();
        String older = job.checkpoints().get(job.checkpoints().size() - 1);
        scenario.feed(job, 30);
        job.cancel();

        scenario.feed(scenario.start(FORGETFUL.from(older)), 12);
        assertDoubled(scenario);
    }

    @Test
    void doublesAfterAStartWithoutState(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(FORGETFUL);
        scenario.feed(job, 30);
        job.cancel();

        scenario.feed(scenario.start(FORGETFUL), 12);
        assertDoubled(scenario);
    }

    @Test
    void storesOnceWhereNothingHappens(Scenario scenario) throws Exception {
        scenario.feed(scenario.start(FORGETFUL), 30);
        scenario.assertStoredOnce();
    }

    private static void assertDoubled(Scenario scenario) throws SQLException {
        assertThat(scenario.findings()).hasSameSizeAs(Signal.values()).allSatisfy((signal, findings) -> {
            assertThat(findings.doubled()).isNotEmpty();
            assertThat(findings.counts()).isNotEmpty();
            assertThat(findings.missing()).isEmpty();
        });
    }
}
