package io.ollyscale.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.jobs.cli.status.Lags;
import io.ollyscale.jobs.cli.status.PartitionLag;
import io.ollyscale.jobs.cli.status.StoreStatus;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.LogRecords;
import io.ollyscale.schema.testing.MetricRecords;
import io.ollyscale.schema.testing.NumberedRecords;
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
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
        postgres = LocalPostgres.builder().shortLived().start();
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
        assertThat(report.get("files").get(0).get("units").asInt()).isEqualTo(6);
        assertThat(report.get("files").get(2).get("left_out").asInt()).isEqualTo(2);
        assertThat(run.err()).contains("lines.jsonl: left out because of JSON: 2 keys");
    }

    static Stream<Arguments> signalsAndEncodings() {
        return Stream.of(Signal.values())
                .flatMap(signal -> Stream.of(RecordEncoding.values()).map(encoding -> arguments(signal, encoding)));
    }

    /** Of what "export" writes. */
    @ParameterizedTest
    @MethodSource("signalsAndEncodings")
    void loadPublishesFramesAndJsonLinesAsTheTopicWantsThem(Signal signal, RecordEncoding encoding) throws IOException {
        String topic = "load-" + signal + "-" + encoding;
        kafka.createTopic(topic, 1);
        List<Message> records =
                List.of(NumberedRecords.numbered(signal, 0, 20), NumberedRecords.numbered(signal, 20, 10));
        Path frames = file("frames", concat(frame(records.get(0)), frame(records.get(1))));
        String lines = records.stream()
                .map(record -> new String(OtlpJsonWriter.write(record), UTF_8) + "\n")
                .collect(Collectors.joining());
        Path json = file("lines", Zstd.compress(lines.getBytes(UTF_8)));

        Run run = load("--topic", topic, "--encoding", encoding.toString(), text(frames), text(json));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        String unit = switch (signal) {
            case TRACES -> "spans";
            case LOGS -> "log records";
            case METRICS -> "data points";
        };
        assertThat(run.out())
                .containsPattern("frames: 2 records, .* with 30 " + unit + " to " + topic)
                .containsPattern("lines: 2 records, .* with 30 " + unit + " to " + topic);
        assertThat(publishedBytes(topic))
                .containsExactlyElementsOf(Stream.of(records, records)
                        .flatMap(List::stream)
                        .map(record -> NumberedRecords.encoded(record, encoding))
                        .toList());
    }

    @Test
    void loadSaysWhatATopicOfJsonLoses() throws IOException {
        kafka.createTopic("lossy", 1);
        Span newer = SPAN.toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                1_000,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build();
        Path file = file("message.pb", traces(newer, newer).toByteArray());

        Run run = load("--topic", "lossy", "--signal", "traces", "--encoding", "otlp_json", text(file));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err())
                .contains("message.pb: left out because of JSON: 2 keys or fields")
                .hasLineCount(1);
        assertThat(publishedBytes("lossy")).containsExactly(OtlpJsonWriter.write(traces(SPAN, SPAN)));
    }

    @Test
    void loadCountsWhatItLeavesOutOnceThoughItReadsTwice() throws IOException {
        kafka.createTopic("left-out", 1);
        Path file = file("message.json", "{\"resourceSpans\": [], \"newer\": 1}".getBytes(UTF_8));

        Run run = load("--topic", "left-out", "--restamp", text(file));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).contains("message.json: left out because of JSON: 1 keys or fields");
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
        kafka.createTopic("otlp_logs", 1);
        kafka.createTopic("otlp_metrics", 1);
        kafka.createTopic("stored", 1);
        Path file = file("message.pb", traces(SPAN).toByteArray());
        load("--repeat", "3", text(file));
        load(text(file("logs.pb", LogRecords.bytes(0, 3))), text(file("metrics.pb", MetricRecords.bytes(0, 3))));
        load("--topic", "stored", "--repeat", "5", text(file));
        ledger(url, "stored", 4);

        Run run = status(url, "--json");

        assertThat(run.status()).as(run.out() + run.err()).isZero();
        JsonNode status = new ObjectMapper().readTree(run.out());
        assertThat(status.get("lag").asInt()).isEqualTo(6);
        assertThat(status.get("partitions").findValuesAsText("topic"))
                .containsExactly("otlp_logs", "otlp_metrics", "otlp_spans", "otlp_spans", "stored");
        assertThat(status.get("partitions").get(0).get("next_offset").isNull()).isTrue();
        assertThat(status.get("partitions").findValues("lag").stream().map(JsonNode::asInt))
                .startsWith(1, 1)
                .endsWith(1);
        assertThat(topicsWithLag(url, Set.of())).containsExactly("otlp_spans", "stored");
        assertThat(topicsWithLag(url, Set.of("stored"))).containsExactly("otlp_spans");
        assertThat(status.get("last_write_seconds_ago").asDouble()).isBetween(0.0, 60.0);
        assertThat(status.get("policy_version").asInt()).isOne();
        assertThat(status.get("table_partitions_seconds_ahead").asDouble()).isGreaterThan(86_400);
        assertThat(status.get("tables").findValuesAsText("table"))
                .contains("spans_fact", "resources_dim", "logs_fact", "exemplars", "metric_series_dim");
        assertThat(status.get("newest_fact_seconds_ago").toString())
                .isEqualTo("{\"traces\":null,\"logs\":null,\"metrics\":null}");
        assertThat(status.get("job").isNull()).isTrue();

        spans(url);
        execute(url, """
                INSERT INTO otel.summary_data_points (id, series_id, count, sum, flags)
                    SELECT otel.id_at(now() - interval '40 minutes') + n, 1, 1, 1, 0 FROM generate_series(1, 2) AS n;
                INSERT INTO otel.number_data_points (id, series_id, flags)
                    SELECT otel.id_at(now() - interval '20 minutes') + n, 1, 0 FROM generate_series(1, 2) AS n
                """);
        execute(
                url,
                "INSERT INTO otel.ingest_generations (job_name, host, version) VALUES ('ollyscale ingest', 'h', '1.0')");
        Run text = status(url);
        assertThat(text.status()).isZero();
        assertThat(text.out())
                .containsPattern("Freshness   last write \\d+ s ago, newest record of 20")
                .containsPattern("\n  newest span arrived \\d+ s ago\n")
                .contains("\n  no log record is stored\n", "\n  newest data point arrived 20 min ago\n")
                .containsPattern(
                        "Job         generation 1, submitted 20.* from h, version 1.0; no job has a session here")
                .contains("Dimensions  0 metric series, 0 metrics, 0 operations, 3 resources, 0 scopes, 3 services")
                .containsPattern("spans_fact +\\| +160 \\|")
                .contains("6 records to be stored")
                .contains("otlp_spans   |         0 |  never read")
                .contains("stored       |         0 |           4 |          5 |   1")
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
    void statusFindsDimensionsThatFactsNameInVain() throws Exception {
        String url = database("in_vain");
        migrate(url);
        execute(url, "INSERT INTO otel.dimension_collisions (kind, id, hash, payload) VALUES ('scope', 1, 'h', '{}')");
        execute(
                url,
                "INSERT INTO otel.refused_dimensions (kind, id, hash, sqlstate, detail, attributes)"
                        + " VALUES ('scope', 1, 'h', '54000', 'd', '{}'), ('scope', 2, 'i', '54000', 'd', '{}')");

        Run run = status(url);

        assertThat(run.status()).isOne();
        assertThat(run.out())
                .contains("  1 whose id belongs to another one: see otel.dimension_collisions")
                .contains("  2 refused by PostgreSQL: see otel.refused_dimensions");
        JsonNode json = new ObjectMapper().readTree(status(url, "--json").out());
        assertThat(json.get("dimension_collisions").asInt()).isOne();
        assertThat(json.get("refused_dimensions").asInt()).isEqualTo(2);
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
    void topMeasuresServices() throws Exception {
        String url = database("top_services");
        migrate(url);
        assertThat(top(url).out()).contains("The store holds no spans yet.");
        spans(url);
        rollups(url);

        Run run = top(url, "--json", "--window", "10m");

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode report = new ObjectMapper().readTree(run.out());
        assertThat(report.get("rows")).hasSize(2);
        JsonNode cart = report.get("rows").get(0);
        assertThat(cart.get("service").asText()).isEqualTo("cart");
        assertThat(cart.get("versions").toString()).isEqualTo("[\"1\",\"2\"]");
        assertThat(cart.get("requests").asInt()).isEqualTo(100);
        assertThat(cart.get("spans").asInt()).isEqualTo(150);
        assertThat(cart.get("errors").asInt()).isEqualTo(5);
        assertThat(cart.get("error_ratio").asDouble()).isEqualTo(0.05);
        assertThat(cart.get("p50_ms").asDouble()).isCloseTo(50, within(0.51));
        assertThat(cart.get("p99_ms").asDouble()).isCloseTo(99, within(1.0));
        assertThat(cart.get("max_ms").asDouble()).isEqualTo(100);
        assertThat(cart.get("instances").asInt()).isEqualTo(2);
        JsonNode unknown = report.get("rows").get(1);
        assertThat(unknown.get("service").isNull()).isTrue();
        assertThat(unknown.get("requests").asInt()).isZero();
        // An end before the start counts as no duration; without a start a span is in no window.
        assertThat(unknown.get("spans").asInt()).isEqualTo(5);
        assertThat(unknown.get("p50_ms").asDouble()).isZero();
        assertThat(unknown.get("max_ms").asDouble()).isZero();
        double seconds = Duration.between(
                                Instant.parse(report.get("since").asText()),
                                Instant.parse(report.get("until").asText()))
                        .toMillis()
                / 1e3;
        assertThat(cart.get("requests_per_second").asDouble()).isCloseTo(100 / seconds, withinPercentage(1));
        assertThat(top(url, "--window", "10m").out())
                .contains("2 services", "cart ", "(not known yet: 0000000000000009)");
    }

    @Test
    void topMeasuresOperations() throws Exception {
        String url = database("top_operations");
        migrate(url);
        spans(url);
        rollups(url);

        Run run = top(url, "--json", "--window", "10m", "--by", "operation", "--service", "cart", "--sort", "p95");

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode rows = new ObjectMapper().readTree(run.out()).get("rows");
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).get("operation").asText()).isEqualTo("GET /");
        assertThat(rows.get(0).get("kind").asText()).isEqualTo("SERVER");
        assertThat(rows.get(0).get("spans").asInt()).isEqualTo(100);
        assertThat(rows.get(1).get("operation").asText()).isEqualTo("query");
        assertThat(rows.get(1).get("p95_ms").asDouble()).isCloseTo(1, within(0.01));
        assertThat(top(url, "--service", "nobody's").out()).contains("No spans began since then");
    }

    /** Of an operation that has no row the rollups know no name: it may be about to get one, until it is folded. */
    @Test
    void topShowsWhatIsBeyondTheLimitAsOne() throws Exception {
        String url = database("top_overflow");
        migrate(url);
        spans(url);
        rollups(url);
        execute(url, "DELETE FROM otel.operation_dim WHERE name = 'query'");

        assertThat(top(url, "--window", "10m", "--by", "operation", "--service", "cart")
                        .out())
                .contains("(not known yet)")
                .doesNotContain("otel.overflow");
        execute(url, "CALL otel.fold_rollups()");
        execute(url, "CALL otel.fold_rollups()");
        Run run = top(url, "--json", "--window", "10m", "--by", "operation", "--service", "cart");

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode overflow = new ObjectMapper().readTree(run.out()).get("rows").get(1);
        assertThat(overflow.get("operation").asText()).isEqualTo("otel.overflow");
        assertThat(overflow.get("kind").asText()).isEqualTo("UNSPECIFIED");
        assertThat(overflow.get("spans").asInt()).isEqualTo(50);
    }

    /** The window is of the spans' own time: what came late shows where it belongs, what is ahead doesn't show. */
    @Test
    void topLooksAtWhenSpansBegan() throws Exception {
        String url = database("top_event_time");
        migrate(url);
        spans(url);
        execute(url, "UPDATE otel.spans_fact SET start_timestamp = now() - interval '40 minutes' WHERE name = 'query'");
        execute(url, "UPDATE otel.spans_fact SET start_timestamp = now() + interval '1 day' WHERE status_code = 2");
        rollups(url);

        assertThat(spansOf(top(url, "--json", "--window", "10m", "--service", "cart")))
                .isEqualTo(95);
        assertThat(spansOf(top(url, "--json", "--window", "1h", "--service", "cart")))
                .isEqualTo(145);
    }

    @Test
    void topSaysWhatToDoWithoutASchema() throws Exception {
        assertThat(top(database("bare")).err())
                .contains("run ollyscale migrate")
                .hasLineCount(1);
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

    private static int spansOf(Run run) throws IOException {
        assertThat(run.status()).as(run.err()).isZero();
        return new ObjectMapper()
                .readTree(run.out())
                .get("rows")
                .get(0)
                .get("spans")
                .asInt();
    }

    private static Run top(String url, String... arguments) {
        return Run.of(Stream.concat(Stream.of("top", "--postgres-url", url), Stream.of(arguments))
                .toArray(String[]::new));
    }

    /**
     * Of the service cart, in two versions with an instance each, 100 requests of 1 to 100 ms of which 5 failed, and 50
     * queries of 1 ms; of one that isn't known 10 spans without a duration.
     */
    private static void spans(String url) throws SQLException {
        execute(url, """
                INSERT INTO otel.service_dim (service_id, first_seen, last_seen, service_hash, name, version)
                    SELECT v, now(), now(), v, CASE v WHEN 3 THEN 'idle' ELSE 'cart' END, v FROM generate_series(1, 3) AS v;
                INSERT INTO otel.resources_dim (resource_id, service_id, first_seen, last_seen, dropped_attributes_count,
                    policy_dropped_count, present, resource_hash, schema_url, service_instance_id)
                    SELECT r, 1 + r % 2, now(), now(), 0, 0, true, r, '', r % 2 FROM generate_series(1, 3) AS r;
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, duration_ns,
                    kind, flags, status_code, dropped_attributes_count, dropped_events_count, dropped_links_count, name, trace_state)
                    SELECT otel.id_at(now()) + n, 1 + n % 3, 1,
                        CASE WHEN n > 150 THEN 9 ELSE 1 + (1 + n % 3) % 2 END,
                        CASE WHEN n > 150 THEN 92 ELSE 10 * (1 + (1 + n % 3) % 2) + CASE WHEN n <= 100 THEN 1 ELSE 2 END END,
                        CASE WHEN n % 2 = 0 OR n <= 150 THEN now() END,
                        CASE WHEN n <= 100 THEN n * 1000000 WHEN n <= 150 THEN 1000000 ELSE -5 END,
                        CASE WHEN n <= 100 THEN 2 ELSE 3 END, 0, CASE WHEN n % 20 = 0 AND n <= 100 THEN 2 END, 0, 0, 0,
                        CASE WHEN n <= 100 THEN 'GET /' ELSE 'query' END, ''
                    FROM generate_series(1, 160) AS n
                """);
    }

    /** As if the job had stored the spans, and admitted the operations of cart. */
    private static void rollups(String url) throws SQLException {
        execute(url, """
                INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name)
                    SELECT 10 * v + o, v, now(), now(), 1 + o, 10 * v + o, CASE o WHEN 1 THEN 'GET /' ELSE 'query' END
                    FROM generate_series(1, 2) AS v, generate_series(1, 2) AS o
                """);
        execute(url, "CALL otel.rebuild_rollups('-infinity', 'infinity')");
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

    private static Set<String> topicsWithLag(String url, Set<String> notTopics) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", kafka.bootstrapServers());
        try (Connection connection = DriverManager.getConnection(url);
                KafkaCluster cluster = KafkaCluster.connect(properties)) {
            return Lags.read(StoreStatus.read(connection), cluster, List.of("otlp_spans"), notTopics).stream()
                    .map(PartitionLag::topic)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
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
        List<TracesData> records = new ArrayList<>();
        for (byte[] record : publishedBytes(topic)) {
            records.add(TracesData.parseFrom(record));
        }
        return records;
    }

    private static List<byte[]> publishedBytes(String topic) {
        Map<String, Object> properties =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.partition.fetch.bytes", 64 << 20);
        TopicPartition partition = new TopicPartition(topic, 0);
        List<byte[]> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    records.add(record.value());
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

    private static byte[] frame(Message message) {
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
