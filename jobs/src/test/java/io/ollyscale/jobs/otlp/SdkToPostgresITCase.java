package io.ollyscale.jobs.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.api.trace.SpanContext;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From OpenTelemetry's own SDK, through the endpoint, Kafka and the job, into the tables. */
class SdkToPostgresITCase {
    private static final Path CONF = Path.of("..", "flink-conf");

    private static LocalStack stack;
    private static EmbeddedCluster cluster;
    private static OtlpEndpoint endpoint;

    @BeforeAll
    static void start(@TempDir Path checkpoints) throws Exception {
        Configuration options = GlobalConfiguration.loadConfiguration(CONF.toString());
        stack = LocalStack.start(null, 0, 0, SignalOptions.topics(options));
        options.set(IngestOptions.POLICY_DIRECTORY, CONF.toString());
        options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
        options.set(IngestOptions.KAFKA, stack.bootstrapServers());
        // One of the three as JSON: the endpoint writes it, the job reads it.
        options.set(SignalOptions.of(Signal.LOGS).encoding(), RecordEncoding.OTLP_JSON);
        cluster = EmbeddedCluster.start(options, checkpoints, 0, 1);
        endpoint = OtlpEndpoint.start(new OtlpSettings(
                0,
                0,
                stack.bootstrapServers(),
                Stream.of(Signal.values())
                        .map(signal -> OtlpService.of(signal, options))
                        .toList()));
    }

    @AfterAll
    static void stop() {
        endpoint.close();
        cluster.close();
        stack.close();
    }

    @ParameterizedTest
    @EnumSource
    void findsTheTraceThatWasExported(SdkExporter exporter) throws Exception {
        SpanContext exported = SdkTraces.export(exporter.spans(endpoint), "traces-" + exporter);

        assertThatIsStored(
                SdkTraces.expected("traces-" + exporter, exported),
                connection -> SdkTraces.stored(connection, exported));
    }

    @ParameterizedTest
    @EnumSource
    void findsTheLogRecordsThatWereExported(SdkExporter exporter) throws Exception {
        String service = "logs-" + exporter;
        SdkLogs.export(exporter.logs(endpoint), service);

        assertThatIsStored(SdkLogs.expected(service), connection -> SdkLogs.stored(connection, service));
    }

    @ParameterizedTest
    @EnumSource
    void findsTheMetricsThatWereExported(SdkExporter exporter) throws Exception {
        String service = "metrics-" + exporter;
        SdkMetrics.export(exporter.metrics(endpoint), service);

        assertThatIsStored(SdkMetrics.expected(service), connection -> SdkMetrics.stored(connection, service));
    }

    private interface Question {
        JsonNode ask(Connection connection) throws Exception;
    }

    /** Dimensions are written apart from the facts. */
    private static void assertThatIsStored(JsonNode expected, Question stored) throws Exception {
        try (Connection connection = stack.connect()) {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(stored.ask(connection)).isEqualTo(expected));
        }
    }
}
