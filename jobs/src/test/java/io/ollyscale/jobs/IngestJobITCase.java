package io.ollyscale.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.testing.TraceCounts;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job as it is submitted, with the configuration that it ships with. */
class IngestJobITCase {
    private static final Path CONF = Path.of("..", "flink-conf");

    private static LocalStack stack;
    private static Configuration options;

    @TempDir
    private Path checkpoints;

    @BeforeAll
    static void start() {
        stack = LocalStack.start(null, 0, 0, IngestOptions.TRACES_TOPIC.defaultValue());
        options = GlobalConfiguration.loadConfiguration(CONF.toString());
        options.set(IngestOptions.POLICY_DIRECTORY, CONF.toString());
        options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
        options.set(IngestOptions.KAFKA, stack.bootstrapServers());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void storesARecordOf90000Spans() throws Exception {
        TracesData record = TraceRecords.numbered(0, 90_000);
        publish(record.toByteArray());
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
            assertThat(count("resources_dim")).isEqualTo(TraceRecords.SERVICES);
            assertThat(count("scopes_dim")).isEqualTo(TraceRecords.SCOPES);
            assertThat(count("quarantined_records")).isZero();
            assertThat(count("spans_fact AS s WHERE NOT EXISTS"
                            + " (SELECT FROM resources_dim AS r WHERE r.resource_id = s.resource_id)"))
                    .isZero();
            // Every row of a record has an id of its own, in the record's order.
            assertThat(count(
                            "(SELECT row_number() OVER (ORDER BY s.id) - 1 AS position, a.int_value FROM spans_fact AS s"
                                    + " JOIN span_attrs_unified AS a ON a.parent_id = s.id AND a.key = '"
                                    + TraceRecords.NUMBER
                                    + "') AS numbered WHERE position <> int_value"))
                    .isZero();
        }
    }

    @Test
    void runsSourceFlattenAndSinkInOneTask() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(options);
        IngestJob.define(env, options);
        assertThat(StreamSupport.stream(
                                env.getStreamGraph().getJobGraph().getVertices().spliterator(), false)
                        .map(vertex -> vertex.getName()))
                .anySatisfy(name -> assertThat(name)
                        .contains(Uids.TRACES_SOURCE, Uids.TRACES_FLATTEN, Uids.TRACES_SINK, "Committer"))
                .hasSize(2);
    }

    /** As the web UI shows it. */
    private static String jobManagerConfiguration(EmbeddedCluster cluster) throws Exception {
        HttpRequest question = HttpRequest.newBuilder(URI.create(cluster.ui() + "/jobmanager/config"))
                .build();
        return HttpClient.newHttpClient()
                .send(question, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static void publish(byte[] value) throws Exception {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers());
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LocalKafka.MAX_RECORD_BYTES + (1 << 20));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(IngestOptions.TRACES_TOPIC.defaultValue(), value))
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
