package io.ollyscale.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ollyscale.faults.kinds.Fault;
import io.ollyscale.faults.kinds.Faults;
import io.ollyscale.faults.load.Outcome;
import io.ollyscale.faults.postgres.PostgresServer;
import io.ollyscale.faults.process.ChildJvm;
import io.ollyscale.faults.process.ProcessException;
import io.ollyscale.faults.process.Waiting;
import io.ollyscale.faults.rounds.BackPressure;
import io.ollyscale.faults.rounds.Pipeline;
import io.ollyscale.faults.rounds.Report;
import io.ollyscale.faults.rounds.Round;
import io.ollyscale.faults.rounds.Rounds;
import io.ollyscale.faults.rounds.Servers;
import io.ollyscale.faults.sabotage.Sabotage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of fault once, and bugs that are put into the job on purpose: the suite must find them. */
class FaultSuiteITCase {
    /** A bug shows only where a fault strikes at the right moment. */
    private static final int ROUNDS_TO_FIND_A_BUG = 15;

    private static final int SUBMISSIONS = 5;

    /**
     * The first job's classes stay with threads of Flink's and the JDK's that it was the first to need, the last one's with a cache
     * of the JDK's, and one may be on its way.
     */
    private static final int MOST_CLASS_LOADERS = 3;

    /** Shorter than the interval of maintenance, which classes must not wait for. */
    private static final Duration LONGEST_WAIT_FOR_CLASSES = Duration.ofMinutes(3);

    private static final Pattern CLASS_LOADERS_OF_JOBS =
            Pattern.compile("(?m)^ *\\d+: +(\\d+) .*\\.ChildFirstClassLoader$");

    @TempDir
    private static Path directory;

    private static final long SEED = System.nanoTime();
    private static final Random RANDOM = new Random(SEED);

    private static Servers servers;
    private static Rounds rounds;
    private static Report report;

    @BeforeAll
    static void start() throws Exception {
        servers = Servers.start(directory, Installation.flinkConf(), PostgresServer.Disks.SMALL);
        rounds = new Rounds(servers, Installation.jobJar(), directory, "faults");
        report = new Report();
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            rounds.close();
        } finally {
            servers.close();
            System.out.println("Seed " + SEED + "\n" + report);
        }
    }

    @TestFactory
    Stream<DynamicTest> storesEverythingOnceThrough() {
        return Faults.ALL.stream()
                .map(fault -> DynamicTest.dynamicTest(fault.name(), () -> {
                    Optional<String> impossible = fault.impossible().apply(servers);
                    assumeTrue(impossible.isEmpty(), () -> "not possible here: " + impossible.orElseThrow());
                    Round round = rounds.run(List.of(fault), RANDOM);
                    report.add(round);
                    System.out.println(round);
                    assertGood(round);
                }));
    }

    @ParameterizedTest
    @EnumSource
    void findsABugThatWasPutInOnPurpose(Sabotage sabotage) throws Exception {
        // Its job would keep slots that others need.
        rounds.close();
        Path jar = directory.resolve(sabotage + ".jar");
        sabotage.copy(Installation.jobJar(), jar);
        try (Rounds sabotaged =
                new Rounds(servers, jar, directory, sabotage.name().toLowerCase(Locale.ROOT))) {
            for (int i = 0; i < ROUNDS_TO_FIND_A_BUG; i++) {
                Round round = sabotaged.run(faultsThatShow(sabotage), RANDOM);
                System.out.println(sabotage + " " + round);
                if (isFound(sabotage, round)) {
                    return;
                }
            }
        }
        throw new AssertionError(sabotage + " isn't found in " + ROUNDS_TO_FIND_A_BUG + " rounds");
    }

    /** As what it is, and not as something else that is wrong. */
    private static boolean isFound(Sabotage sabotage, Round round) {
        Outcome outcome = round.outcome();
        return switch (sabotage) {
            case FACTS_ACKNOWLEDGED_BEFORE_COMMIT -> round.startsWithoutState() > 0 || outcome.lost() > 0;
            case NO_COMPARE_AND_SET -> outcome.duplicated() > 0;
            case DIMENSIONS_NOT_FLUSHED -> outcome.altered() > 0;
        };
    }

    private static List<Fault> faultsThatShow(Sabotage sabotage) {
        return switch (sabotage) {
            case FACTS_ACKNOWLEDGED_BEFORE_COMMIT -> named("facts locked", "TaskManager killed");
            case NO_COMPARE_AND_SET -> named("submitted twice while facts are locked");
            case DIMENSIONS_NOT_FLUSHED -> named("dimensions locked", "TaskManager killed");
        };
    }

    /** Without checkpoints, and with dimensions that are written, so that nothing else holds the source up. */
    @Test
    void memoryIsBoundedWhileFactsWait() throws Exception {
        rounds.close();
        BackPressure.Result result = new BackPressure(servers, Installation.jobJar(), directory, System.out::println)
                .run(BackPressure.Hold.FACTS_LOCKED, Duration.ofSeconds(12), BackPressure.bounded(), "bounded");
        System.out.println(result);
        assertThat(result.isGood()).as(result.toString()).isTrue();
    }

    /** A TaskManager has metaspace for a few jobs only, and nobody restarts it because another job was submitted. */
    @Test
    void classesOfEndedJobsGo() throws Exception {
        rounds.close();
        // What others have gone through with sabotaged jobs is another matter.
        servers.flink().taskManagers().forEach(ChildJvm::kill);
        servers.restore();
        servers.flink().awaitTaskManagers(Servers.TASK_MANAGERS);
        for (int i = 1; i <= SUBMISSIONS; i++) {
            try (Pipeline pipeline = Pipeline.start(servers, Installation.jobJar(), directory, "classes_" + i)) {
                pipeline.awaitFlow();
            }
        }
        List<ChildJvm> processes = new ArrayList<>(servers.flink().taskManagers());
        processes.add(servers.flink().jobManager());
        for (ChildJvm process : processes) {
            Waiting.until(
                    "the classes of ended jobs to go",
                    LONGEST_WAIT_FOR_CLASSES,
                    () -> classLoadersOfJobs(process) <= MOST_CLASS_LOADERS,
                    process::toString);
        }
    }

    /** After a full collection. */
    private static long classLoadersOfJobs(ChildJvm process) throws IOException, InterruptedException {
        Process histogram = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String lines = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (histogram.waitFor() != 0 || !lines.contains("java.lang.Object")) {
            throw new ProcessException(process + " has no histogram of its classes: " + lines);
        }
        Matcher line = CLASS_LOADERS_OF_JOBS.matcher(lines);
        return line.find() ? Long.parseLong(line.group(1)) : 0;
    }

    private static List<Fault> named(String... names) {
        List<Fault> faults = Faults.ALL.stream()
                .filter(fault -> Arrays.asList(names).contains(fault.name()))
                .toList();
        assertThat(faults).hasSameSizeAs(names);
        return faults;
    }

    private static void assertGood(Round round) {
        round.failure().ifPresent(failure -> {
            throw new AssertionError(round.toString(), failure);
        });
        assertThat(round.isGood()).as(round.toString()).isTrue();
    }
}
