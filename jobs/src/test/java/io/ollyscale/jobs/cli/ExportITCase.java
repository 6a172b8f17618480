package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.export.ExportFormat;
import io.ollyscale.jobs.export.OtlpExport;
import io.ollyscale.jobs.export.Selection;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.PolicyFiles;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.RandomOtlp;
import io.ollyscale.schema.testing.RecordSet;
import io.ollyscale.schema.testing.TestPolicy;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Out of the tables comes what went through Kafka and the job into them. */
class ExportITCase {
    private static final int RECORDS = 40;
    private static final int UNITS_OF_RECORD = 50;
    private static final long SECOND = 1_000_000_000L;
    private static final String TRACE = "0102030405060708090a0b0c0d0e0f10";
    private static final OtlpJson JSON = new OtlpJson(400);

    @TempDir
    private static Path conf;

    private static LocalStack stack;
    private static Configuration options;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        stack = LocalStack.start(
                null,
                0,
                0,
                Stream.of(Signal.values())
                        .flatMap(signal -> Stream.of("first", "second", "selected", "file", "missing", "large")
                                .map(round -> topic(round, signal)))
                        .toList());
        options = GlobalConfiguration.loadConfiguration(
                Path.of("..", "flink-conf").toString());
        Files.writeString(conf.resolve(PolicyFiles.PROMOTED), promotedKeys());
        Files.writeString(conf.resolve(PolicyFiles.DROPPED), "span: []\n");
        options.set(IngestOptions.POLICY_DIRECTORY, conf.toString());
        options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
        options.set(IngestOptions.KAFKA, stack.bootstrapServers());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    DO $$ BEGIN EXECUTE (
                        SELECT 'TRUNCATE ' || string_agg(format('%s', oid::regclass), ', ') || ' CASCADE'
                        FROM pg_class WHERE relnamespace = 'otel'::regnamespace AND relkind IN ('r', 'p')
                            AND (relname ~ '_dim$|_fact$|_points$|^exemplars$|_attrs_|^span_|^summary_|^refused|^quarantined'
                                OR relname = 'ingest_ledger')
                            AND NOT relispartition AND relname <> 'span_kinds');
                    END $$
                    """);
        }
    }

    @Test
    void exportsWhatWasStoredAndAgainWhatIsLoadedFromIt() throws Exception {
        Map<Signal, List<Message>> records = new EnumMap<>(Signal.class);
        for (Signal signal : Signal.values()) {
            RandomOtlp random = new RandomOtlp(42, signal);
            List<Message> ofSignal = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                ofSignal.add(random.record(UNITS_OF_RECORD));
            }
            records.put(signal, ofSignal);
            publish("first", signal, ofSignal);
        }

        store("first", units(records));
        for (Signal signal : Signal.values()) {
            RecordSet originals = RecordSet.of(records.get(signal).toArray(Message[]::new));
            assertThat(protobuf(signal, export(signal, "--format", "proto")).difference(originals))
                    .as("%s as protobuf", signal)
                    .isEmpty();
            RecordSet asJson = new RecordSet();
            for (Message original : records.get(signal)) {
                // What JSON can say of it, which is all but the payloads of NaNs.
                asJson.add(parse(OtlpJsonWriter.write(original), signal));
            }
            assertThat(json(signal, export(signal, "--format", "json")).difference(asJson))
                    .as("%s as JSON", signal)
                    .isEmpty();
        }

        Map<Signal, Path> exported = new EnumMap<>(Signal.class);
        for (Signal signal : Signal.values()) {
            exported.put(signal, export(signal, "--format", "proto"));
        }
        empty();
        for (Signal signal : Signal.values()) {
            Run load = Run.of(
                    "load",
                    "--kafka",
                    stack.bootstrapServers(),
                    "--signal",
                    signal.toString(),
                    "--topic",
                    topic("second", signal),
                    exported.get(signal).toString());
            assertThat(load.status()).as(load.err()).isZero();
        }
        store("second", units(records));
        for (Signal signal : Signal.values()) {
            assertThat(protobuf(signal, export(signal, "--format", "proto"))
                            .difference(protobuf(signal, exported.get(signal))))
                    .as("%s, loaded and exported again", signal)
                    .isEmpty();
        }
    }

    @Test
    void exportsWhatIsSelected() throws Exception {
        publish("selected", Signal.TRACES, List.of(traces(span(1, ""), span(2, TRACE), span(3, ""), span(0, ""))));
        publish("selected", Signal.LOGS, List.of(logs(log(1, 0, ""), log(0, 2, TRACE), log(3, 9, ""))));
        publish("selected", Signal.METRICS, List.of(metrics(point(1, ""), point(2, TRACE), point(3, ""))));
        Instant before = Instant.now().minusSeconds(2);
        store("selected", Map.of(Signal.TRACES, 4L, Signal.LOGS, 3L, Signal.METRICS, 3L));

        String[] second = {"--from", "1970-01-01T00:00:02Z", "--to", "1970-01-01T01:00:03+01:00"};
        String[] ofTrace = {"--trace-id", TRACE};
        Map<Signal, Message> chosen = Map.of(
                Signal.TRACES, traces(span(2, TRACE)),
                Signal.LOGS, logs(log(0, 2, TRACE)),
                Signal.METRICS, metrics(point(2, TRACE)));
        chosen.forEach((signal, expected) -> {
            assertExported(signal, expected, second);
            assertExported(signal, expected, ofTrace);
            assertExported(signal, signal.message(), "--to", "1970-01-01");
            assertExported(signal, signal.message(), "--arrived-to", before.toString());
            // Ids reach from 1951 to 2088.
            assertExported(
                    signal,
                    expected,
                    "--arrived-from",
                    "1900-01-01",
                    "--arrived-to",
                    "2100-01-01",
                    "--trace-id",
                    TRACE);
            assertExported(signal, signal.message(), "--arrived-from", "2100-01-01");
            assertExported(signal, signal.message(), "--arrived-to", "1900-01-01");
            assertExported(
                    signal,
                    expected,
                    "--arrived-from",
                    before.toString(),
                    "--arrived-to",
                    Instant.now().plusSeconds(2).toString(),
                    "--trace-id",
                    TRACE);
        });
        // A span without a start has no event time.
        assertExported(Signal.TRACES, traces(span(1, ""), span(2, TRACE), span(3, "")), "--from", "1970-01-01");
    }

    @Test
    void writesAFileThatIsThereWhenItIsComplete() throws Exception {
        publish("file", Signal.TRACES, List.of(traces(span(1, ""))));
        store("file", Map.of(Signal.TRACES, 1L, Signal.LOGS, 0L, Signal.METRICS, 0L));
        Path file = Files.createDirectory(directory.resolve("out")).resolve("spans.jsonl.gz");

        assertThat(exportTo(file, Signal.TRACES).err()).contains("Exported 1 span in 1 message to " + file);
        try (InputStream content = new GZIPInputStream(Files.newInputStream(file))) {
            assertThat(parse(content.readAllBytes(), Signal.TRACES)).isEqualTo(traces(span(1, "")));
        }

        Run refused = exportTo(file, Signal.TRACES);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("exists").contains("--force");
        assertThat(exportTo(file, Signal.TRACES, "--force").status()).isZero();
        Path nowhere = file.resolveSibling("nowhere");
        Run withoutDirectory = exportTo(nowhere.resolve("spans.jsonl"), Signal.TRACES);
        assertThat(withoutDirectory.status()).isEqualTo(1);
        assertThat(withoutDirectory.err()).contains("There is no directory " + nowhere);
        assertThat(exportTo(Path.of("/dev/null"), Signal.TRACES, "--force").err())
                .contains("is no file");
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void saysWhatIsMissingAndWhatJsonLoses() throws Exception {
        double nan = Double.longBitsToDouble(0x7ff800000000beefL);
        Message metrics = metrics(point(1, "").toBuilder().setAsDouble(nan).build());
        publish("missing", Signal.METRICS, List.of(metrics));
        publish("missing", Signal.TRACES, List.of(traces(span(1, ""))));
        publish("missing", Signal.LOGS, List.of(logs(log(1, 1, ""))));
        store("missing", Map.of(Signal.TRACES, 1L, Signal.LOGS, 1L, Signal.METRICS, 1L));

        Run json = exportTo(directory.resolve("nan.jsonl"), Signal.METRICS);
        assertThat(json.status()).isZero();
        assertThat(json.err()).contains("1 NaNs").contains("--format proto");
        assertThat(protobuf(Signal.METRICS, export(Signal.METRICS, "--format", "proto"))
                        .difference(RecordSet.of(metrics)))
                .isEmpty();

        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE resources_dim, metric_series_dim CASCADE");
        }
        for (Signal signal : Signal.values()) {
            Path file = directory.resolve(signal + ".pb");
            Run run = exportTo(file, signal, "--format", "proto");
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err()).contains("1 of them name");
            assertThat(protobuf(signal, file).size()).isEqualTo(1);
        }
    }

    @Test
    void exportsLargeRowsBehindManySmallOnes() throws Exception {
        publish("large", Signal.TRACES, List.of(traces(span(1, ""))));
        publish("large", Signal.LOGS, List.of(logs(log(1, 1, ""))));
        store("large", Map.of(Signal.TRACES, 1L, Signal.LOGS, 1L, Signal.METRICS, 0L));
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement()) {
            // 250 MB each.
            statement.execute("""
                    INSERT INTO logs_fact (id, resource_id, scope_id, service_id, severity_number, flags,
                        dropped_attributes_count, severity_text, event_name, body_type, body_str)
                    SELECT id + n, resource_id, scope_id, service_id, 0, 0, 0, '', '', 1,
                        CASE WHEN n <= 2100 THEN 'small' ELSE repeat('x', 500000) END
                    FROM logs_fact, generate_series(1, 2600) AS n
                    """);
            statement.execute("""
                    INSERT INTO span_events (id, parent_id, dropped_attributes_count, name, attributes_other)
                    SELECT id + 10000 + n, id + n, 0, '',
                        jsonb_build_object('k', CASE WHEN n <= 200 THEN 'small' ELSE repeat('x', 500000) END)
                    FROM spans_fact, generate_series(1, 700) AS n
                    """);
            statement.execute("""
                    INSERT INTO spans_fact (id, resource_id, scope_id, service_id, operation_id, duration_ns, kind, flags,
                        dropped_attributes_count, dropped_events_count, dropped_links_count, name, trace_state)
                    SELECT id + n, resource_id, scope_id, service_id, operation_id, 0, 0, 0, 0, 0, 0, '', ''
                    FROM spans_fact, generate_series(1, 2600) AS n
                    """);
        }
        for (Signal signal : List.of(Signal.TRACES, Signal.LOGS)) {
            Run run = exportTo(directory.resolve(signal + ".gz"), signal, "--format", "proto");
            assertThat(run.err()).contains("Exported 2,601 ");
            assertThat(run.status()).isZero();
        }
        // As many as 4 MB hold, of large ones.
        assertThat(batches(Signal.TRACES)).startsWith(209, 8, 8).endsWith(1303, 601);
        assertThat(batches(Signal.LOGS)).startsWith(2000, 109, 8, 8);
    }

    /** How many facts are read at once. */
    private static List<Integer> batches(Signal signal) throws SQLException, IOException {
        List<Integer> ends = new ArrayList<>(List.of(0));
        try (Connection connection = stack.connect()) {
            new OtlpExport(
                            signal,
                            ExportFormat.PROTO,
                            OutputStream.nullOutputStream(),
                            (units, first, last) -> ends.add((int) units))
                    .run(connection, new Selection(null, null, null, null, null));
        }
        return IntStream.range(1, ends.size())
                .mapToObj(i -> ends.get(i) - ends.get(i - 1))
                .toList();
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThat(Run.of("export").status()).isEqualTo(2);
        assertThat(Run.of("export", "--signal", "profiles").status()).isEqualTo(2);
        assertThat(Run.of("export", "--signal", "logs", "--from", "yesterday").err())
                .contains("isn't a time");
        assertThat(Run.of("export", "--signal", "logs", "--trace-id", "xyz").err())
                .contains("isn't hex");
        assertThat(Run.of("export", "--signal", "logs", "--from", "2026-01-02", "--to", "2026-01-01")
                        .status())
                .isEqualTo(2);
        assertThat(Run.of("export", "--signal", "logs", "--force").status()).isEqualTo(2);
        assertThat(Run.of("export", "--signal", "logs", "--trace-id", "").status())
                .isEqualTo(2);
        Run zstd = Run.of("export", "--signal", "logs", "--output", "logs.jsonl.zst");
        assertThat(zstd.status()).isEqualTo(2);
        assertThat(zstd.err()).contains(".gz");
    }

    // The job

    /** Runs the job until as many units are in the tables, and what they name is there too. */
    private void store(String round, Map<Signal, Long> units) throws Exception {
        Configuration ofRound = new Configuration(options);
        for (Signal signal : Signal.values()) {
            ofRound.set(SignalOptions.of(signal).topic(), topic(round, signal));
        }
        try (EmbeddedCluster cluster =
                EmbeddedCluster.start(ofRound, Files.createTempDirectory(directory, "job"), 0, 1)) {
            await().atMost(Duration.ofMinutes(2)).until(() -> {
                cluster.awaitFailure(Duration.ZERO);
                assertThat(quarantined()).isEmpty();
                return stored().equals(units);
            });
            for (Signal signal : Signal.values()) {
                Path file = Files.createTempDirectory(directory, "dimensions").resolve("exported");
                // Dimensions may come a second later.
                await().atMost(Duration.ofMinutes(1)).until(() -> {
                    Run run = exportTo(file, signal, "--force");
                    assertThat(run.err()).contains("Exported");
                    return run.status() == 0;
                });
            }
        }
    }

    private static Map<Signal, Long> stored() throws SQLException {
        Map<Signal, Long> units = new EnumMap<>(Signal.class);
        units.put(Signal.TRACES, count("spans_fact"));
        units.put(Signal.LOGS, count("logs_fact"));
        units.put(
                Signal.METRICS,
                count("number_data_points")
                        + count("histogram_data_points")
                        + count("exp_histogram_data_points")
                        + count("summary_data_points"));
        return units;
    }

    private static long count(String table) throws SQLException {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM " + table)) {
            result.next();
            return result.getLong(1);
        }
    }

    private static List<String> quarantined() throws SQLException {
        List<String> reasons = new ArrayList<>();
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT signal || ' ' || reason || ': ' || detail FROM quarantined_records"
                                + " UNION ALL SELECT kind || ' ' || sqlstate || ': ' || detail FROM refused_dimensions")) {
            while (result.next()) {
                reasons.add(result.getString(1));
            }
        }
        return reasons;
    }

    private static Map<Signal, Long> units(Map<Signal, List<Message>> records) {
        Map<Signal, Long> units = new EnumMap<>(Signal.class);
        records.forEach((signal, ofSignal) ->
                units.put(signal, RecordSet.of(ofSignal.toArray(Message[]::new)).size()));
        return units;
    }

    private static void publish(String round, Signal signal, List<Message> records) {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers());
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LocalKafka.MAX_RECORD_BYTES);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            records.forEach(record -> producer.send(new ProducerRecord<>(topic(round, signal), record.toByteArray())));
        }
    }

    private static String topic(String round, Signal signal) {
        return round + "_" + signal;
    }

    private static String promotedKeys() {
        StringBuilder yaml = new StringBuilder();
        for (AttributeContext context : AttributeContext.values()) {
            yaml.append(context.sectionName()).append(":\n");
            for (PromotedKey key : TestPolicy.POLICY.of(context).promoted().values()) {
                yaml.append("  ")
                        .append(key.key())
                        .append(": {type: ")
                        .append(key.type().sqlName())
                        .append(", indexed: ")
                        .append(key.indexed())
                        .append("}\n");
            }
        }
        return yaml.toString();
    }

    // Exports

    private void assertExported(Signal signal, Message expected, String... arguments) {
        try {
            Path file = export(signal, arguments);
            assertThat(json(signal, file).difference(RecordSet.of(expected)))
                    .as("%s %s", signal, Arrays.toString(arguments))
                    .isEmpty();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path export(Signal signal, String... arguments) throws IOException {
        Path file = Files.createTempDirectory(directory, "export").resolve(signal.toString());
        Run run = exportTo(file, signal, arguments);
        assertThat(run.status()).as(run.err()).isZero();
        return file;
    }

    private static Run exportTo(Path file, Signal signal, String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "export",
                "--postgres-url",
                stack.postgresUri(),
                "--signal",
                signal.toString(),
                "--output",
                file.toString()));
        all.addAll(List.of(arguments));
        return Run.of(all.toArray(String[]::new));
    }

    private static RecordSet protobuf(Signal signal, Path file) throws IOException {
        RecordSet records = new RecordSet();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            for (byte[] length = in.readNBytes(4); length.length > 0; length = in.readNBytes(4)) {
                byte[] message = in.readNBytes(ByteBuffer.wrap(length).getInt());
                assertThat(message.length).isLessThan(1_000_000);
                records.add(signal.message().getParserForType().parseFrom(message));
            }
        }
        return records;
    }

    private static RecordSet json(Signal signal, Path file) throws IOException {
        RecordSet records = new RecordSet();
        for (String line : Files.readAllLines(file)) {
            records.add(parse(line.getBytes(StandardCharsets.UTF_8), signal));
        }
        return records;
    }

    private static Message parse(byte[] json, Signal signal) {
        try {
            OtlpJson.Document<Message> document = JSON.parse(json, signal.message());
            assertThat(document.unknownKeys()).isZero();
            return document.message();
        } catch (OtlpJsonException e) {
            throw new AssertionError(e);
        }
    }

    // Small records

    private static TracesData traces(Span... spans) {
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(List.of(spans))))
                .build();
    }

    private static Span span(int second, String traceId) {
        return Span.newBuilder()
                .setTraceId(id(traceId))
                .setStartTimeUnixNano(second * SECOND)
                .build();
    }

    private static LogsData logs(LogRecord... logs) {
        return LogsData.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder()
                        .addScopeLogs(ScopeLogs.newBuilder().addAllLogRecords(List.of(logs))))
                .build();
    }

    private static LogRecord log(int second, int observedSecond, String traceId) {
        return LogRecord.newBuilder()
                .setTraceId(id(traceId))
                .setTimeUnixNano(second * SECOND)
                .setObservedTimeUnixNano(observedSecond * SECOND)
                .build();
    }

    private static MetricsData metrics(NumberDataPoint... points) {
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .addScopeMetrics(ScopeMetrics.newBuilder()
                                .addMetrics(Metric.newBuilder()
                                        .setName("temperature")
                                        .setGauge(Gauge.newBuilder().addAllDataPoints(List.of(points))))))
                .build();
    }

    /** @param traceId of its exemplar; none where it is empty */
    private static NumberDataPoint point(int second, String traceId) {
        NumberDataPoint.Builder point = NumberDataPoint.newBuilder()
                .addAttributes(OtlpValues.attribute("k", 1))
                .setTimeUnixNano(second * SECOND);
        if (!traceId.isEmpty()) {
            point.addExemplars(Exemplar.newBuilder().setTraceId(id(traceId)));
        }
        return point.build();
    }

    private static ByteString id(String hex) {
        return ByteString.copyFrom(HexFormat.of().parseHex(hex));
    }
}
