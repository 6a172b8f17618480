package io.ollyscale.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.jobs.export.ExportFormat;
import io.ollyscale.jobs.export.ExportResult;
import io.ollyscale.jobs.export.OtlpExport;
import io.ollyscale.jobs.export.Selection;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.MetricCounts;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.RandomOtlp;
import io.ollyscale.schema.testing.RecordSet;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * That nothing is lost: what goes through Kafka, the job and PostgreSQL comes out as it went in, whatever it is. Each record
 * is random, and together they have every field of OTLP.
 */
class RoundTripITCase {
    private static final Path CONF = Path.of("..", "flink-conf");
    private static final int RECORDS = 1_000;
    private static final int MOST_UNITS = 8;
    private static final Selection EVERYTHING = new Selection(null, null, null, null, null);

    /** The run whose rows are changed; the others are called by their encoding. */
    private static final String CHANGED = "changed";

    /** Refer to a dictionary, which only profiles have. */
    private static final Set<String> REFUSED = Set.of("string_value_strindex", "key_strindex");

    private static LocalStack stack;

    @TempDir
    private Path checkpoints;

    @BeforeAll
    static void start() {
        stack = LocalStack.start(
                null,
                0,
                0,
                Stream.of(RecordEncoding.OTLP_PROTO, RecordEncoding.OTLP_JSON, CHANGED)
                        .flatMap(run -> Stream.of(Signal.values()).map(signal -> topic(signal, run)))
                        .toList());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyRecordComesOutAsItWentIn(RecordEncoding encoding) throws Exception {
        empty();
        Map<Signal, RecordSet> sent = new EnumMap<>(Signal.class);
        MetricCounts metrics = new MetricCounts();
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (Signal signal : Signal.values()) {
                sent.put(signal, send(producer, signal, encoding, metrics));
            }
        }

        try (EmbeddedCluster cluster = EmbeddedCluster.start(options(encoding, encoding), checkpoints, 0, 2)) {
            await().atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> isStored(sent));
            cluster.awaitFailure(Duration.ZERO);
        }

        for (Signal signal : Signal.values()) {
            assertThat(sent.get(signal).difference(exported(signal)))
                    .as(signal.toString())
                    .isEmpty();
        }
        assertThat(count("metrics_dim")).isEqualTo(metrics.metrics());
        assertThat(count("metric_series_dim")).isEqualTo(metrics.series());
        assertThat(count("quarantined_records WHERE reason <> 'newer-otlp'")).isZero();
        assertThat(count("refused_dimensions")).isZero();
        assertThat(count("dimension_collisions")).isZero();
    }

    /** So the test above can fail. */
    @Test
    void aValueThatIsAnotherShows() throws Exception {
        empty();
        Map<Signal, RecordSet> sent = new EnumMap<>(Signal.class);
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (Signal signal : Signal.values()) {
                Message record = NumberedRecords.allFields(signal);
                producer.send(new ProducerRecord<>(topic(signal, CHANGED), record.toByteArray()));
                sent.put(signal, RecordSet.of(record));
            }
        }
        try (EmbeddedCluster cluster =
                EmbeddedCluster.start(options(RecordEncoding.OTLP_PROTO, CHANGED), checkpoints, 0, 1)) {
            await().atMost(Duration.ofMinutes(1)).until(() -> isStored(sent));
            cluster.awaitFailure(Duration.ZERO);
        }

        for (Signal signal : Signal.values()) {
            assertThat(sent.get(signal).difference(exported(signal))).isEmpty();
        }
        for (String change : new String[] {
            "UPDATE spans_fact SET start_nanos_fraction = (start_nanos_fraction + 1) % 1000",
            "UPDATE logs_fact SET attributes_other = NULL",
            "DELETE FROM exemplars"
        }) {
            execute(change);
        }
        for (Signal signal : Signal.values()) {
            assertThat(sent.get(signal).difference(exported(signal)))
                    .as(signal.toString())
                    .isNotEmpty();
        }
    }

    private static RecordSet send(
            KafkaProducer<byte[], byte[]> producer, Signal signal, RecordEncoding encoding, MetricCounts metrics) {
        RecordSet sent = new RecordSet();
        Set<FieldDescriptor> set = new HashSet<>();
        for (int i = 0; i < RECORDS; i++) {
            RandomOtlp random =
                    encoding == RecordEncoding.OTLP_JSON ? RandomOtlp.forJson(i, signal) : new RandomOtlp(i, signal);
            Message record = random.record(i % (MOST_UNITS + 1));
            sent.add(record);
            if (record instanceof MetricsData data) {
                metrics.add(data);
            }
            set.addAll(MessageVariants.fieldsSet(record));
            producer.send(new ProducerRecord<>(topic(signal, encoding), NumberedRecords.encoded(record, encoding)));
        }
        Set<FieldDescriptor> all = MessageVariants.fields(signal.message().getDescriptorForType());
        all.removeIf(field -> REFUSED.contains(field.getName()));
        assertThat(set).as("fields that were ever set").containsExactlyInAnyOrderElementsOf(all);
        return sent;
    }

    /** Facts come first: their dimensions follow within a second. */
    private static boolean isStored(Map<Signal, RecordSet> sent) throws Exception {
        for (Signal signal : sent.keySet()) {
            ExportResult result = export(signal, new ByteArrayOutputStream());
            if (result.units() < sent.get(signal).size() || result.notWhole() > 0) {
                return false;
            }
        }
        return true;
    }

    private static RecordSet exported(Signal signal) throws Exception {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        export(signal, frames);
        RecordSet records = new RecordSet();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(frames.toByteArray()));
        while (in.available() > 0) {
            records.add(signal.message().getParserForType().parseFrom(in.readNBytes(in.readInt())));
        }
        return records;
    }

    private static ExportResult export(Signal signal, OutputStream out) throws Exception {
        try (Connection connection = stack.connect()) {
            return new OtlpExport(signal, ExportFormat.PROTO, out, (units, first, last) -> true)
                    .run(connection, EVERYTHING);
        }
    }

    private static Configuration options(RecordEncoding encoding, Object run) {
        Configuration options = GlobalConfiguration.loadConfiguration(CONF.toString());
        options.set(IngestOptions.POLICY_DIRECTORY, CONF.toString());
        options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
        options.set(IngestOptions.KAFKA, stack.bootstrapServers());
        for (Signal signal : Signal.values()) {
            options.set(SignalOptions.of(signal).topic(), topic(signal, run));
            options.set(SignalOptions.of(signal).encoding(), encoding);
        }
        return options;
    }

    /** Of each run its own: a job without state sees the dimensions of records that an earlier one has stored again. */
    private static String topic(Signal signal, Object run) {
        return signal + "-" + run;
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers());
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LocalKafka.MAX_RECORD_BYTES + (1 << 20));
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Not the ledger: another test goes on behind what this one has stored. */
    private static void empty() throws SQLException {
        execute("TRUNCATE spans_fact, span_events, span_links, logs_fact, number_data_points, histogram_data_points,"
                + " exp_histogram_data_points, summary_data_points, summary_quantiles, exemplars, resources_dim,"
                + " scopes_dim, service_dim, operation_dim, metrics_dim, metric_series_dim, refused_dimensions,"
                + " dimension_collisions, quarantined_records CASCADE");
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long count(String from) throws SQLException {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM " + from)) {
            result.next();
            return result.getLong(1);
        }
    }
}
