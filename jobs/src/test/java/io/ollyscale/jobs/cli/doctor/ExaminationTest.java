package io.ollyscale.jobs.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.jobs.UserFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ExaminationTest {

    private static final Check GOOD = new Check("good", () -> Verdict.ok("it is"));

    private final CountDownLatch forEver = new CountDownLatch(1);
    private final Check silent = new Check("silent", () -> {
        forEver.await();
        return Verdict.ok("at last");
    });

    @AfterEach
    void release() {
        forEver.countDown();
    }

    @Test
    void keepsTheOrderOfTheChecks() throws Exception {
        assertThat(examine(checks(GOOD, GOOD), checks(GOOD)))
                .containsExactly("ok good: it is", "ok good: it is", "ok good: it is");
    }

    @Test
    void aServerThatIsSilentHidesNoOtherOne() throws Exception {
        assertThat(examine(checks(silent, GOOD), checks(GOOD)))
                .containsExactly(
                        "failed silent: no answer within 0 s",
                        "skipped good: silent is still being waited for",
                        "ok good: it is");
    }

    @Test
    void aFailedCheckHidesNoOtherOneUnlessItIsTheFirst() throws Exception {
        Check bad = new Check("bad", () -> {
            throw new UserFailure("do this");
        });

        assertThat(examine(checks(GOOD, bad, GOOD)))
                .containsExactly("ok good: it is", "failed bad: do this", "ok good: it is");
        assertThat(examine(checks(bad, GOOD)))
                .containsExactly("failed bad: do this", "skipped good: bad must be mended first");
    }

    @Test
    void letsGoOfTheServerAtTheEnd() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);

        examine(new Checks() {
            @Override
            public List<Check> all() {
                return List.of(GOOD);
            }

            @Override
            public void close() {
                closed.countDown();
            }
        });

        closed.await();
    }

    private static List<String> examine(Checks... servers) throws InterruptedException {
        List<String> findings = new ArrayList<>();
        new Examination(Duration.ofMillis(300))
                .run(
                        List.of(servers),
                        finding -> findings.add(finding.verdict().level() + " " + finding.subject() + ": "
                                + finding.verdict().text()));
        return findings;
    }

    private static Checks checks(Check... checks) {
        return new Checks() {
            @Override
            public List<Check> all() {
                return List.of(checks);
            }

            @Override
            public void close() {}
        };
    }
}
