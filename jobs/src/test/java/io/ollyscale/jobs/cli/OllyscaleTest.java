package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OllyscaleTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"load", "sql", "status", "top", "doctor", "migrate", "local", "ingest", "audit", "maintain"})
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
                    status --kafka-property x | --kafka-property
                    top --window 4s       | --window must be 5s or longer
                    top --window fast     | isn't a time such as 60s
                    top --interval 0s     | --interval must be longer than 0
                    top --limit 0         | --limit must be 1 or more
                    top --by host         | service, operation
                    top --sort name       | rate, errors, p95
                    audit --from today    | isn't a time such as
                    audit --from 2026-01-02 --to 2026-01-02 | must be after its beginning
                    maintain --twice      | --twice
                    local --demo-rate 0   | --demo-rate must be more than 0
                    local --ui-port 70000 | --ui-port must be from 0 to 65535
                    local --kafka-port -1 | --kafka-port must be from 0 to 65535
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
                .allMatch(line -> line.matches("@[a-z_]+ +[A-Z].*[.?]"));
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
