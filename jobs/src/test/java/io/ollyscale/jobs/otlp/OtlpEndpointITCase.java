package io.ollyscale.jobs.otlp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.otlp.Transport.Answer;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.LogRecords;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.MetricRecords;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.LogsServiceGrpc;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpEndpointITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOPIC = Signal.TRACES.defaultTopic();
    private static final Map<Signal, TopicRecords> RECORDS = new EnumMap<>(Signal.class);

    private static LocalKafka kafka;
    private static OtlpEndpoint endpoint;
    private static OtlpEndpoint small;
    private static TopicRecords records;
    private static LoggedFailures logged;

    @BeforeAll
    static void start() {
        kafka = LocalKafka.builder().start();
        for (Signal signal : Signal.values()) {
            kafka.createTopic(signal.defaultTopic(), 1);
            RECORDS.put(signal, new TopicRecords(kafka, signal.defaultTopic()));
        }
        records = RECORDS.get(Signal.TRACES);
        logged = new LoggedFailures();
        endpoint = endpointOfAllSignals(RecordEncoding.OTLP_PROTO);
        small = endpoint(limits(100_000, 64, Duration.ofSeconds(10)));
    }

    @AfterAll
    static void stop() {
        endpoint.close();
        small.close();
        logged.close();
        RECORDS.values().forEach(TopicRecords::close);
        kafka.close();
    }

    @BeforeEach
    void skipOtherTests() {
        RECORDS.values().forEach(TopicRecords::next);
    }

    /** Senders must not be able to fill the log either. */
    @AfterEach
    void logsNothingOfRequests() {
        assertThat(logged.take()).isEmpty();
    }

    static Stream<Arguments> signalsAndTransports() {
        return Stream.of(Signal.values())
                .flatMap(signal -> Stream.of(Transport.values()).map(transport -> arguments(signal, transport)));
    }

    @ParameterizedTest
    @MethodSource("signalsAndTransports")
    void publishesProtobufAsItCame(Signal signal, Transport transport) {
        byte[] message = newerMessage(signal);

        Answer answer = transport.send(endpoint, signal, message);

        assertThat(answer.isSuccess()).as(answer.toString()).isTrue();
        assertThat(answer.body()).isEmpty();
        List<ConsumerRecord<byte[], byte[]>> published = RECORDS.get(signal).next();
        assertThat(published).hasSize(1);
        assertThat(published.get(0).value()).isEqualTo(message);
        assertThat(published.get(0).key()).isNull();
        assertThat(published.get(0).headers()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("signalsAndTransports")
    void publishesJsonToATopicOfJson(Signal signal, Transport transport) {
        Message message = NumberedRecords.numbered(signal, 0, 10);
        byte[] json = OtlpJsonWriter.write(message);
        try (OtlpEndpoint ofJson = endpointOfAllSignals(RecordEncoding.OTLP_JSON)) {
            Answer answer = transport.send(ofJson, signal, message.toByteArray());
            Answer answerToJson = Transport.sendHttp(
                    post(ofJson.httpPort(), signal, "application/json", json).build());

            assertThat(answer.isSuccess()).as(answer.toString()).isTrue();
            assertThat(answer.body()).isEmpty();
            assertThat(answerToJson).matches(Answer::isSuccess);
            assertThat(RECORDS.get(signal).nextValues()).containsExactly(json, json);
        }
    }

    @ParameterizedTest
    @EnumSource
    void warnsOfWhatATopicOfJsonLoses(Transport transport) throws Exception {
        try (OtlpEndpoint ofJson = endpointOfAllSignals(RecordEncoding.OTLP_JSON)) {
            Answer answer = transport.send(ofJson, Signal.TRACES, newerMessage(Signal.TRACES));

            assertThat(answer.isSuccess()).as(answer.toString()).isTrue();
            assertThat(ExportTraceServiceResponse.parseFrom(answer.body())
                            .getPartialSuccess()
                            .getErrorMessage())
                    .startsWith("Left out because of JSON (");
            assertThat(records.next()).hasSize(1);
        }
    }

    @Test
    void servesTheGeneratedStubs() throws Exception {
        ManagedChannel channel = Transport.channel(endpoint.grpcPort());
        try {
            assertThat(TraceServiceGrpc.newBlockingStub(channel)
                            .export(ExportTraceServiceRequest.parseFrom(TraceRecords.bytes(0, 10)))
                            .hasPartialSuccess())
                    .isFalse();
            assertThat(LogsServiceGrpc.newBlockingStub(channel)
                            .export(ExportLogsServiceRequest.parseFrom(LogRecords.bytes(0, 10)))
                            .hasPartialSuccess())
                    .isFalse();
            assertThat(MetricsServiceGrpc.newBlockingStub(channel)
                            .export(ExportMetricsServiceRequest.parseFrom(MetricRecords.bytes(0, 10)))
                            .hasPartialSuccess())
                    .isFalse();
        } finally {
            channel.shutdownNow();
        }
        RECORDS.forEach((signal, published) -> assertThat(published.nextValues())
                .containsExactly(NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, 0, 10)));
    }

    @Test
    void takesBothProtocolsOnBothPorts() {
        byte[] message = TraceRecords.bytes(0, 1);
        assertThat(Transport.GRPC.sendGrpc(endpoint.httpPort(), OtlpService.grpcPath(Signal.TRACES), message))
                .matches(Answer::isSuccess);
        assertThat(Transport.sendHttp(post(endpoint.grpcPort(), "application/x-protobuf", message)
                        .build()))
                .matches(Answer::isSuccess);
        assertThat(records.nextValues()).containsExactly(message, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    application/json                 | identity
                    application/json; charset=utf-8  | gzip
                    Application/JSON;charset="UTF-8" | GZIP
                    """)
    void publishesJsonAsProtobuf(String contentType, String encoding) throws Exception {
        byte[] json = """
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
                 "scopeSpans":[{"scope":{"name":"cart"},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",
                 "spanId":"EEE19B7EC3C1B174","name":"GET /cart","kind":2,"startTimeUnixNano":"1767225600000000000"}]}]}]}
                """.getBytes(UTF_8);

        Answer answer = Transport.sendHttp(
                post(endpoint.httpPort(), contentType, encoding.equals("identity") ? json : Gzip.of(json))
                        .header("content-encoding", encoding)
                        .build());

        assertThat(answer.http().statusCode()).isEqualTo(200);
        assertThat(answer.http().headers().allValues("content-type")).containsExactly("application/json");
        assertThat(new String(answer.body(), UTF_8)).isEqualTo("{}");
        TracesData published = TracesData.parseFrom(records.nextValues().get(0));
        assertThat(published
                        .getResourceSpans(0)
                        .getResource()
                        .getAttributes(0)
                        .getValue()
                        .getStringValue())
                .isEqualTo("shop");
        assertThat(published.getResourceSpans(0).getScopeSpans(0).getSpans(0))
                .isEqualTo(Span.newBuilder()
                        .setTraceId(ByteString.fromHex("5b8efff798038103d269b633813fc60c"))
                        .setSpanId(ByteString.fromHex("eee19b7ec3c1b174"))
                        .setName("GET /cart")
                        .setKind(Span.SpanKind.SPAN_KIND_SERVER)
                        .setStartTimeUnixNano(1767225600000000000L)
                        .build());
    }

    @ParameterizedTest
    @EnumSource
    void publishesTheJsonOfEachSignalAsProtobuf(Signal signal) {
        Message message = NumberedRecords.numbered(signal, 0, 10);

        Answer answer =
                Transport.sendHttp(post(endpoint.httpPort(), signal, "application/json", OtlpJsonWriter.write(message))
                        .build());

        assertThat(answer.isSuccess()).as(answer.toString()).isTrue();
        assertThat(RECORDS.get(signal).nextValues()).containsExactly(message.toByteArray());
    }

    @Test
    void warnsOfWhatJsonLoses() throws Exception {
        Answer answer = json("{\"resourceSpans\":[{\"schemaUrl\":\"x\",\"fromTheFuture\":1}]}");
        assertThat(answer.http().statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(answer.body()))
                .isEqualTo(JSON.readTree("{\"partialSuccess\":{\"errorMessage\":\"Left out because of JSON (1): keys"
                        + " or fields that OTLP 1.11 doesn't have, or payloads of NaN; protobuf keeps them\"}}"));
        assertThat(records.next()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void publishesNothingForAnEmptyRequest(Transport transport) {
        assertThat(transport.send(endpoint, new byte[0])).matches(Answer::isSuccess);
        assertThat(json("{}").http().statusCode()).isEqualTo(200);
        assertThat(json("{\"resourceSpans\":[]}").http().statusCode()).isEqualTo(200);
        assertThat(records.next()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsNoMessage(Transport transport) throws Exception {
        byte[] message = TraceRecords.bytes(0, 10);
        for (byte[] broken :
                List.of(Arrays.copyOf(message, message.length - 1), "hello".getBytes(UTF_8), new byte[] {0})) {
            Answer answer = transport.send(endpoint, broken);
            assertThat(answer.is(Problem.UNDECODABLE)).as(answer.toString()).isTrue();
            assertThat(answer.status().getMessage()).startsWith("Not the protobuf message that this service takes");
            assertThat(answer.status().getDetails(0).unpack(BadRequest.class).getFieldViolationsList())
                    .hasSize(1);
        }
        assertThat(records.next()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesTheMessagesOfOtherSignals(Signal signal) {
        for (Signal other : EnumSet.complementOf(EnumSet.of(signal))) {
            byte[] message = NumberedRecords.bytes(other, RecordEncoding.OTLP_PROTO, 0, 10);
            Answer answer = Transport.GRPC.send(endpoint, signal, message);
            assertThat(answer.is(Problem.UNDECODABLE)).as(other + " " + answer).isTrue();
            Answer json = Transport.sendHttp(post(
                            endpoint.httpPort(),
                            signal,
                            "application/json",
                            NumberedRecords.bytes(other, RecordEncoding.OTLP_JSON, 0, 10))
                    .build());
            assertThat(json.http().statusCode()).isEqualTo(400);
        }
        assertThat(RECORDS.get(signal).next()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"resourceSpans\":[",
                "[]",
                "nothing",
                "{\"resourceSpans\":[]} {}",
                "{\"resourceLogs\":[]}",
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"W47/95gDgQPSabYzgT/GDA==\"}]}]}]}"
            })
    void refusesWhatIsNoOtlpJson(String document) throws Exception {
        Answer answer = json(document);
        assertThat(answer.http().statusCode()).isEqualTo(400);
        assertThat(answer.http().headers().allValues("content-type")).containsExactly("application/json");
        JsonNode status = JSON.readTree(answer.body());
        assertThat(status.path("code").asInt()).isEqualTo(3);
        assertThat(status.path("message").asText()).startsWith("No OTLP/JSON of traces: ");
        assertThat(status.at("/details/0/@type").asText()).endsWith("google.rpc.BadRequest");
        assertThat(records.next()).isEmpty();
    }

    @Test
    void refusesJsonThatIsNestedTooDeep() {
        String attribute = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"k\",\"value\":";
        String list = "{\"arrayValue\":{\"values\":[";
        // A list is two messages.
        int deepest = ProtobufCheck.MAX_NESTING / 2 - 5;
        assertThat(json(attribute + list.repeat(deepest) + "]}}".repeat(deepest) + "}]}}]}")
                        .http()
                        .statusCode())
                .isEqualTo(200);
        assertThat(json("{\"resourceSpans\":" + "[{\"scopeSpans\":".repeat(100_000))
                        .http()
                        .statusCode())
                .isEqualTo(400);
        assertThat(json(attribute + list.repeat(10_000)).http().statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = ".*GZIP")
    void refusesBrokenGzip(Transport transport) {
        byte[] compressed = Gzip.of(TraceRecords.bytes(0, 10));
        for (byte[] broken :
                List.of(new byte[] {31}, TraceRecords.bytes(0, 10), Arrays.copyOf(compressed, compressed.length / 2))) {
            Answer answer = transport.sendAsIs(endpoint, broken);
            assertThat(answer.is(Problem.UNDECODABLE)).as(answer.toString()).isTrue();
        }
        assertThat(records.next()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsTooLarge(Transport transport) {
        byte[] fits = TraceRecords.bytes(0, 300);
        byte[] tooLarge = TraceRecords.bytes(0, 3_000);
        assertThat(fits.length).isBetween(50_000, 100_000);
        assertThat(tooLarge.length).isGreaterThan(100_000);

        Answer answer = transport.send(small, tooLarge);
        assertThat(answer.is(Problem.TOO_LARGE)).as(answer.toString()).isTrue();
        assertThat(answer.status().getDetailsList()).isEmpty();
        // On the wire alone, too.
        byte[] noise = new byte[1_000_000];
        new Random(1).nextBytes(noise);
        assertThat(transport.sendAsIs(small, noise)).matches(refused -> refused.is(Problem.TOO_LARGE));
        assertThat(transport.send(small, fits)).matches(Answer::isSuccess);
        assertThat(records.next()).hasSize(1);
    }

    /** 10 GB in 10 MB. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = ".*GZIP")
    void defusesABomb(Transport transport) {
        byte[] bomb = Gzip.ofZeros(10L << 30);
        assertThat(bomb.length).isBetween(5 << 20, 15 << 20);
        long before = allocatedByThreads();
        long begin = System.nanoTime();

        Answer answer = transport.sendAsIs(endpoint, bomb);

        assertThat(answer.is(Problem.TOO_LARGE)).as(answer.toString()).isTrue();
        // Decompressing all of it would take longer.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        // What was decompressed doubled up to the limit; the rest is the client's and ours for the bomb itself.
        assertThat(allocatedByThreads() - before).isLessThan(3L * OtlpLimits.DEFAULT.requestBytes());
        assertThat(transport.send(endpoint, TraceRecords.bytes(0, 1))).matches(Answer::isSuccess);
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "GRPC_GZIP"})
    void takesTheLargestRecord(Transport transport) {
        byte[] name = new byte[LocalKafka.MAX_RECORD_BYTES];
        Arrays.fill(name, (byte) 'x');
        int envelope = TraceRecords.of(Span.newBuilder().setNameBytes(ByteString.copyFrom(name)))
                        .getSerializedSize()
                - name.length;
        byte[] message = TraceRecords.of(
                        Span.newBuilder().setNameBytes(ByteString.copyFrom(name, 0, name.length - envelope)))
                .toByteArray();
        assertThat(message).hasSize(LocalKafka.MAX_RECORD_BYTES);

        assertThat(transport.send(endpoint, message)).matches(Answer::isSuccess);
        assertThat(Arrays.equals(records.nextValues().get(0), message)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "GRPC"})
    void saysThatKafkaRefusesARecordAsTooLarge(Transport transport) throws Exception {
        String narrow = "narrow-" + transport;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
                OtlpEndpoint toNarrow = endpoint(narrow, OtlpLimits.DEFAULT)) {
            admin.createTopics(
                            List.of(new NewTopic(narrow, 1, (short) 1).configs(Map.of("max.message.bytes", "10000"))))
                    .all()
                    .get();
            byte[] noise = new byte[20_000];
            new Random(2).nextBytes(noise);
            byte[] message = TraceRecords.of(Span.newBuilder().setTraceId(ByteString.copyFrom(noise)))
                    .toByteArray();

            Answer answer = transport.send(toNarrow, message);

            assertThat(answer.is(Problem.TOO_LARGE)).as(answer.toString()).isTrue();
            assertThat(answer.status().getMessage()).contains("raise max.message.bytes of the topic " + narrow);
        }
    }

    @Test
    void saysThatARequestIsTooLargeAsJson() throws Exception {
        OtlpLimits limits = new OtlpLimits(1 << 20, 1 << 26, 4, Duration.ofSeconds(10), Duration.ofSeconds(8));
        OtlpService json = new OtlpService(Signal.TRACES, TOPIC, RecordEncoding.OTLP_JSON);
        byte[] message =
                TraceRecords.of(Span.newBuilder().setName("\1".repeat(500_000))).toByteArray();
        try (OtlpEndpoint ofJson =
                OtlpEndpoint.start(new OtlpSettings(0, 0, kafka.bootstrapServers(), List.of(json), limits))) {
            Answer answer = Transport.GRPC.send(ofJson, message);

            assertThat(answer.is(Problem.TOO_LARGE)).as(answer.toString()).isTrue();
            assertThat(answer.status().getMessage())
                    .matches("The request takes 300\\d{4} bytes as JSON, .*")
                    .doesNotContain("max.message.bytes");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    POST    | /v1/traces   | text/plain             | identity | 415
                    POST    | /v1/traces   | application/protobuf   | identity | 415
                    POST    | /v1/traces   |                        | identity | 415
                    POST    | /v1/traces   | not a type             | identity | 415
                    POST    | /v1/traces   | application/x-protobuf | zstd     | 415
                    POST    | /v1/traces   | application/x-protobuf | deflate  | 415
                    GET     | /v1/traces   | application/x-protobuf | identity | 405
                    PUT     | /v1/traces   | application/json       | identity | 405
                    OPTIONS | /v1/traces   | application/json       | identity | 405
                    POST    | /v1/profiles | application/x-protobuf | identity | 404
                    POST    | /v1/traces/x | application/x-protobuf | identity | 404
                    GET     | /            |                        | identity | 404
                    """)
    void refusesOtherRequestsOverHttp(String method, String path, String type, String encoding, int status)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + endpoint.httpPort() + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(TraceRecords.bytes(0, 1)))
                .header("content-encoding", encoding);
        if (type != null) {
            request.header("content-type", type);
        }
        Answer answer = Transport.sendHttp(request.build());

        assertThat(answer.http().statusCode()).isEqualTo(status);
        boolean protobuf = "application/x-protobuf".equals(type);
        assertThat(answer.http().headers().allValues("content-type"))
                .containsExactly(protobuf ? "application/x-protobuf" : "application/json");
        assertThat(
                        protobuf
                                ? answer.status().getMessage()
                                : JSON.readTree(answer.body()).get("message").asText())
                .isNotEmpty();
        assertThat(answer.http().headers().firstValue("allow").isPresent()).isEqualTo(status == 405);
        assertThat(answer.http().headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
        assertThat(records.next()).isEmpty();
    }

    @Test
    void saysThatItDoesNotImplementOtherServices() {
        for (String path : List.of(
                "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
                "/grpc.health.v1.Health/Check")) {
            assertThat(Transport.GRPC.sendGrpc(endpoint.grpcPort(), path, new byte[0]))
                    .matches(answer -> answer.is(Problem.UNKNOWN_SERVICE));
        }
    }

    @ParameterizedTest
    @MethodSource("signalsAndTransports")
    void saysThatASignalIsSwitchedOff(Signal signal, Transport transport) {
        List<OtlpService> others = EnumSet.complementOf(EnumSet.of(signal)).stream()
                .map(other -> new OtlpService(other, other.defaultTopic(), RecordEncoding.OTLP_PROTO))
                .toList();
        try (OtlpEndpoint withoutIt = OtlpEndpoint.start(new OtlpSettings(0, 0, kafka.bootstrapServers(), others))) {
            Answer answer = transport.send(withoutIt, signal, new byte[0]);

            assertThat(answer.is(Problem.UNKNOWN_SERVICE)).as(answer.toString()).isTrue();
            assertThat(answer.status().getMessage())
                    .isEqualTo("This endpoint doesn't take " + signal + ": ollyscale." + signal + ".enabled is false");
        }
    }

    @Test
    void saysThatItKnowsNoOtherCompressionOfGrpc() throws Exception {
        String body = "\1\0\0\0\1x";
        assertThatAnswerTo(
                request("content-type: application/grpc", "grpc-encoding: zstd", body.length()) + body,
                "grpc-status: 12",
                "grpc-accept-encoding: identity,gzip",
                "not by gzip");
    }

    /** Over HTTP/1, because no client of gRPC can be made to send them. */
    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "\0\0\0\0", "\0\0\0\0\2x", "\0\0\0\0\1xx", "\0\377\377\377\377x", "\2\0\0\0\0"})
    void refusesBrokenFramesOfGrpc(String body) throws Exception {
        assertThatAnswerTo(
                request("content-type: application/grpc", body.length()) + body,
                "HTTP/1.1 200",
                "grpc-status: 3",
                "grpc-message: ");
    }

    @Test
    void refusesPagesInBrowsers() {
        for (String origin : List.of("https://example.org", "null", "http://localhost:3000", "x y")) {
            assertThat(fromPageOf(origin)).as(origin).isEqualTo(403);
        }
        assertThat(records.next()).isEmpty();
    }

    @Test
    void survivesBodiesThatEndEarly() throws Exception {
        try (OtlpEndpoint narrow = endpoint(limits(100_000, 1, Duration.ofSeconds(30)))) {
            for (int i = 0; i < 10; i++) {
                try (Socket socket = connect(narrow.httpPort())) {
                    String head = request("content-type: application/x-protobuf", 1_000);
                    socket.getOutputStream().write((head + "half of it").getBytes(ISO_8859_1));
                    socket.getOutputStream().flush();
                }
                // The only place is free again.
                await().atMost(Duration.ofSeconds(5))
                        .until(() -> Transport.HTTP_1
                                .send(narrow, TraceRecords.bytes(0, 1))
                                .isSuccess());
            }
        }
        assertThat(records.next()).hasSize(10);
    }

    @Test
    void closesOnSlowSenders() throws Exception {
        try (OtlpEndpoint impatient = endpoint(limits(100_000, 1, Duration.ofSeconds(1)));
                Socket socket = connect(impatient.httpPort())) {
            String head = request("content-type: application/json", 1_000);
            socket.getOutputStream().write((head + "{\"resourceSpans\":").getBytes(ISO_8859_1));
            socket.getOutputStream().flush();

            String response = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);

            assertThat(response)
                    .startsWith("HTTP/1.1 503")
                    .containsIgnoringCase("connection: close")
                    .contains("retry-after: 1", "wasn't received to its end in time");
            assertThat(Transport.GRPC.send(impatient, TraceRecords.bytes(0, 1))).matches(Answer::isSuccess);
        }
    }

    @Test
    void endsSlowCallsOfGrpc() throws Exception {
        try (OtlpEndpoint impatient = endpoint(limits(100_000, 1, Duration.ofSeconds(1)))) {
            ManagedChannel channel = Transport.channel(impatient.grpcPort());
            CompletableFuture<com.google.rpc.Status> end = new CompletableFuture<>();
            ClientCall<byte[], byte[]> call =
                    // A client of a call with one message sends nothing before it has it.
                    channel.newCall(
                            Transport.method(OtlpService.grpcPath(Signal.TRACES)).toBuilder()
                                    .setType(MethodDescriptor.MethodType.CLIENT_STREAMING)
                                    .build(),
                            CallOptions.DEFAULT);
            try {
                call.start(
                        new ClientCall.Listener<>() {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                end.complete(StatusProto.fromStatusAndTrailers(status, trailers));
                            }
                        },
                        new Metadata());
                call.request(1);
                com.google.rpc.Status status = end.get(10, TimeUnit.SECONDS);
                assertThat(status.getCode()).isEqualTo(Problem.UNAVAILABLE.grpcCode());
                assertThat(status.getDetails(0).unpack(RetryInfo.class).hasRetryDelay())
                        .isTrue();
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void answersALengthThatIsNoneOrWrong() throws Exception {
        assertThatAnswerTo(
                "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: many\r\n\r\n{}",
                "HTTP/1.1 400",
                "{\"code\":3,\"message\":");
        // What is left is no request.
        assertThatAnswerTo(
                request("content-type: application/json", 2) + "{} and more\r\n\r\n", "HTTP/1.1 200", "HTTP/1.1 400");
        assertThatAnswerTo("no HTTP at all\r\n\r\n", "HTTP/1.1 400");
    }

    @Test
    void sharesItsMemoryAmongRequests() throws Exception {
        OtlpLimits tight = new OtlpLimits(1 << 20, 3 << 19, 64, Duration.ofSeconds(30), Duration.ofSeconds(8));
        try (OtlpEndpoint narrow = endpoint(tight)) {
            try (Socket first = connect(narrow.httpPort())) {
                String head = request("content-type: application/json", 900_000);
                first.getOutputStream().write((head + " ".repeat(600_000)).getBytes(ISO_8859_1));
                first.getOutputStream().flush();
                byte[] message = TraceRecords.bytes(0, 2_000);
                await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                    Answer answer = Transport.HTTP_1.send(narrow, message);
                    assertThat(answer.is(Problem.UNAVAILABLE)).isTrue();
                    assertThat(answer.http().headers().allValues("retry-after")).containsExactly("1");
                });
            }
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> Transport.HTTP_1
                            .send(narrow, TraceRecords.bytes(0, 1_000))
                            .isSuccess());
        }
    }

    @Test
    void saysThatATopicIsMissing() {
        OtlpLimits impatient = new OtlpLimits(1 << 20, 1 << 22, 4, Duration.ofSeconds(10), Duration.ofSeconds(2));
        try (OtlpEndpoint lost = endpoint("missing", impatient)) {
            Answer answer = Transport.GRPC.send(lost, TraceRecords.bytes(0, 1));
            assertThat(answer.is(Problem.UNAVAILABLE)).as(answer.toString()).isTrue();
            assertThat(answer.status().getMessage()).contains("missing");
        }
        assertThat(logged.take())
                .singleElement()
                .asString()
                .contains("WARN", "Kafka doesn't take OTLP requests for the topic missing");
    }

    @Test
    void finishesWhatIsUnderWay() throws Exception {
        byte[] message = TraceRecords.bytes(0, 100);
        OtlpEndpoint closing = endpoint(limits(100_000, 1, Duration.ofSeconds(10)));
        try (Socket socket = connect(closing.httpPort())) {
            String head = request("content-type: application/x-protobuf", message.length);
            socket.getOutputStream().write(head.getBytes(ISO_8859_1));
            socket.getOutputStream().write(message, 0, 1_000);
            socket.getOutputStream().flush();
            // The only place is taken.
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> Transport.HTTP_1.send(closing, new byte[0]).is(Problem.UNAVAILABLE));
            CompletableFuture<Void> close = CompletableFuture.runAsync(closing::close);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> Transport.HTTP_1
                            .send(closing, new byte[0])
                            .status()
                            .getMessage()
                            .equals("The endpoint is about to stop"));
            assertThat(close).isNotDone();

            socket.getOutputStream().write(message, 1_000, message.length - 1_000);
            socket.getOutputStream().flush();

            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 200");
            close.get(20, TimeUnit.SECONDS);
        }
        assertThat(records.nextValues()).containsExactly(message);
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = other.getLocalPort();
            assertThatThrownBy(() -> OtlpEndpoint.start(settings(port, 0)))
                    .isInstanceOf(UserFailure.class)
                    .hasMessageContaining("Port " + port)
                    .hasMessageContaining("--otlp-grpc-port");
            assertThatThrownBy(() -> OtlpEndpoint.start(settings(0, port)))
                    .isInstanceOf(UserFailure.class)
                    .hasMessageContaining("--otlp-http-port");
        }
    }

    @Test
    void bindsToLoopbackAlone() throws Exception {
        InetAddress other = InetAddress.getByName("127.0.0.2");
        assertThatThrownBy(() -> new Socket(other, endpoint.httpPort()).close()).isInstanceOf(IOException.class);
    }

    private static OtlpSettings settings(int grpcPort, int httpPort) {
        return new OtlpSettings(grpcPort, httpPort, kafka.bootstrapServers(), List.of(traces(TOPIC)));
    }

    private static OtlpEndpoint endpoint(OtlpLimits limits) {
        return endpoint(TOPIC, limits);
    }

    private static OtlpEndpoint endpoint(String topic, OtlpLimits limits) {
        return OtlpEndpoint.start(new OtlpSettings(0, 0, kafka.bootstrapServers(), List.of(traces(topic)), limits));
    }

    private static OtlpEndpoint endpointOfAllSignals(RecordEncoding encoding) {
        List<OtlpService> services = Stream.of(Signal.values())
                .map(signal -> new OtlpService(signal, signal.defaultTopic(), encoding))
                .toList();
        return OtlpEndpoint.start(new OtlpSettings(0, 0, kafka.bootstrapServers(), services));
    }

    private static OtlpService traces(String topic) {
        return new OtlpService(Signal.TRACES, topic, RecordEncoding.OTLP_PROTO);
    }

    private static OtlpLimits limits(int requestBytes, int requestsInFlight, Duration requestTimeout) {
        return new OtlpLimits(requestBytes, 1 << 22, requestsInFlight, requestTimeout, Duration.ofSeconds(8));
    }

    /** With a field that this release doesn't know in each message, and not in the order in which we would write it. */
    private static byte[] newerMessage(Signal signal) {
        return MessageVariants.withAnUnknownField(NumberedRecords.allFields(signal)).values().stream()
                .map(Message::toByteString)
                .reduce(ByteString.EMPTY, ByteString::concat)
                .toByteArray();
    }

    private static HttpRequest.Builder post(int port, String contentType, byte[] body) {
        return post(port, Signal.TRACES, contentType, body);
    }

    private static HttpRequest.Builder post(int port, Signal signal, String contentType, byte[] body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/" + signal))
                .header("content-type", contentType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }

    private static Answer json(String document) {
        return Transport.sendHttp(post(endpoint.httpPort(), "application/json", document.getBytes(UTF_8))
                .build());
    }

    private static int fromPageOf(String origin) {
        return Transport.sendHttp(post(endpoint.httpPort(), "application/x-protobuf", TraceRecords.bytes(0, 1))
                        .header("origin", origin)
                        .build())
                .http()
                .statusCode();
    }

    private static String request(String header, int length) {
        return request(header, "x-test: none", length);
    }

    private static String request(String header, String another, int length) {
        String path =
                header.contains("grpc") ? OtlpService.grpcPath(Signal.TRACES) : OtlpService.httpPath(Signal.TRACES);
        return "POST " + path + " HTTP/1.1\r\nhost: localhost\r\n" + header + "\r\n" + another
                + "\r\nconnection: close\r\ncontent-length: " + length + "\r\n\r\n";
    }

    /** Sends bytes and reads until all of this has come. */
    private static void assertThatAnswerTo(String bytes, String... expected) throws IOException {
        StringBuilder answer = new StringBuilder();
        try (Socket socket = connect(endpoint.httpPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            while (!Stream.of(expected).allMatch(text -> answer.indexOf(text) >= 0)) {
                int b = socket.getInputStream().read();
                assertThat(b).as("end of " + answer).isNotNegative();
                answer.append((char) b);
            }
        }
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getByName("127.0.0.1"), port);
    }

    private static long allocatedByThreads() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return LongStream.of(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }
}
