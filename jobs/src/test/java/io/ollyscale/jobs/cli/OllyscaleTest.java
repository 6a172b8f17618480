package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OllyscaleTest {

    @ParameterizedTest
    @ValueSource(strings = {"load", "sql", "status", "migrate", "local", "ingest"})
    void explainsEachCommand(String command) {
        Run run = Run.of(command, "--help");

        assertThat(run.status()).isZero();
        assertThat(run.out()).startsWith("Usage: ollyscale " + command).contains("--verbose");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void showsItsVersion() {
        assertThat(Run.of("--version").out()).startsWith("ollyscale ");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    ''                    | A command is missing
                    lod                   | Did you mean: ollyscale load
                    load                  | FILE
                    load x --signal spans | traces, logs, metrics
                    load x --repeat 0     | --repeat must be 1 or more
                    sql                   | Pass either a query or a file
                    sql x -f y            | Pass either a query or a file
                    sql x --limit -1      | --limit must be 0 or more
                    status --nonsense     | --nonsense
                    """)
    void saysWhatIsWrongWithItsUse(String arguments, String expected) {
        Run run = Run.of(arguments.isEmpty() ? new String[0] : arguments.split(" "));

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).containsIgnoringCase(expected).contains("--help");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void listsExamplesAndWhatTheyShow() {
        assertThat(Run.of("sql", "@").out().lines())
                .hasSizeGreaterThanOrEqualTo(3)
                .allMatch(line -> line.matches("@[a-z_]+ +[A-Z].*\\."));
    }

    @Test
    void saysWhereAFailureCameFromWhenAsked() {
        String[] command = {"sql", "--postgres-url", "nonsense", "SELECT 1"};
        assertThat(Run.of(command).err().lines()).hasSize(1);

        Run verbose = Run.of(command[0], "--verbose", command[1], command[2], command[3]);

        assertThat(verbose.status()).isOne();
        assertThat(verbose.err()).contains("\tat io.ollyscale.jobs.PostgresUrl");
    }
}
