package io.ollyscale.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a real broker and a real database. */
class CommandLineITCase {

    private static final Span SPAN = Span.newBuilder()
            .setTraceId(ByteString.copyFrom(new byte[] {1, (byte) 0xC0, 3}))
            .setName("GET /")
            .setStartTimeUnixNano(1_000)
            .setEndTimeUnixNano(1_500)
            .build();

    private static LocalKafka kafka;
    private static LocalPostgres postgres;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        kafka = LocalKafka.builder().start();
        postgres = LocalPostgres.builder().withoutSync().start();
    }

    @AfterAll
    static void stop() {
        postgres.close();
        kafka.close();
    }

    @Test
    void loadPublishesEachRecordOfEachFile() throws IOException {
        kafka.createTopic("load", 1);
        Path frames = file("frames.zst", Zstd.compress(concat(frame(traces(SPAN)), frame(traces(SPAN, SPAN)))));
        Path message = file("message.pb", traces(SPAN, SPAN, SPAN).toByteArray());
        Path json = file("lines.jsonl", """
                {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "01C003", "name": "GET /",
                    "startTimeUnixNano": "1000", "endTimeUnixNano": 1500, "newer": 1}]}]}]}
                {"resourceSpans": []}
                """.getBytes(UTF_8));

        Run run = load("--topic", "load", "--repeat", "2", "--json", text(frames), text(message), text(json));

        assertThat(run.status()).as(run.err()).isZero();
        List<TracesData> once = List.of(
                traces(SPAN),
                traces(SPAN, SPAN),
                traces(SPAN, SPAN, SPAN),
                traces(SPAN),
                TracesData.getDefaultInstance());
        assertThat(published("load"))
                .containsExactlyElementsOf(
                        Stream.of(once, once).flatMap(List::stream).toList());
        JsonNode report = new ObjectMapper().readTree(run.out());
        assertThat(report.get("records").asInt()).isEqualTo(10);
        assertThat(report.get("files").get(2).get("signal").asText()).isEqualTo("traces");
        assertThat(run.err()).contains("2 keys of its JSON");
    }

    @Test
    void loadShiftsTimesToNow() throws IOException {
        kafka.createTopic("restamp", 1);
        Span later = SPAN.toBuilder()
                .setStartTimeUnixNano(0)
                .setEndTimeUnixNano(9_000)
                .build();
        Path file = file("frames", concat(frame(traces(SPAN)), frame(traces(later))));
        long before = nanos(Instant.now());

        Run run = load("--topic", "restamp", "--restamp", text(file));

        assertThat(run.status()).as(run.err()).isZero();
        List<Span> spans = published("restamp").stream()
                .map(record -> record.getResourceSpans(0).getScopeSpans(0).getSpans(0))
                .toList();
        long last = spans.get(1).getEndTimeUnixNano();
        assertThat(last).isBetween(before, nanos(Instant.now()));
        assertThat(spans.get(1).getStartTimeUnixNano()).isZero();
        assertThat(spans.get(0).getStartTimeUnixNano()).isEqualTo(last - 8_000);
        assertThat(spans.get(0).getEndTimeUnixNano()).isEqualTo(last - 7_500);
    }

    @Test
    void loadPublishesRecordsOfManyMegabytes() throws IOException {
        kafka.createTopic("large", 1);
        TracesData large = incompressible(30 << 20);

        Run run = load("--topic", "large", text(file("large.pb", large.toByteArray())));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("1 record, 31.6 MB");
        assertThat(published("large")).containsExactly(large);
    }

    @Test
    void loadSaysWhichLimitToRaise() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(
                            List.of(new NewTopic("small", 1, (short) 1).configs(Map.of("max.message.bytes", "10000"))))
                    .all()
                    .get();
        }
        Path file = file("frames", concat(frame(traces(SPAN)), frame(incompressible(20_000))));

        Run run = load("--topic", "small", text(file));

        assertThat(run.status()).isOne();
        assertThat(run.err())
                .contains("record 2", "max.message.bytes of topic small", "message.max.bytes")
                .hasLineCount(1);
    }

    @Test
    void loadCreatesNoTopic() throws IOException {
        Path file = file("message.pb", traces(SPAN).toByteArray());

        Run run = load(text(file), "--topic", "missing");

        assertThat(run.status()).isOne();
        assertThat(run.err()).contains("no topic missing", "kafka-topics.sh").hasLineCount(1);
        assertThat(load(text(file), "--topic", "missing").status()).isOne();
    }

    @Test
    void loadStopsAtABadRecord() throws IOException {
        kafka.createTopic("bad", 1);
        Path json = file("bad.jsonl", "{\"resourceSpans\": []}\n{\"resourceSpans\": [}".getBytes(UTF_8));
        Path frames = file("bad.frames", concat(frame(traces(SPAN)), new byte[] {0, 0, 0, 2, 10, 9}));

        assertThat(load("--topic", "bad", text(json)).err())
                .contains("bad.jsonl, record 2: ")
                .hasLineCount(1);
        assertThat(load("--topic", "bad", text(frames)).err())
                .contains("bad.frames, record 2: no message of traces")
                .hasLineCount(1);
    }

    @Test
    void unreachableServersAreNamedWithinSeconds() throws IOException {
        Path file = file("message.pb", traces(SPAN).toByteArray());
        Instant start = Instant.now();

        Run noKafka = Run.of("load", "--kafka", "127.0.0.1:1", text(file));
        Run noPostgres = Run.of("sql", "--postgres-url", "postgresql://u:secret@127.0.0.1:1/x", "SELECT 1");

        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(30));
        assertThat(noKafka.status()).isOne();
        assertThat(noKafka.err())
                .contains("Kafka doesn't answer at 127.0.0.1:1")
                .hasLineCount(1);
        assertThat(noPostgres.status()).isOne();
        assertThat(noPostgres.err())
                .contains("127.0.0.1:1 refused", "--postgres-url")
                .doesNotContain("secret")
                .hasLineCount(1);
    }

    @Test
    void aWrongPasswordIsSaid() {
        String url = postgres.uri().replace(postgres.password(), "secret");

        Run run = Run.of("status", "--postgres-url", url, "--kafka", kafka.bootstrapServers());

        assertThat(run.status()).isOne();
        assertThat(run.err())
                .contains("refused the login")
                .doesNotContain("secret")
                .hasLineCount(1);
    }

    @Test
    void sqlRunsEachStatementOnItsOwn() {
        Run run = sql("""
                CREATE TEMP TABLE t (n integer, s text);
                INSERT INTO t VALUES (1, 'a;b'), (22, NULL); -- not; here
                SELECT n, s, '{"k": 1}'::jsonb ? 'k' AS has_key FROM t ORDER BY n;
                VACUUM pg_am
                """);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        "Done",
                        "2 rows changed",
                        "",
                        " n | s    | has_key",
                        "---+------+--------",
                        " 1 | a;b  | t",
                        "22 | NULL | t",
                        "(2 rows)",
                        "Done");
    }

    @Test
    void sqlKeepsToTransactionsThatAreAskedFor() {
        Run run = sql("BEGIN; CREATE TABLE gone (n integer); SELECT n FROM gone; ROLLBACK; SELECT to_regclass('gone')");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("(0 rows)").endsWith("NULL\n(1 row)\n");
    }

    @Test
    void sqlShowsTheFirstRowsOfMany() {
        assertThat(sql("SELECT g FROM generate_series(1, 1001) AS g").out())
                .contains("\n1000\n")
                .doesNotContain("1001")
                .contains("(the first 1000 rows, there are more: --limit shows them)");
        assertThat(sql("SELECT g FROM generate_series(1, 1000) AS g").out()).endsWith("(1000 rows)\n");
        assertThat(sql("SELECT g FROM generate_series(1, 5000) AS g", "--limit", "0")
                        .out())
                .endsWith("\n5000\n(5000 rows)\n");
    }

    @Test
    void sqlSaysWhatIsWrongAndWhere() {
        Run run = sql("SELECT 1;\nSELECT\n  wrong FROM pg_class");

        assertThat(run.status()).isOne();
        assertThat(run.err())
                .isEqualTo("statement 2: column \"wrong\" does not exist at line 3, column 3 (SQLSTATE 42703)\n");
        assertThat(sql("SELECT * FROM otel.spans_fact").err())
                .contains("run ollyscale migrate")
                .hasLineCount(1);
    }

    @Test
    void sqlPrintsJson() throws IOException {
        Run run = sql("""
                SELECT 9007199254740993 AS i, 0.10 AS n, 'NaN'::float8 AS f, true AS b, NULL AS x,
                    '{"a": [1]}'::jsonb AS j, '\\x00ff'::bytea AS y, 1 AS i
                """, "--json");

        assertThat(run.out())
                .isEqualTo("{\"rows\":[{\"i\":9007199254740993,\"n\":0.10,\"f\":\"NaN\",\"b\":true,\"x\":null,"
                        + "\"j\":{\"a\": [1]},\"y\":\"\\\\x00ff\",\"i_2\":1}],\"more\":false}\n");
        assertThat(new ObjectMapper().readTree(run.out()).get("rows")).hasSize(1);
    }

    @Test
    void statusSaysWhereTheStoreStands() throws Exception {
        String url = database("status");
        assertThat(status(url).err()).contains("run ollyscale migrate").hasLineCount(1);
        migrate(url);
        kafka.createTopic("otlp_spans", 2);
        kafka.createTopic("stored", 1);
        Path file = file("message.pb", traces(SPAN).toByteArray());
        load("--repeat", "3", text(file));
        load("--topic", "stored", "--repeat", "5", text(file));
        ledger(url, "stored", 4);

        Run run = status(url, "--json");

        assertThat(run.status()).as(run.out() + run.err()).isZero();
        JsonNode status = new ObjectMapper().readTree(run.out());
        assertThat(status.get("lag").asInt()).isEqualTo(4);
        assertThat(status.get("partitions")).hasSize(3);
        assertThat(status.get("partitions").get(0).get("next_offset").isNull()).isTrue();
        assertThat(status.get("partitions").get(2).get("lag").asInt()).isEqualTo(1);
        assertThat(status.get("last_write_seconds_ago").asDouble()).isBetween(0.0, 60.0);
        assertThat(status.get("policy_version").asInt()).isOne();
        assertThat(status.get("table_partitions_seconds_ahead").asDouble()).isGreaterThan(86_400);
        assertThat(status.get("tables").findValuesAsText("table")).contains("spans_fact", "resources_dim");

        Run text = status(url);
        assertThat(text.status()).isZero();
        assertThat(text.out())
                .contains("4 records to be stored")
                .contains("otlp_spans |         0 |  never read")
                .contains("stored     |         0 |           4 |          5 |   1")
                .contains("Gaps        none");
    }

    @Test
    void statusFindsGaps() throws Exception {
        String url = database("gaps");
        migrate(url);
        execute(
                url,
                "INSERT INTO otel.ingest_gaps (cluster_id, topic_id, topic, partition_id, from_offset, to_offset, reason)"
                        + " VALUES ('c', 't', 'otlp_spans', 0, 5, 9, 'retention')");

        Run run = status(url);

        assertThat(run.status()).isOne();
        assertThat(run.out()).contains("otlp_spans |         0 |    5 |  9 | retention");
    }

    @Test
    void statusFindsThatTheLagIsUnknown() throws Exception {
        String url = database("unknown_lag");
        migrate(url);

        Run run = Run.of("status", "--postgres-url", url, "--kafka", "127.0.0.1:1");

        assertThat(run.status()).isOne();
        assertThat(run.out())
                .contains("Lag         unknown. Kafka doesn't answer at 127.0.0.1:1")
                .contains("Quarantine");
    }

    @Test
    void migrateMayBeRepeated() throws Exception {
        String url = database("migrated");

        migrate(url);
        Run again = Run.of("migrate", "--postgres-url", url, "--policy-dir", text(policy()));

        assertThat(again.status()).as(again.err()).isZero();
        assertThat(again.out()).isEqualTo("The schema is up to date\n");
    }

    private static Run load(String... arguments) {
        return Run.of(Stream.concat(Stream.of("load", "--kafka", kafka.bootstrapServers()), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static Run sql(String... arguments) {
        return Run.of(Stream.concat(Stream.of("sql", "--postgres-url", postgres.uri()), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static Run status(String url, String... arguments) {
        return Run.of(Stream.concat(
                        Stream.of("status", "--postgres-url", url, "--kafka", kafka.bootstrapServers()),
                        Stream.of(arguments))
                .toArray(String[]::new));
    }

    private void migrate(String url) throws IOException, SQLException {
        Run run = Run.of("migrate", "--postgres-url", url, "--policy-dir", text(policy()));
        assertThat(run.status()).as(run.err()).isZero();
        execute(url, "CALL otel.ensure_partitions()");
    }

    private Path policy() throws IOException {
        file("promoted-keys.yaml", "span:\n  http.route: string\n".getBytes(UTF_8));
        file("dropped-keys.yaml", "span: []\n".getBytes(UTF_8));
        return directory;
    }

    private static String database(String name) throws SQLException {
        String jdbcUrl = postgres.createDatabase(name);
        return jdbcUrl + "?user=" + postgres.user() + "&password=" + postgres.password();
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void ledger(String url, String topic, long nextOffset) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            String cluster = admin.describeCluster().clusterId().get();
            String id = admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .topicId()
                    .toString();
            execute(
                    url,
                    "INSERT INTO otel.ingest_ledger (cluster_id, topic_id, topic, partition_id, next_offset, safe_offset, generation,"
                            + " writer_id, record_timestamp) VALUES ('" + cluster + "', '" + id + "', '" + topic
                            + "', 0, " + nextOffset + ", 0, 1, 'w', now()), ('" + cluster + "', 'deleted', '" + topic
                            + "', 0, 77, 0, 1, 'w', NULL)");
        }
    }

    private static List<TracesData> published(String topic) throws IOException {
        Map<String, Object> properties =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.partition.fetch.bytes", 64 << 20);
        TopicPartition partition = new TopicPartition(topic, 0);
        List<TracesData> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    records.add(TracesData.parseFrom(record.value()));
                }
            }
        }
        return records;
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(directory.resolve(name), content);
    }

    private static String text(Path path) {
        return path.toString();
    }

    private static TracesData traces(Span... spans) {
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(List.of(spans))))
                .build();
    }

    private static TracesData incompressible(int bytes) {
        Random random = new Random(1);
        int each = Math.min(bytes, 10_000);
        return traces(IntStream.range(0, bytes / each)
                .mapToObj(i -> {
                    byte[] id = new byte[each];
                    random.nextBytes(id);
                    return SPAN.toBuilder().setSpanId(ByteString.copyFrom(id)).build();
                })
                .toArray(Span[]::new));
    }

    private static byte[] frame(TracesData message) {
        byte[] bytes = message.toByteArray();
        return concat(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array(), bytes);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }
}
