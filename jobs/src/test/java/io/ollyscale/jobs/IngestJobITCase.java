package io.ollyscale.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.TraceCounts;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job as it is submitted, with the configuration that it ships with. */
class IngestJobITCase {
    private static final Path CONF = Path.of("..", "flink-conf");

    private static final String FACTS_WITHOUT_DIMENSION = """
            spans_fact AS s
            WHERE NOT EXISTS (SELECT FROM resources_dim AS d WHERE d.resource_id = s.resource_id)
                OR NOT EXISTS (SELECT FROM scopes_dim AS d WHERE d.scope_id = s.scope_id)
                OR NOT EXISTS (SELECT FROM service_dim AS d WHERE d.service_id = s.service_id)
                OR NOT EXISTS (SELECT FROM operation_dim AS d WHERE d.operation_id = s.operation_id)
            """;

    private static final String TOPIC = Signal.TRACES.defaultTopic();
    private static final String ODD_TOPIC = "odd_spans";

    private static LocalStack stack;
    private static Configuration options;

    @TempDir
    private Path checkpoints;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(
                null, 0, 0, List.of(TOPIC, ODD_TOPIC, Signal.LOGS.defaultTopic(), Signal.METRICS.defaultTopic()));
        keepRecordsOf1970();
        options = GlobalConfiguration.loadConfiguration(CONF.toString());
        options.set(IngestOptions.POLICY_DIRECTORY, CONF.toString());
        options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
        options.set(IngestOptions.KAFKA, stack.bootstrapServers());
    }

    /** The broker would delete them when it next looks for what is due, maybe before they are read. */
    private static void keepRecordsOf1970() throws Exception {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers()))) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, ODD_TOPIC),
                            List.of(new AlterConfigOp(
                                    new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, "-1"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    @AfterEach
    void empty() throws SQLException {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "TRUNCATE ingest_ledger, spans_fact, resources_dim, scopes_dim, service_dim, operation_dim,"
                            + " refused_dimensions, dimension_collisions, quarantined_records CASCADE");
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void storesARecordOf90000Spans() throws Exception {
        TracesData record = TraceRecords.numbered(0, 90_000);
        publish(TOPIC, record.toByteArray(), null);
        TraceCounts expected = TraceCounts.of(record);

        try (EmbeddedCluster cluster = EmbeddedCluster.start(options, checkpoints, 0, 1)) {
            assertThat(jobManagerConfiguration(cluster))
                    .contains("execution.checkpointing.interval")
                    .doesNotContain("postgresql://");
            await().atMost(Duration.ofMinutes(2)).until(() -> count("spans_fact") == 90_000);

            assertThat(count("span_events")).isEqualTo(expected.events());
            assertThat(count("span_links")).isEqualTo(expected.links());
            assertThat(attributes("span")).isEqualTo(expected.attributes().get(AttributeContext.SPAN));
            assertThat(attributes("span_event")).isEqualTo(expected.attributes().get(AttributeContext.EVENT));
            assertThat(attributes("span_link")).isEqualTo(expected.attributes().get(AttributeContext.LINK));
            await().atMost(Duration.ofSeconds(30)).until(() -> count(FACTS_WITHOUT_DIMENSION) == 0);
            assertThat(count("resources_dim")).isEqualTo(TraceRecords.SERVICES);
            assertThat(count("scopes_dim")).isEqualTo(TraceRecords.SCOPES);
            assertThat(count("service_dim")).isEqualTo(TraceRecords.SERVICES);
            assertThat(count("quarantined_records")).isZero();
            // Every row of a record has an id of its own, in the record's order.
            assertThat(count(
                            "(SELECT row_number() OVER (ORDER BY s.id) - 1 AS position, a.int_value FROM spans_fact AS s"
                                    + " JOIN span_attrs_unified AS a ON a.parent_id = s.id AND a.key = '"
                                    + TraceRecords.NUMBER
                                    + "') AS numbered WHERE position <> int_value"))
                    .isZero();
        }
    }

    /** A flood of names, a name and a resource of megabytes, 1,000 attributes; clocks of 1970 and of the future. */
    @Test
    void boundsDimensionsAndKeepsFacts() throws Exception {
        int names = 2 * IngestOptions.MAX_OPERATIONS.defaultValue();
        ResourceSpans.Builder flood = ResourceSpans.newBuilder().setResource(resource("flood"));
        ScopeSpans.Builder scopeSpans = flood.addScopeSpansBuilder();
        for (int number = 0; number < names; number++) {
            scopeSpans.addSpans(TraceRecords.bareSpan(number).setName("GET /items/" + number));
        }
        ResourceSpans.Builder large = ResourceSpans.newBuilder().setResource(resource("large"));
        large.addScopeSpansBuilder().addSpans(TraceRecords.bareSpan(1).setName("x".repeat(11_000_000)));
        for (int i = 0; i < 1_000; i++) {
            large.getResourceBuilder().addAttributes(OtlpValues.attribute("attribute." + i, i));
        }
        ResourceSpans.Builder longNamed = ResourceSpans.newBuilder().setResource(resource("n".repeat(5_000_000)));
        longNamed.addScopeSpansBuilder().addSpans(TraceRecords.bareSpan(2).setName("named"));
        // As far ahead as a broker lets a clock be.
        publish(
                ODD_TOPIC,
                record(flood),
                Instant.now().plus(Duration.ofMinutes(50)).toEpochMilli());
        publish(ODD_TOPIC, record(large), 1_000L);
        publish(ODD_TOPIC, record(longNamed), null);

        Configuration oddOptions = new Configuration(options);
        oddOptions.set(SignalOptions.of(Signal.TRACES).topic(), ODD_TOPIC);
        try (EmbeddedCluster cluster = EmbeddedCluster.start(oddOptions, checkpoints, 0, 2)) {
            String flooded = "operation_dim JOIN service_dim USING (service_id) WHERE service_dim.name = 'flood'";
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> count(flooded) == IngestOptions.MAX_OPERATIONS.defaultValue()
                            && count("service_dim WHERE length(name) = 5000000") == 1
                            && count("resources_dim WHERE service_name = 'large'") == 1);

            assertThat(count("(SELECT DISTINCT name FROM spans_fact WHERE name LIKE 'GET /items/_%') AS names"))
                    .isEqualTo(names);
            assertThat(count("spans_fact WHERE length(name) = 11000000")).isEqualTo(1);
            assertThat(count("operation_dim WHERE length(name) > 1024")).isZero();
            assertThat(count("resource_attrs_unified WHERE key LIKE 'attribute.%'"))
                    .isEqualTo(1_000);
            assertThat(count("service_dim WHERE name = 'large' AND first_seen = '1970-01-01 00:00:01+00'"))
                    .isEqualTo(1);
            assertThat(
                            count(
                                    "service_dim WHERE name = 'flood' AND first_seen BETWEEN now() AND now() + interval '5 min'"))
                    .isEqualTo(1);
            assertThat(count("refused_dimensions")).isZero();
            assertThat(count("quarantined_records")).isZero();
            cluster.awaitFailure(Duration.ZERO);
        }
    }

    private static Resource.Builder resource(String service) {
        return Resource.newBuilder().addAttributes(OtlpValues.attribute("service.name", service));
    }

    private static byte[] record(ResourceSpans.Builder spans) {
        return TracesData.newBuilder().addResourceSpans(spans).build().toByteArray();
    }

    @Test
    void runsEachSignalInOneTaskAndDimensionsInAnother() throws Exception {
        Configuration three = new Configuration(options);
        three.set(SignalOptions.of(Signal.LOGS).parallelism(), 7);
        List<JobVertex> vertices = vertices(three);

        for (Signal signal : Signal.values()) {
            assertThat(vertices).anySatisfy(vertex -> {
                assertThat(vertex.getName())
                        .contains(Uids.source(signal), Uids.flatten(signal), Uids.sink(signal), "Committer");
                assertThat(vertex.getParallelism())
                        .isEqualTo(
                                signal == Signal.LOGS
                                        ? 7
                                        : vertexOfDimensions(vertices).getParallelism());
            });
        }
        assertThat(vertexOfDimensions(vertices).getName()).contains(Uids.DIMENSION_SINK);
        assertThat(vertices).hasSize(5);
    }

    @Test
    void leavesOutASignalThatIsSwitchedOff() throws Exception {
        Configuration logs = new Configuration(options);
        logs.set(SignalOptions.of(Signal.TRACES).enabled(), false);
        logs.set(SignalOptions.of(Signal.METRICS).enabled(), false);

        assertThat(vertices(logs))
                .extracting(JobVertex::getName)
                .hasSize(3)
                .anySatisfy(name -> assertThat(name).contains(Uids.source(Signal.LOGS)));

        logs.set(SignalOptions.of(Signal.LOGS).enabled(), false);
        assertThatThrownBy(() -> vertices(logs)).isInstanceOf(UserFailure.class).hasMessageContaining("No signal");
    }

    @Test
    void refusesATopicThatIsNotThereOrThatTwoSignalsShare() {
        Configuration missing = new Configuration(options);
        missing.set(SignalOptions.of(Signal.METRICS).topic(), "absent");
        assertThatThrownBy(() -> vertices(missing))
                .isInstanceOf(UserFailure.class)
                .hasMessageContaining("no topic absent for metrics")
                .hasMessageContaining("ollyscale.metrics.enabled=false");

        Configuration shared = new Configuration(options);
        shared.set(SignalOptions.of(Signal.METRICS).topic(), TOPIC);
        assertThatThrownBy(() -> vertices(shared))
                .isInstanceOf(UserFailure.class)
                .hasMessageContaining("a topic of its own");
    }

    private static JobVertex vertexOfDimensions(List<JobVertex> vertices) {
        return vertices.stream()
                .filter(vertex -> vertex.getName().contains(Uids.DIMENSION_REGISTRY))
                .findFirst()
                .orElseThrow();
    }

    private static List<JobVertex> vertices(Configuration configuration) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        IngestJob.define(env, configuration);
        return StreamSupport.stream(
                        env.getStreamGraph().getJobGraph().getVertices().spliterator(), false)
                .toList();
    }

    @Test
    void refusesUnalignedCheckpoints() {
        Configuration unaligned = new Configuration(options);
        unaligned.set(CheckpointingOptions.ENABLE_UNALIGNED, true);

        assertThatThrownBy(() -> vertices(unaligned))
                .isInstanceOf(UserFailure.class)
                .hasMessageContaining("execution.checkpointing.unaligned.enabled");
    }

    /** As the web UI shows it. */
    private static String jobManagerConfiguration(EmbeddedCluster cluster) throws Exception {
        HttpRequest question = HttpRequest.newBuilder(URI.create(cluster.ui() + "/jobmanager/config"))
                .build();
        return HttpClient.newHttpClient()
                .send(question, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static void publish(String topic, byte[] value, Long millis) throws Exception {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers());
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LocalKafka.MAX_RECORD_BYTES + (1 << 20));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, null, millis, null, value))
                    .get();
        }
    }

    private static Map<String, Long> attributes(String context) throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        try (Connection connection = connect();
                var statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT type, count(*) FROM otel." + context + "_attrs_unified GROUP BY type")) {
            while (result.next()) {
                counts.put(result.getString(1), result.getLong(2));
            }
        }
        return counts;
    }

    private static long count(String from) throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM " + from)) {
            result.next();
            return result.getLong(1);
        }
    }

    private static Connection connect() throws SQLException {
        return stack.connect();
    }
}
