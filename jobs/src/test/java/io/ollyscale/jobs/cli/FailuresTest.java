package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.ollyscale.jobs.UserFailure;
import io.ollyscale.local.LocalStackException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {

    static List<Arguments> failures() {
        return List.of(
                argumentSet("our own", new UserFailure("do this"), "do this"),
                argumentSet("our own, as a cause", new RuntimeException("x", new LocalStackException("port")), "port"),
                argumentSet("unknown host", sql("08001", new UnknownHostException("db")), "there is no host db"),
                argumentSet("no password", sql("08004", null), "--postgres-url"),
                argumentSet("too many sessions", sql("53300", null), "max_connections"),
                argumentSet("any other SQLSTATE", sql("XX000", null), "(SQLSTATE XX000)"),
                argumentSet("timeout", new ExecutionException(new TimeoutException("30 ms")), "doesn't answer (30 ms)"),
                argumentSet(
                        "address",
                        new KafkaException("Failed to create", new ConfigException("Invalid url")),
                        "Invalid url; check --kafka"),
                argumentSet("login", new SaslAuthenticationException("no"), "refused the login: no"),
                argumentSet("right", new TopicAuthorizationException("otlp_spans"), "grant"),
                argumentSet("file", new NoSuchFileException("a.pb"), "There is no file a.pb"),
                argumentSet("full disk", new IOException("No space left on device"), "writing failed: No space left"),
                argumentSet("unforeseen", new IllegalStateException("a\nb"), "IllegalStateException: a b (--verbose"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void areOneLineThatSaysWhatToDo(Throwable failure, String expected) {
        assertThat(Failures.line(failure)).contains(expected).doesNotContain("\n");
    }

    private static SQLException sql(String state, Throwable cause) {
        return new SQLException("what the driver says", state, cause);
    }
}
