package io.ollyscale.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command quarantine on a real broker and a real database. */
class QuarantineCommandITCase {

    private static final TracesData TRACES = TracesData.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder()
                    .addScopeSpans(ScopeSpans.newBuilder()
                            .addSpans(
                                    Span.newBuilder().setName("GET /\u009b31m").setStartTimeUnixNano(1_000))))
            .build();

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static LocalKafka kafka;
    private static LocalPostgres postgres;
    private static String url;
    private static String cluster;

    @TempDir
    private Path directory;

    private String topic;

    @BeforeAll
    static void start(@TempDir Path policy) throws IOException {
        kafka = LocalKafka.builder().start();
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaCluster connected = KafkaCluster.connect(properties)) {
            cluster = connected.id();
        }
        postgres = LocalPostgres.builder().shortLived().start();
        url = postgres.createDatabase("quarantine") + "?user=" + postgres.user() + "&password=" + postgres.password();
        Files.writeString(policy.resolve("promoted-keys.yaml"), "span:\n  http.route: string\n");
        Files.writeString(policy.resolve("dropped-keys.yaml"), "span: []\n");
        Run run = Run.of("migrate", "--postgres-url", url, "--policy-dir", policy.toString());
        assertThat(run.status()).as(run.err()).isZero();
    }

    @AfterAll
    static void stop() {
        postgres.close();
        kafka.close();
    }

    /** Each test has a topic of its own, and numbers from 1 on. */
    @BeforeEach
    void empty() throws SQLException {
        execute("TRUNCATE otel.quarantined_records RESTART IDENTITY");
        topic = "quarantine_" + COUNT.incrementAndGet();
        kafka.createTopic(topic, 1);
    }

    // list

    @Test
    void listShowsTheNewestFirstAndCountsAll() throws Exception {
        assertThat(quarantine("list").out()).isEqualTo("Nothing is in quarantine\n");
        add("traces", "invalid-protobuf", "truncated \u001b[2J\n\u202e", new byte[3]);
        add("traces", "invalid-protobuf", "truncated", new byte[4]);
        add("logs", "newer-otlp", "2 fields", new byte[5]);
        execute("UPDATE otel.quarantined_records SET replayed_at = now() WHERE id = 2");

        Run run = quarantine("list", "--limit", "2");
        Run all = quarantine("list");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines().filter(line -> line.matches(" *[123] \\| .*")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(" 3 |").contains("| logs ", "| newer-otlp "),
                        line -> assertThat(line).startsWith(" 2 |").contains("| published |"));
        assertThat(run.out()).contains("(the newest 2, there are more: --limit shows them)");
        assertThat(run.out()).containsPattern("invalid-protobuf \\| +2 \\| 0\\.0 kB");
        assertThat(all.out())
                .contains("truncated \\u001b[2J\\n\\u202e")
                .doesNotContain("\u001b", "\u202e", "there are more");
    }

    @Test
    void listChooses() throws Exception {
        add("traces", "invalid-protobuf", "", new byte[3]);
        add("traces", "too-large", "", new byte[4]);
        add("logs", "too-large", "", new byte[5]);
        execute(
                "UPDATE otel.quarantined_records SET quarantined_at = '2026-01-01 10:00+00', topic = 'elsewhere' WHERE id = 2");

        assertThat(listed()).containsExactly(3L, 2L, 1L);
        assertThat(listed("--signal", "traces")).containsExactly(2L, 1L);
        assertThat(listed("--signal", "TRACES", "--reason", "too-large")).containsExactly(2L);
        assertThat(listed("--topic", topic)).containsExactly(3L, 1L);
        assertThat(listed("--since", "1h")).containsExactly(3L, 1L);
        assertThat(listed("--since", "2026-01-01T10:00:00Z", "--until", "2026-01-01T11:00:01+01:00"))
                .containsExactly(2L);
        assertThat(listed("--until", "2026-01-01T10:00:00Z")).isEmpty();
        assertThat(quarantine("list", "--reason", "x").out()).isEqualTo("No such record is in quarantine\n");
        JsonNode json = json(quarantine("list", "--json", "--limit", "1"));
        assertThat(json.get("more").asBoolean()).isTrue();
        assertThat(json.get("reasons").get(0).get("records").asInt()).isEqualTo(2);
        assertThat(json.get("records").get(0).get("payload_size").asInt()).isEqualTo(5);
    }

    // show

    @Test
    void showDecodesProtobuf() throws Exception {
        long id = add("traces", "refused-by-postgres", "SQLSTATE 54000: \u001b[31m", TRACES.toByteArray());

        Run run = show(id);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("Reason      refused-by-postgres\n")
                .contains("Detail      SQLSTATE 54000: \\u001b[31m\n")
                .contains("Position    " + topic + " partition 0 offset 42, part 1 of what was refused of it\n")
                .contains("Key         \\x006bff\n")
                .contains("Header      a\\u0000 = null\n", "Header      h = \\xff0001\n", "Header      t = text\n")
                .contains("\"name\":\"GET /\\u009b31m\"")
                .contains("\"startTimeUnixNano\":\"1000\"")
                .doesNotContain("\u001b", "\u009b");
        JsonNode json = json(show(id, "--json"));
        assertThat(json.at("/payload/resourceSpans/0/scopeSpans/0/spans/0/name").asText())
                .isEqualTo("GET /\u009b31m");
        assertThat(json.at("/headers/0/key").asText()).isEqualTo("a\0");
        assertThat(json.at("/headers/1/value").binaryValue()).containsExactly(-1, 0, 1);
        assertThat(json.at("/record_key").binaryValue()).containsExactly(0, 'k', -1);
        assertThat(json.at("/record_offset").asInt()).isEqualTo(42);
    }

    @Test
    void showLeavesJsonAsItCame() throws Exception {
        String text = "{\"resourceSpans\": [], \"odd\": \"\u009b\"}";
        long id = add("traces", "wrong-signal", "", text.getBytes(UTF_8));

        assertThat(show(id).out()).contains("\n{\"resourceSpans\": [], \"odd\": \"\\u009b\"}\n");
        assertThat(json(show(id, "--json")).at("/payload/odd").asText()).isEqualTo("\u009b");
    }

    @Test
    void showDumpsWhatCannotBeDecoded() throws Exception {
        byte[] payload = new byte[1_025];
        payload[0] = '{';
        payload[1] = '"';
        payload[17] = 'x';
        long id = add("traces", "invalid-protobuf", "", payload);

        Run run = show(id);

        assertThat(run.out())
                .contains("\n00000000  7b 22 00 00 00 00 00 00  00 00 00 00 00 00 00 00  {\"..............\n")
                .contains("\n00000010  00 78 00 ")
                .contains("\n000003f0 ")
                .doesNotContain("\n00000400 ")
                .contains("(the first kilobyte; --payload FILE writes all of it)");
        assertThat(json(show(id, "--json")).get("payload_base64").binaryValue()).isEqualTo(payload);
    }

    /** Its objects would take ten times the memory that there is. */
    @Test
    void showDecodesNothingLarge() throws Exception {
        byte[] spans = new byte[40_000_000];
        for (int i = 0; i < spans.length; i += 2) {
            spans[i] = 0x12;
        }
        long protobuf = add("traces", "too-large", "", scope(spans, spans.length));
        long smaller = add("traces", "too-large", "", scope(spans, 3_990_000));
        String object = "{\"x\":[" + "{},".repeat(1_333_333) + "{}]}";
        long json = add("traces", "too-large", "", object.getBytes(UTF_8));

        assertThat(show(protobuf).out())
                .contains("\n00000000  0a ")
                .contains("(the first kilobyte; --payload FILE writes all of it)");
        assertThat(json(show(smaller, "--json"))
                        .at("/payload/resourceSpans/0/scopeSpans/0/spans")
                        .size())
                .isEqualTo(1_995_000);
        assertThat(show(json).out()).contains("\n00000000  7b 22 78 22 3a 5b 7b 7d  ");
        assertThat(json(show(json, "--json")).get("payload_base64").binaryValue())
                .isEqualTo(object.getBytes(UTF_8));
    }

    @Test
    void showWritesThePayload() throws Exception {
        byte[] payload = {0, -1, 2};
        long id = add("traces", "invalid-protobuf", "", payload);
        Path file = directory.resolve("payload");

        assertThat(show(id, "--payload", file.toString()).out()).contains("Payload     3 bytes, written to " + file);

        assertThat(file).hasBinaryContent(payload);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.writeString(file, "another");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Run again = show(id, "--payload", file.toString());
        assertThat(again.status()).isOne();
        assertThat(again.err()).contains("--force").hasLineCount(1);
        assertThat(file).hasContent("another");
        assertThat(show(id, "--force", "--payload", file.toString()).status()).isZero();
        assertThat(file).hasBinaryContent(payload);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(show(id + 1).err()).isEqualTo("There is no quarantined record " + (id + 1) + "\n");
        assertThat(show(id + 1).status()).isOne();
        assertThat(show(id, "--payload", directory.resolve("no/file").toString())
                        .err())
                .contains("no/file")
                .hasLineCount(1);
    }

    @Test
    void showCutsWhatIsLong() throws Exception {
        long id = add("traces", "too-large", "", ("{\"x\": \"" + "y".repeat(100_000) + "\"}").getBytes(UTF_8));

        assertThat(show(id).out()).hasSizeLessThan(25_000).contains("(cut; --payload FILE writes all of it)");
    }

    // replay

    @Test
    void replayPublishesWhatIsNamed() throws Exception {
        add("traces", "invalid-protobuf", "", new byte[] {1});
        add("traces", "newer-otlp", "", new byte[] {2});
        add("traces", "invalid-protobuf", "", new byte[] {3});

        Run run = replay("1", "2", "99");

        assertThat(run.status()).isOne();
        assertThat(run.out())
                .isEqualTo("Published 1 record, 0.0 kB\n"
                        + "Left out 1 of reason newer-otlp: their rows are stored already\n");
        assertThat(run.err()).isEqualTo("There is no quarantined record 99\n");
        ConsumerRecord<byte[], byte[]> record = published(topic).get(0);
        assertThat(record.value()).containsExactly(1);
        assertThat(new String(record.headers().lastHeader("ollyscale-replay").value(), UTF_8))
                .isEqualTo(value("SELECT id || ':' || replay_token FROM otel.quarantined_records WHERE id = 1"));
        // A number that is named is published again.
        assertThat(replay("1").out()).isEqualTo("Published 1 record, 0.0 kB\n");
        assertThat(published(topic)).hasSize(2);
    }

    @Test
    void replayPublishesWhatFiltersChooseOnce() throws Exception {
        for (int i = 0; i < 250; i++) {
            add("traces", "too-large", "", new byte[] {(byte) i});
        }
        add("logs", "too-large", "", new byte[] {1});
        execute("UPDATE otel.quarantined_records SET replayed_at = now() WHERE id <= 10");

        Run dry = replay("--signal", "traces", "--dry-run");
        assertThat(dry.out())
                .isEqualTo(
                        "Would publish 240 records, 0.2 kB\n"
                                + "Left out 10 that were published before and aren't stored yet: name their ids to publish them again\n");
        assertThat(published(topic)).isEmpty();

        JsonNode report = json(replay("--signal", "traces", "--json"));
        assertThat(report.get("published").asInt()).isEqualTo(240);
        assertThat(report.get("left_out_published_before").asInt()).isEqualTo(10);
        assertThat(published(topic)).hasSize(240);
        assertThat(replay("--all").out()).startsWith("Published 1 record,");
        assertThat(replay("--all").out()).startsWith("Published 0 records,");
    }

    @Test
    void replaySaysWhatKafkaRefuses() throws Exception {
        add("traces", "too-large", "", new byte[] {1});
        add("traces", "too-large", "", new byte[] {2});
        execute("UPDATE otel.quarantined_records SET topic = 'deleted' WHERE id = 1");

        Run run = replay("--all");

        assertThat(run.status()).isOne();
        assertThat(run.out()).startsWith("Published 1 record");
        assertThat(run.err()).isEqualTo("Record 1 isn't published: Kafka has no topic deleted\n");
        assertThat(replay("1", "--json").out())
                .containsPattern("\"id\" ?: ?1,\\s*\"why\" ?: ?\"Kafka has no topic deleted\"");
        assertThat(replay("1", "--to-topic", topic).status()).isZero();
        assertThat(published(topic)).extracting(ConsumerRecord::value).containsExactly(new byte[] {2}, new byte[] {1});
    }

    @Test
    void replayLeavesRecordsOfAnotherKafkaAlone() throws Exception {
        add("traces", "too-large", "", new byte[] {1});
        add("traces", "too-large", "", new byte[] {2});
        add("traces", "newer-otlp", "", new byte[] {3});
        execute("UPDATE otel.quarantined_records SET cluster_id = 'another' WHERE id >= 2");
        String left = "Left out 1 of reason newer-otlp: their rows are stored already\n"
                + "Left out 1 of another Kafka: --to-topic publishes them here\n";

        assertThat(replay("--all", "--dry-run").out()).isEqualTo("Would publish 1 record, 0.0 kB\n" + left);
        assertThat(replay("--all").out()).isEqualTo("Published 1 record, 0.0 kB\n" + left);
        JsonNode byId = json(replay("2", "--json"));
        assertThat(byId.get("published").asInt()).isZero();
        assertThat(byId.get("left_out_of_another_kafka").asInt()).isOne();
        assertThat(published(topic)).extracting(ConsumerRecord::value).containsExactly(new byte[] {1});
        assertThat(replay("2", "--to-topic", topic).out()).isEqualTo("Published 1 record, 0.0 kB\n");
        assertThat(published(topic)).extracting(ConsumerRecord::value).containsExactly(new byte[] {1}, new byte[] {2});
    }

    @Test
    void replayNamesKafkaThatIsOutOfReach() throws Exception {
        add("traces", "too-large", "", new byte[] {1});

        Run run = Run.of("quarantine", "replay", "--all", "--postgres-url", url, "--kafka", "127.0.0.1:1");

        assertThat(run.status()).isOne();
        assertThat(run.err()).contains("Kafka doesn't answer at 127.0.0.1:1").hasLineCount(1);
        assertThat(value("SELECT count(replayed_at) FROM otel.quarantine")).isEqualTo("0");
    }

    // delete

    @Test
    void deleteNeedsToBeSure() throws Exception {
        add("traces", "too-large", "", new byte[] {1});

        Run run = quarantine("delete", "--all");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).startsWith("There is no terminal to ask on: pass --yes\n");
        assertThat(listed()).hasSize(1);
    }

    @Test
    void deletesWhatIsChosen() throws Exception {
        add("traces", "too-large", "", new byte[] {1});
        add("traces", "too-large", "", new byte[] {2});
        add("traces", "invalid-utf8", "", new byte[] {3});
        add("logs", "invalid-utf8", "", new byte[] {4});

        assertThat(quarantine("delete", "--yes", "--reason", "too-large").out()).isEqualTo("Deleted 2 records\n");
        assertThat(listed()).containsExactly(4L, 3L);
        Run byIds = quarantine("delete", "--yes", "--json", "3", "1");
        assertThat(byIds.status()).isOne();
        assertThat(new ObjectMapper().readTree(byIds.out()))
                .isEqualTo(new ObjectMapper().readTree("{\"deleted\": 1, \"unknown_ids\": [1]}"));
        assertThat(quarantine("delete", "--yes", "--all").status()).isZero();
        assertThat(listed()).isEmpty();
    }

    // Usage

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "show",
                "show x",
                "replay",
                "replay 1 --all",
                "replay --all --reason x",
                "delete --yes",
                "list --since yesterday",
                "list --signal profiles",
                "list --limit -1"
            })
    void saysWhatIsWrongWithTheCall(String arguments) {
        Run run = quarantine(arguments.isEmpty() ? new String[0] : arguments.split(" "));

        assertThat(run.status()).as(run.out()).isEqualTo(2);
        assertThat(run.err()).contains("Try: ollyscale quarantine");
    }

    @Test
    void saysThatTheSchemaIsMissing() {
        String empty =
                postgres.createDatabase("empty") + "?user=" + postgres.user() + "&password=" + postgres.password();

        Run run = Run.of("quarantine", "list", "--postgres-url", empty);

        assertThat(run.status()).isOne();
        assertThat(run.err()).contains("run ollyscale migrate").hasLineCount(1);
    }

    @Test
    void readersListButDoNotShow() throws Exception {
        long id = add("traces", "too-large", "", new byte[] {1});
        execute("CREATE ROLE reader LOGIN PASSWORD 'reader'");
        execute("GRANT USAGE ON SCHEMA otel TO reader");
        execute("GRANT SELECT ON ALL TABLES IN SCHEMA otel TO reader");
        execute("REVOKE SELECT ON otel.quarantined_records FROM reader");
        String asReader = url.replaceFirst("\\?.*", "?user=reader&password=reader");

        assertThat(Run.of("quarantine", "list", "--postgres-url", asReader).out())
                .contains("too-large");
        assertThat(Run.of("quarantine", "show", Long.toString(id), "--postgres-url", asReader)
                        .err())
                .contains("permission denied for table quarantined_records")
                .hasLineCount(1);
    }

    /** A message with one scope, whose bytes are those. */
    private static byte[] scope(byte[] bytes, int length) {
        UnknownFieldSet.Field scope = UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFrom(bytes, 0, length))
                .build();
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setUnknownFields(UnknownFieldSet.newBuilder()
                                .addField(ResourceSpans.SCOPE_SPANS_FIELD_NUMBER, scope)
                                .build()))
                .build()
                .toByteArray();
    }

    private static Run quarantine(String... arguments) {
        return Run.of(Stream.of(new String[] {"quarantine"}, arguments, new String[] {"--postgres-url", url})
                .flatMap(Stream::of)
                .toArray(String[]::new));
    }

    private static Run show(long id, String... arguments) {
        return quarantine(Stream.concat(Stream.of("show", Long.toString(id)), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static Run replay(String... arguments) {
        return quarantine(Stream.concat(Stream.of("replay", "--kafka", kafka.bootstrapServers()), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static List<Long> listed(String... arguments) throws IOException {
        JsonNode json = json(quarantine(
                Stream.concat(Stream.of("list", "--json"), Stream.of(arguments)).toArray(String[]::new)));
        List<Long> ids = new ArrayList<>();
        json.get("records").forEach(record -> ids.add(record.get("id").asLong()));
        return ids;
    }

    private static JsonNode json(Run run) throws IOException {
        assertThat(run.status()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out());
    }

    /** Puts a record of the test's topic into quarantine, and returns its number. */
    private long add(String signal, String reason, String detail, byte[] payload) throws SQLException {
        String sql =
                "INSERT INTO otel.quarantined_records (signal, cluster_id, topic_id, topic, partition_id, record_offset, part,"
                        + " record_key, headers, payload, reason, detail) VALUES (?, '%s', 'i', ?, 0, 42, 1, '\\x006bff', ?::jsonb, ?, ?, ?)"
                                .formatted(cluster)
                        + " RETURNING id";
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, signal);
            statement.setString(2, topic);
            statement.setString(
                    3,
                    "[{\"key\": \"a\u2400\", \"value\": null, \"key_base64\": \"YQA=\"}, {\"key\": \"h\", \"value\": \"/wAB\"},"
                            + " {\"key\": \"t\", \"value\": \"dGV4dA==\"}]");
            statement.setBytes(4, payload);
            statement.setString(5, reason);
            statement.setString(6, detail);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> published(String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
        }
        return records;
    }
}
