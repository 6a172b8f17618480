package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.UserFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConnectionOptionsTest {

    private static final String LOGIN = "org.example.Login required username=\"u\" password=\"secret,:;\";";

    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void setUp() {
        environment.put("OLLYSCALE_CONF_DIR", directory.toString());
    }

    @Test
    void takesTheCommandLineThenTheEnvironmentThenTheFileThenLocalMode() throws IOException {
        localMode();
        assertThat(options().kafka()).isEqualTo("127.0.0.1:2");

        Files.writeString(directory.resolve("config.yaml"), "ollyscale.kafka: file:9092\n");
        assertThat(options().kafka()).isEqualTo("file:9092");

        environment.put("OLLYSCALE_KAFKA", "environment:9092");
        assertThat(options().kafka()).isEqualTo("environment:9092");
        assertThat(options("--kafka", "option:9092").kafka()).isEqualTo("option:9092");
    }

    @Test
    void readsPropertiesOfKafkaFromTheEnvironment() {
        environment.put("OLLYSCALE_KAFKA", "broker:9092");
        environment.put(
                "OLLYSCALE_KAFKA_PROPERTIES",
                "{security.protocol: SASL_SSL, sasl.mechanism: PLAIN, sasl.jaas.config: '" + LOGIN + "'}");

        assertThat(options("--kafka-property", "sasl.mechanism=SCRAM-SHA-512").kafkaProperties())
                .containsEntry("bootstrap.servers", "broker:9092")
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
                .containsEntry("sasl.jaas.config", LOGIN);
    }

    @Test
    void repeatsNoSecretOfMalformedProperties() {
        environment.put("OLLYSCALE_KAFKA", "broker:9092");
        environment.put("OLLYSCALE_KAFKA_PROPERTIES", "sasl.jaas.config: '" + LOGIN);

        assertThatExceptionOfType(UserFailure.class)
                .isThrownBy(() -> options().kafkaProperties())
                .withMessageContaining("OLLYSCALE_KAFKA_PROPERTIES")
                .withMessageNotContaining("secret")
                .withNoCause();
    }

    @Test
    void showsALocalModeNoSecretsOfOtherServers() {
        localMode();
        environment.put("OLLYSCALE_KAFKA_PROPERTIES", "{security.protocol: SASL_SSL}");
        environment.put("OLLYSCALE_POSTGRES_PASSWORD", "secret");

        assertThat(options().kafkaProperties()).containsOnlyKeys("bootstrap.servers");
        assertThat(options().postgres().password()).isEqualTo("local");
        Configuration job = JobOptions.ofEnvironment(environment);
        options().fill(job);
        assertThat(job.getOptional(IngestOptions.POSTGRES_PASSWORD)).isEmpty();
        assertThat(job.get(IngestOptions.KAFKA_PROPERTIES)).isEmpty();
    }

    @Test
    void takesThePasswordThatStandsApart() {
        environment.put("OLLYSCALE_POSTGRES_URL", "postgresql://u@db/otel");
        environment.put("OLLYSCALE_POSTGRES_PASSWORD", "secret");

        assertThat(options().postgres().password()).isEqualTo("secret");
        assertThat(options().dataSource().getPassword()).isEqualTo("secret");
    }

    @Test
    void tellsTheJobWhatTheCommandLineSays() {
        environment.put("OLLYSCALE_KAFKA_PROPERTIES", "{security.protocol: SASL_SSL}");
        Configuration job = JobOptions.ofEnvironment(environment);

        options("--kafka", "option:9092", "--postgres-url", "postgresql://u:p@db/otel", "--kafka-property", "a=b")
                .fill(job);

        assertThat(job.get(IngestOptions.KAFKA)).isEqualTo("option:9092");
        assertThat(job.get(IngestOptions.POSTGRES_URL)).isEqualTo("postgresql://u:p@db/otel");
        assertThat(job.get(IngestOptions.KAFKA_PROPERTIES))
                .containsOnly(Map.entry("security.protocol", "SASL_SSL"), Map.entry("a", "b"));
    }

    private ConnectionOptions options(String... arguments) {
        ConnectionOptions options = new ConnectionOptions(environment, localModeFile());
        new CommandLine(options).parseArgs(arguments);
        return options;
    }

    private void localMode() {
        localModeFile()
                .write(new LocalModeFile.Connections(
                        "postgresql://u:local@127.0.0.1:1/otel",
                        "127.0.0.1:2",
                        "http://a",
                        "http://b",
                        "http://c",
                        Map.of()));
    }

    private LocalModeFile localModeFile() {
        return new LocalModeFile(directory.resolve("local.properties"));
    }
}
