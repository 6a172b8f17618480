package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.local.LocalPostgres;
import io.ollyscale.local.LocalPostgres.ShutdownMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A PostgreSQL that is set back to an older state under a job that has seen a newer one. */
@ExtendWith(ServersExtension.class)
class RestoredDatabaseITCase {
    private static LocalPostgres postgres;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().shortLived().start();
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @Test
    void stopsForGood(Servers servers) throws Exception {
        try (Scenario scenario = Scenario.on(servers, postgres, "restored")) {
            RunningJob job = scenario.start(JobPlan.PLAIN);
            scenario.feed(job, 30);
            scenario.awaitSafe(job);
            Path backup = backUp();
            scenario.feed(job, 30);
            job.checkpoint();
            restore(backup);
            scenario.send(3);
            assertStopsAndStoresTheRestWithoutState(scenario, job);
        }
    }

    /** What a job has stored is known to it also where it hasn't read anything since it was restored itself. */
    @Test
    void stopsForGoodAlsoWhenItHadNothingToDo(Servers servers) throws Exception {
        try (Scenario scenario = Scenario.on(servers, postgres, "restored_idle")) {
            RunningJob job = scenario.start(JobPlan.PLAIN);
            scenario.feed(job, 30);
            scenario.awaitSafe(job);
            Path backup = backUp();
            scenario.feed(job, 30);
            RunningJob idle = scenario.start(JobPlan.PLAIN.from(job.stopWithSavepoint()));
            String idleSavepoint = idle.stopWithSavepoint();
            restore(backup);
            scenario.send(3);
            assertStopsAndStoresTheRestWithoutState(scenario, scenario.start(JobPlan.PLAIN.from(idleSavepoint)));
        }
    }

    private static void assertStopsAndStoresTheRestWithoutState(Scenario scenario, RunningJob job) throws Exception {
        assertThat(job.awaitFailure())
                .contains("PostgreSQL is behind what this job has stored", "Start the job without state");
        scenario.feed(scenario.start(JobPlan.PLAIN), 12);
        scenario.assertStoredOnce();
    }

    /** The server's files as of now. */
    private static Path backUp() throws IOException {
        Path data = postgres.dataDirectory();
        Path backup = data.resolveSibling("backup");
        postgres.stop(ShutdownMode.FAST);
        copy(data, backup);
        postgres.start();
        return backup;
    }

    private static void restore(Path backup) throws IOException {
        Path data = postgres.dataDirectory();
        postgres.stop(ShutdownMode.FAST);
        delete(data);
        Files.move(backup, data);
        postgres.start();
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(from)) {
            paths = walk.toList();
        }
        for (Path path : paths) {
            Files.copy(
                    path,
                    to.resolve(from.relativize(path)),
                    StandardCopyOption.COPY_ATTRIBUTES,
                    LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
