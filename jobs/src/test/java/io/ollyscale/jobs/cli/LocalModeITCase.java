package io.ollyscale.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One local mode, with the demo, from its start to its end. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalModeITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String TRACES = """
            {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "5b8efff798038103d269b633813fc60c",
                "spanId": "eee19b7ec3c1b174", "name": "%s"}]}]}]}
            """;

    private static final String LOGS = """
            {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "%s"}}]}]}]}
            """;

    private static final String METRICS = """
            {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "%s",
                "gauge": {"dataPoints": [{"asInt": "7"}]}}]}]}]}
            """;

    @TempDir
    private static Path directory;

    private static LocalProcess local;
    private static Map<String, String> ready;

    @BeforeAll
    static void start() throws Exception {
        local = LocalProcess.start(
                directory, "--demo-rate=500", "--verbose", "-D", "ollyscale.logs.encoding=otlp_json");
        await().atMost(PATIENCE).until(() -> !local.out().isEmpty() || !local.isAlive());
        assertThat(local.out()).as(String.join("\n", local.err())).hasSize(1);
        ready = new LinkedHashMap<>();
        for (String address : local.out().get(0).replaceFirst("^READY ", "").split(" ")) {
            ready.put(address.split("=", 2)[0], address.split("=", 2)[1]);
        }
    }

    @AfterAll
    static void stop() {
        local.close();
    }

    @Test
    @Order(1)
    void acceptsDataWhenItSaysReady() throws Exception {
        for (String endpoint : List.of("otlp-http", "otlp-grpc")) {
            assertThat(post(endpoint, "/v1/traces", TRACES.formatted("posted to " + endpoint)))
                    .isEqualTo("200");
            assertThat(post(endpoint, "/v1/logs", LOGS.formatted("posted to " + endpoint)))
                    .isEqualTo("200");
            assertThat(post(endpoint, "/v1/metrics", METRICS.formatted("posted to " + endpoint)))
                    .isEqualTo("200");
        }
        assertThat(get("ui", "/overview")).isEqualTo("200");
        assertThat(sql("SELECT 1 AS one").get(0).get("one").asInt()).isOne();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(sql("""
                        SELECT (SELECT count(*) FROM otel.spans_fact WHERE name LIKE 'posted to %') AS spans,
                            (SELECT count(*) FROM otel.logs_fact WHERE body_str LIKE 'posted to %') AS logs,
                            (SELECT sum(p.int_value) FROM otel.number_data_points AS p
                                JOIN otel.metric_series_dim AS s USING (series_id)
                                JOIN otel.metrics_dim AS m USING (metric_id)
                             WHERE m.name LIKE 'posted to %') AS points
                        """).get(0).toString()).isEqualTo("{\"spans\":2,\"logs\":2,\"points\":14}"));
    }

    @Test
    @Order(1)
    void saysHowToReachItInOneLine() {
        assertThat(local.out().get(0)).startsWith("READY postgres=postgresql://ollyscale:");
        assertThat(ready.keySet()).containsExactly("postgres", "kafka", "otlp-grpc", "otlp-http", "ui");
        assertThat(ready.get("postgres")).matches("postgresql://ollyscale:[^@]+@127\\.0\\.0\\.1:\\d+/ollyscale");
        assertThat(ready.get("kafka")).matches("127\\.0\\.0\\.1:\\d+");
        assertThat(Stream.of("otlp-grpc", "otlp-http", "ui").map(ready::get))
                .allMatch(url -> url.matches("http://127\\.0\\.0\\.1:\\d+"));
        assertThat(local.file().read())
                .contains(new LocalModeFile.Connections(
                        ready.get("postgres"),
                        ready.get("kafka"),
                        ready.get("otlp-grpc"),
                        ready.get("otlp-http"),
                        ready.get("ui"),
                        LocalModeFile.signals(Configuration.fromMap(Map.of("ollyscale.logs.encoding", "otlp_json")))));
    }

    @Test
    @Order(1)
    void saysWhatItDoesAndWhatToTryNext() {
        await().until(() -> local.err().contains("Ctrl-C stops it all."));

        assertThat(local.err())
                .anyMatch(line -> line.matches(" *\\d+\\.\\d s  starting Kafka"))
                .anyMatch(line -> line.matches(" *\\d+\\.\\d s  from +\\d+\\.\\d s on  starting Flink and the job"))
                .anyMatch(line -> line.startsWith("  ./ollyscale top "))
                .anyMatch(line -> line.startsWith("  OTEL_EXPORTER_OTLP_ENDPOINT=" + ready.get("otlp-http") + " "));
    }

    @Test
    @Order(1)
    void topShowsTheDemo() throws Exception {
        await().atMost(PATIENCE).until(() -> top().size() >= 8);
        // Dimensions are a little behind.
        await().atMost(PATIENCE)
                .until(() -> top().findValues("service").stream().noneMatch(JsonNode::isNull));

        assertThat(top().findValues("requests_per_second")).anyMatch(rate -> rate.asDouble() > 1);
        assertThat(top().findValues("p95_ms")).anyMatch(millis -> millis.asDouble() > 0);
    }

    @Test
    @Order(1)
    void everyExampleWorks() {
        assertThat(Examples.all().keySet()).allSatisfy(name -> {
            Run run = Run.of("sql", "--postgres-url", ready.get("postgres"), "@" + name);
            assertThat(run.status()).as(run.err()).isZero();
        });
    }

    @Test
    @Order(1)
    void statusAndDoctorFindNothingWrong() throws Exception {
        Run status = Run.of("status", "--postgres-url", ready.get("postgres"), "--kafka", ready.get("kafka"));

        assertThat(status.status()).as(status.out() + status.err()).isZero();
        assertThat(status.out())
                .doesNotContain("no job has a session")
                .contains("newest span arrived", "newest log record arrived", "newest data point arrived");
        try (LocalProcess doctor = local.command(directory, "doctor", "--conf-dir=../flink-conf")) {
            assertThat(doctor.waitFor()).as(doctor.out() + "" + doctor.err()).isZero();
            assertThat(doctor.out())
                    .allMatch(line -> line.startsWith("ok "))
                    .anyMatch(line -> line.matches("ok +otlp_logs content +otlp_json, logs"));
        }
    }

    @Test
    @Order(1)
    void loadPublishesWhatItsJobReads() throws Exception {
        Path file = directory.resolve("logs.json");
        Files.writeString(file, LOGS.formatted("loaded from a file"));

        try (LocalProcess load = local.command(directory, "load", file.toString())) {
            assertThat(load.waitFor()).as(load.err().toString()).isZero();
        }

        await().atMost(PATIENCE)
                .until(() -> sql("SELECT FROM otel.logs WHERE body_str = 'loaded from a file'")
                                .size()
                        == 1);
        assertThat(sql("SELECT id FROM otel.quarantine")).isEmpty();
    }

    @Test
    @Order(2)
    void aSecondOneSaysWhichOptionsToSet() {
        int postgresPort = URI.create(ready.get("postgres")).getPort();
        int otlpPort = URI.create(ready.get("otlp-grpc")).getPort();

        Run run = Run.of(
                "local",
                "--conf-dir=../flink-conf",
                "--postgres-port=" + postgresPort,
                "--kafka-port=0",
                "--otlp-grpc-port=" + otlpPort,
                "--otlp-http-port=0",
                "--ui-port=0");

        assertThat(run.status()).isOne();
        assertThat(run.err())
                .startsWith("Ports " + postgresPort + " (--postgres-port), " + otlpPort + " (--otlp-grpc-port)")
                .hasLineCount(1);
    }

    @Test
    @Order(3)
    void leavesNothingWhenItIsStopped() throws Exception {
        ProcessHandle postmaster = local.postmaster();
        assertThat(postmaster.isAlive()).isTrue();

        local.interrupt();

        assertThat(local.waitFor()).isEqualTo(130);
        assertThat(local.temporaryFiles()).isEmpty();
        assertThat(local.file().path()).doesNotExist();
        assertThat(local.err()).last().isEqualTo("stopping");
        assertThat(local.out()).hasSize(1);
        // A process that has ended is there until init looks.
        await().until(() -> !postmaster.isAlive());
    }

    @Test
    @Order(4)
    void leavesNothingWhenItsStartIsInterrupted(@TempDir Path other) throws Exception {
        try (LocalProcess starting = LocalProcess.start(other)) {
            await().atMost(PATIENCE)
                    .until(() -> starting.err().stream().anyMatch(line -> line.endsWith("creating the tables")));
            ProcessHandle postmaster = starting.postmaster();

            starting.interrupt();

            assertThat(starting.waitFor()).isEqualTo(130);
            assertThat(starting.temporaryFiles()).isEmpty();
            assertThat(starting.out()).isEmpty();
            assertThat(starting.err()).noneMatch(line -> line.contains("Exception") || line.contains("Flink"));
            await().until(() -> !postmaster.isAlive());
        }
    }

    @Test
    @Order(4)
    void aSecondCtrlCEndsItAtOnce(@TempDir Path other) throws Exception {
        try (LocalProcess starting = LocalProcess.start(other)) {
            await().atMost(PATIENCE)
                    .until(() -> starting.err().stream().anyMatch(line -> line.endsWith("creating the tables")));
            ProcessHandle postmaster = starting.postmaster();

            await().atMost(PATIENCE).until(() -> {
                starting.interrupt();
                return !starting.isAlive();
            });

            assertThat(starting.waitFor()).isEqualTo(130);
            assertThat(starting.temporaryFiles())
                    .as("what an orderly stop deletes")
                    .isNotEmpty();
            // The watchdogs stop the servers.
            await().atMost(PATIENCE).until(() -> !postmaster.isAlive());
        }
    }

    @Test
    @Order(4)
    void endsWithAnAuditWhenItsTimeIsOver(@TempDir Path other) throws Exception {
        try (LocalProcess running = LocalProcess.start(other, "--demo-rate=500", "--duration=15s")) {
            assertThat(running.waitFor()).as(running.err().toString()).isZero();

            assertThat(running.err())
                    .last()
                    .asString()
                    .matches("The rollups equal the facts: [\\d,]{4,} spans in \\d+ minutes?");
            assertThat(running.out()).hasSize(1);
            assertThat(running.temporaryFiles()).isEmpty();
        }
    }

    @Test
    @Order(4)
    void failsWhereItsRollupsAreNotWhatTheSpansSay(@TempDir Path other) throws Exception {
        try (LocalProcess running = LocalProcess.start(other, "--no-demo", "--duration=20s")) {
            await().atMost(PATIENCE).until(() -> !running.out().isEmpty() || !running.isAlive());
            String postgres = running.out().get(0).replaceFirst(".* postgres=([^ ]+) .*", "$1");
            Run span = Run.of("sql", "--postgres-url", postgres, """
                    INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction,
                        duration_ns, kind, flags, dropped_attributes_count, dropped_events_count, dropped_links_count, name, trace_state)
                    VALUES (otel.id_at(now()), 2, 3, 4, 9, now(), 0, 1000, 2, 0, 0, 0, 0, 'without a rollup', '')
                    """);
            assertThat(span.status()).as(span.err()).isZero();

            assertThat(running.waitFor()).isOne();
            assertThat(running.err()).last().asString().startsWith("4 differences between rollups and facts");
        }
    }

    private static JsonNode top() throws Exception {
        Run run = Run.of("top", "--json", "--window", "1h", "--postgres-url", ready.get("postgres"));
        assertThat(run.status()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out()).get("rows");
    }

    private static JsonNode sql(String query) throws Exception {
        Run run = Run.of("sql", "--json", "--postgres-url", ready.get("postgres"), query);
        assertThat(run.status()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out()).get("rows");
    }

    private static String post(String endpoint, String path, String body) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(ready.get(endpoint) + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8)));
    }

    private static String get(String endpoint, String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(ready.get(endpoint) + path)));
    }

    private static String send(HttpRequest.Builder request) throws Exception {
        return Integer.toString(HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.ofString())
                .statusCode());
    }
}
