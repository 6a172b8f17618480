package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.UserFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalModeFileTest {

    private static final LocalModeFile.Connections CONNECTIONS = new LocalModeFile.Connections(
            "postgresql://u:s=c:r%2Fet@127.0.0.1:1/otel",
            "127.0.0.1:2",
            "http://127.0.0.1:3",
            "http://127.0.0.1:4",
            "http://127.0.0.1:5",
            Map.of("ollyscale.logs.topic", "l\u00f6gs", "ollyscale.logs.encoding", "otlp_json"));

    @TempDir
    private Path directory;

    @Test
    void isReadWhileItsProcessRuns() {
        LocalModeFile file = file();

        file.write(CONNECTIONS);

        assertThat(file.read()).contains(CONNECTIONS);
    }

    @Test
    void isForItsOwnerAlone() throws IOException {
        LocalModeFile file = file();

        file.write(CONNECTIONS);
        file.write(CONNECTIONS);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                .isEqualTo("rw-------");
        try (var files = Files.list(file.path().getParent())) {
            assertThat(files).containsExactly(file.path());
        }
    }

    @Test
    void countsAsAbsentWhenItsProcessIsGone() throws Exception {
        LocalModeFile file = file();
        file.write(CONNECTIONS);
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        String text = Files.readString(file.path()).replaceAll("pid=.*", "pid=" + ended.pid());
        Files.writeString(file.path(), text);

        assertThat(file.read()).isEmpty();

        file.delete();
        assertThat(file.path()).as("what another process said").exists();
    }

    @Test
    void isGoneWhenItsProcessTookItBack() {
        LocalModeFile file = file();
        assertThat(file.read()).isEmpty();

        file.write(CONNECTIONS);
        file.delete();

        assertThat(file.path()).doesNotExist();
        file.delete();
    }

    @Test
    void saysItAllInOneLine() {
        assertThat(CONNECTIONS.line())
                .isEqualTo("postgres=postgresql://u:s=c:r%2Fet@127.0.0.1:1/otel kafka=127.0.0.1:2"
                        + " otlp-grpc=http://127.0.0.1:3 otlp-http=http://127.0.0.1:4 ui=http://127.0.0.1:5");
    }

    @Test
    void showsNoPassword() {
        assertThat(CONNECTIONS.toString()).doesNotContain("s=c").contains("u:***@127.0.0.1:1");
    }

    @Test
    void livesInTheSessionsDirectoryWhereThereIsOne() {
        assertThat(LocalModeFile.ofUser(Map.of("XDG_RUNTIME_DIR", directory.toString()), "/home/u")
                        .path())
                .isEqualTo(directory.resolve("ollyscale/local.properties"));
        assertThat(LocalModeFile.ofUser(Map.of("XDG_RUNTIME_DIR", "/nowhere"), "/home/u")
                        .path())
                .isEqualTo(Path.of("/home/u/.cache/ollyscale/local.properties"));
    }

    @Test
    void isPreferredByNeitherOptionNorEnvironment() {
        LocalModeFile file = file();
        assertThatExceptionOfType(UserFailure.class)
                .isThrownBy(new ConnectionOptions(Map.of(), file)::kafka)
                .withMessageContainingAll("--kafka", "OLLYSCALE_KAFKA", "ollyscale local");

        file.write(CONNECTIONS);

        assertThat(new ConnectionOptions(Map.of(), file).kafka()).isEqualTo("127.0.0.1:2");
        assertThat(new ConnectionOptions(Map.of(), file).postgres().password()).isEqualTo("s=c:r/et");
        assertThat(new ConnectionOptions(Map.of("OLLYSCALE_KAFKA", "broker:9092"), file).kafka())
                .isEqualTo("broker:9092");
    }

    @Test
    void saysWhichTopicsItsJobReads() {
        Configuration started = new Configuration();
        started.setString("ollyscale.logs.encoding", "otlp_json");
        started.setString("ollyscale.metrics.enabled", "false");
        Configuration configured = new Configuration();
        configured.setString("ollyscale.logs.topic", "ours");
        configured.setString("ollyscale.postgres.schema", "kept");
        LocalModeFile file = file();
        assertThat(topics(file.signalOptions(() -> "127.0.0.1:2", configured)))
                .containsExactly("otlp_spans otlp_proto", "ours otlp_proto", "otlp_metrics otlp_proto");

        file.write(new LocalModeFile.Connections(
                "postgresql://u@127.0.0.1:1/otel", "127.0.0.1:2", "", "", "", LocalModeFile.signals(started)));

        Configuration ofLocalMode = file.signalOptions(() -> "127.0.0.1:2", configured);
        assertThat(topics(ofLocalMode)).containsExactly("otlp_spans otlp_proto", "otlp_logs otlp_json");
        assertThat(ofLocalMode.toMap()).containsEntry("ollyscale.postgres.schema", "kept");
        assertThat(topics(file.signalOptions(() -> "broker:9092", configured)))
                .containsExactly("otlp_spans otlp_proto", "ours otlp_proto", "otlp_metrics otlp_proto");
    }

    /** Of the signals that are switched on, with the encodings. */
    private static List<String> topics(Configuration options) {
        LoadTarget target = new LoadTarget(null, null, options);
        return SignalOptions.enabled(options).stream()
                .map(signal -> target.topic(signal) + " " + target.encoding(signal))
                .toList();
    }

    private LocalModeFile file() {
        return new LocalModeFile(directory.resolve("made").resolve("local.properties"));
    }
}
