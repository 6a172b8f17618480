package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.ollyscale.jobs.local.Startup;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class StartupProgressTest {

    private final Startup startup = new Startup();
    private final StringWriter text = new StringWriter();

    @Test
    void saysEachStepOnceWithoutATerminal() {
        try (StartupProgress progress = new StartupProgress(new PrintWriter(text), startup, false)) {
            Startup.Step kafka = startup.begin("starting Kafka");
            startup.begin("starting PostgreSQL");
            await().until(() -> text.toString().contains("PostgreSQL"));
            kafka.end();
            startup.begin("starting Flink");
            progress.end();
        }

        assertThat(text.toString().lines())
                .map(line -> line.replaceFirst("^ *[0-9.]+ s  ", ""))
                .containsExactly("starting Kafka", "starting PostgreSQL", "starting Flink");
    }

    @Test
    void rewritesOneLineOfATerminal() {
        try (StartupProgress progress = new StartupProgress(new PrintWriter(text), startup, true)) {
            startup.begin("starting Kafka");
            Startup.Step postgres = startup.begin("starting PostgreSQL");
            await().until(() -> text.toString().contains(" s  starting Kafka, starting PostgreSQL"));
            postgres.end();
            startup.callOff();
            await().until(() -> text.toString().endsWith(" s  stopping after starting Kafka"));
            progress.end();
        }

        assertThat(text.toString()).doesNotContain("\n").endsWith("\r\u001b[K");
    }

    @Test
    void beginsNothingAfterItWasCalledOff() {
        startup.begin("starting Kafka");

        startup.callOff();

        assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> startup.begin("starting Flink"));
        assertThat(startup.steps()).hasSize(1);
    }

    @Test
    void saysHowLongEachStepTook() {
        startup.begin("starting Kafka").end();

        assertThat(StartupProgress.table(startup))
                .singleElement()
                .asString()
                .matches(" +0\\.\\d s +from +0\\.\\d s on  starting Kafka");
    }
}
