package io.ollyscale.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessEndITCase {

    @Test
    void leavesNoServerAndNoTemporaryDataAfterItWasKilled(@TempDir Path kept) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Servers.class.getName(),
                        kept.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ProcessHandle postmaster;
        List<Path> temporary;
        try (BufferedReader output = process.inputReader()) {
            postmaster = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
            temporary = List.of(Path.of(output.readLine()), Path.of(output.readLine()));
            assertThat(temporary).allSatisfy(directory -> assertThat(directory).exists());
        } finally {
            process.destroyForcibly().waitFor();
        }

        await().until(() -> !postmaster.isAlive());
        await().until(() -> temporary.stream().allMatch(Files::notExists));
        try (LocalPostgres postgres = LocalPostgres.builder()
                        .dataDirectory(kept.resolve("postgres"))
                        .start();
                LocalKafka kafka = LocalKafka.builder()
                        .logDirectory(kept.resolve("kafka"))
                        // The killed broker's session must be over before the new one can register.
                        .setting("broker.session.timeout.ms", "3000")
                        .setting("broker.heartbeat.interval.ms", "1000")
                        .start()) {
            kafka.createTopic("works", 1);
            postgres.createDatabase("works");
        }
    }

    /** Starts servers and says where; then waits to be killed. */
    static final class Servers {

        public static void main(String[] arguments) throws Exception {
            Path kept = Path.of(arguments[0]);
            LocalPostgres postgres = LocalPostgres.builder()
                    .dataDirectory(kept.resolve("postgres"))
                    .start();
            LocalPostgres throwAway = LocalPostgres.builder().shortLived().start();
            LocalKafka kafka =
                    LocalKafka.builder().logDirectory(kept.resolve("kafka")).start();
            LocalKafka temporary = LocalKafka.builder().start();
            kafka.createTopic("works", 1);
            System.out.println(postgres.postmaster().map(ProcessHandle::pid).orElseThrow());
            System.out.println(throwAway.dataDirectory());
            System.out.println(temporary.logDirectory());
            Thread.currentThread().join();
        }
    }
}
