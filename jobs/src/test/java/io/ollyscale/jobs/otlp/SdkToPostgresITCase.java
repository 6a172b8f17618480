package io.ollyscale.jobs.otlp;

import static io.opentelemetry.api.common.AttributeKey.booleanArrayKey;
import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.doubleArrayKey;
import static io.opentelemetry.api.common.AttributeKey.doubleKey;
import static io.opentelemetry.api.common.AttributeKey.longArrayKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From OpenTelemetry's own SDK, through the endpoint, Kafka and the job, into the tables. */
class SdkToPostgresITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path CONF = Path.of("..", "flink-conf");
    private static final String TOPIC = IngestOptions.TRACES_TOPIC.defaultValue();

    /** 2026-01-01T00:00:00.123456789Z. */
    private static final long START = 1_767_225_600_123_456_789L;

    private static LocalStack stack;
    private static EmbeddedCluster cluster;
    private static OtlpEndpoint endpoint;

    enum Exporter {
        GRPC {
            @Override
            SpanExporter build() {
                return OtlpGrpcSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + endpoint.grpcPort())
                        .build();
            }
        },
        GRPC_GZIP {
            @Override
            SpanExporter build() {
                return OtlpGrpcSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + endpoint.grpcPort())
                        .setCompression("gzip")
                        .build();
            }
        },
        HTTP {
            @Override
            SpanExporter build() {
                return OtlpHttpSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + endpoint.httpPort() + "/v1/traces")
                        .build();
            }
        },
        HTTP_GZIP {
            @Override
            SpanExporter build() {
                return OtlpHttpSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + endpoint.httpPort() + "/v1/traces")
                        .setCompression("gzip")
                        .build();
            }
        };

        abstract SpanExporter build();
    }

    @BeforeAll
    static void start(@TempDir Path checkpoints) throws Exception {
        stack = LocalStack.start(null, 0, 0, TOPIC);
        Configuration options = GlobalConfiguration.loadConfiguration(CONF.toString());
        options.set(IngestOptions.POLICY_DIRECTORY, CONF.toString());
        options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
        options.set(IngestOptions.KAFKA, stack.bootstrapServers());
        cluster = EmbeddedCluster.start(options, checkpoints, 0, 1);
        endpoint =
                OtlpEndpoint.start(new OtlpSettings(0, 0, stack.bootstrapServers(), Map.of(OtlpService.TRACES, TOPIC)));
    }

    @AfterAll
    static void stop() {
        endpoint.close();
        cluster.close();
        stack.close();
    }

    @ParameterizedTest
    @EnumSource
    void findsEverythingThatWasExported(Exporter exporter) throws Exception {
        SpanContext exported = export(exporter);

        JsonNode expected = JSON.readTree(expected(exporter, exported.getTraceFlags()));
        // Dimensions are written apart from the spans.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(stored(exported.getTraceId())).isEqualTo(expected));
    }

    /** @return of the first span */
    private static SpanContext export(Exporter exporter) {
        Resource resource = Resource.create(
                Attributes.builder()
                        .put(stringKey("service.name"), "sdk-" + exporter)
                        .put(stringKey("service.version"), "1.2.3")
                        .put(longKey("process.pid"), 4242)
                        .put(stringArrayKey("process.command_args"), "serve", "--all")
                        .build(),
                "https://opentelemetry.io/schemas/1.37.0");
        try (SdkTracerProvider provider = SdkTracerProvider.builder()
                .setResource(resource)
                .addSpanProcessor(BatchSpanProcessor.builder(exporter.build()).build())
                .build()) {
            Tracer tracer = provider.tracerBuilder("io.ollyscale.shop")
                    .setInstrumentationVersion("4.5.6")
                    .setSchemaUrl("https://opentelemetry.io/schemas/1.36.0")
                    .build();
            Span parent = tracer.spanBuilder("GET /cart")
                    .setSpanKind(SpanKind.SERVER)
                    .setStartTimestamp(START, TimeUnit.NANOSECONDS)
                    // Promoted to typed tables, all but the last …
                    .setAttribute(stringKey("http.request.method"), "GET")
                    .setAttribute(longKey("http.response.status_code"), 200L)
                    .setAttribute(stringKey("url.path"), "/cart/№ 7")
                    // … and these are not.
                    .setAttribute(stringKey("shop.currency"), "EUR")
                    .setAttribute(longKey("shop.items"), Long.MIN_VALUE)
                    .setAttribute(doubleKey("shop.total"), 1e21)
                    .setAttribute(doubleKey("shop.discount"), 3.0)
                    .setAttribute(booleanKey("shop.returning"), true)
                    .setAttribute(stringArrayKey("shop.tags"), List.of("a", "", "ü"))
                    .setAttribute(longArrayKey("shop.ids"), List.of(1L, Long.MAX_VALUE))
                    .setAttribute(doubleArrayKey("shop.prices"), List.of(0.5, 2.0))
                    .setAttribute(booleanArrayKey("shop.flags"), List.of(true, false))
                    .startSpan();
            parent.addEvent(
                    "exception",
                    Attributes.of(
                            stringKey("exception.type"),
                            "java.io.IOException",
                            booleanKey("exception.escaped"),
                            false,
                            longKey("shop.attempt"),
                            2L,
                            doubleArrayKey("shop.waits"),
                            List.of(0.25)),
                    START + 1_001,
                    TimeUnit.NANOSECONDS);
            parent.addEvent("retry", START + 2_002, TimeUnit.NANOSECONDS);
            Span child = tracer.spanBuilder("SELECT cart")
                    .setSpanKind(SpanKind.CLIENT)
                    .setParent(Context.root().with(parent))
                    .setStartTimestamp(START + 5_000, TimeUnit.NANOSECONDS)
                    .addLink(
                            SpanContext.create(
                                    "0af7651916cd43dd8448eb211c80319c",
                                    "b7ad6b7169203331",
                                    TraceFlags.getSampled(),
                                    TraceState.builder().put("vendor", "x").build()),
                            Attributes.of(
                                    stringKey("messaging.operation.type"), "process", longKey("shop.partition"), 3L))
                    .startSpan();
            child.setStatus(StatusCode.ERROR, "no such table");
            child.end(START + 1_005_000, TimeUnit.NANOSECONDS);
            parent.setStatus(StatusCode.OK);
            parent.end(START + 25_000_001, TimeUnit.NANOSECONDS);
            assertThat(provider.forceFlush().join(20, TimeUnit.SECONDS).isSuccess())
                    .isTrue();
            return parent.getSpanContext();
        }
    }

    private static String expected(Exporter exporter, TraceFlags flags) {
        return """
                [{"name": "GET /cart", "kind": "SERVER", "parent": null, "status": "OK", "status_message": "",
                  "start": "2026-01-01 00:00:00.123456 789", "duration_ns": 25000001, "flags": FLAGS, "trace_state": "",
                  "attributes": {
                    "http.request.method": ["string", "GET"], "http.response.status_code": ["int", 200],
                    "url.path": ["string", "/cart/№ 7"],
                    "shop.currency": ["string", "EUR"], "shop.items": ["int", -9223372036854775808],
                    "shop.total": ["double", 1000000000000000000000], "shop.discount": ["double", 3], "shop.returning": ["bool", true],
                    "shop.tags": ["array", ["a", "", "ü"]], "shop.ids": ["array", [1, 9223372036854775807]],
                    "shop.prices": ["array", [0.5, 2.0]], "shop.flags": ["array", [true, false]]},
                  "events": [
                    {"name": "exception", "time": "2026-01-01 00:00:00.123457 790", "attributes": {
                      "exception.type": ["string", "java.io.IOException"], "exception.escaped": ["bool", false],
                      "shop.attempt": ["int", 2], "shop.waits": ["array", [0.25]]}},
                    {"name": "retry", "time": "2026-01-01 00:00:00.123458 791", "attributes": {}}],
                  "links": [],
                  "resource": RESOURCE, "scope": SCOPE},
                 {"name": "SELECT cart", "kind": "CLIENT", "parent": "GET /cart", "status": "ERROR",
                  "status_message": "no such table",
                  "start": "2026-01-01 00:00:00.123461 789", "duration_ns": 1000000, "flags": FLAGS, "trace_state": "",
                  "attributes": {}, "events": [],
                  "links": [{"trace": "0af7651916cd43dd8448eb211c80319c", "span": "b7ad6b7169203331",
                    "trace_state": "vendor=x", "flags": 257, "attributes": {
                      "messaging.operation.type": ["string", "process"], "shop.partition": ["int", 3]}}],
                  "resource": RESOURCE, "scope": SCOPE}]
                """
                // W3C's, and OTLP's "it is known whether the parent is remote".
                .replace("FLAGS", Integer.toString(0x100 | flags.asByte()))
                .replace("RESOURCE", """
                        {"service": "sdk-%s", "schema_url": "https://opentelemetry.io/schemas/1.37.0", "attributes": {
                          "service.name": ["string", "sdk-%s"], "service.version": ["string", "1.2.3"],
                          "process.pid": ["int", 4242], "process.command_args": ["array", ["serve", "--all"]]}}
                        """.formatted(exporter, exporter))
                .replace("SCOPE", """
                        {"name": "io.ollyscale.shop", "version": "4.5.6",
                         "schema_url": "https://opentelemetry.io/schemas/1.36.0", "attributes": {}}
                        """);
    }

    /** All that the tables say of a trace, with the type of each attribute. */
    private static JsonNode stored(String traceId) throws SQLException, JsonProcessingException {
        String sql = """
                SELECT jsonb_agg(jsonb_build_object(
                    'name', s.name, 'kind', s.kind, 'status', s.status, 'status_message', s.status_message,
                    'parent', (SELECT p.name FROM spans_fact AS p
                               WHERE p.trace_id = s.trace_id_bytes AND p.span_id = s.parent_span_id_bytes),
                    'start', to_char(s.start_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US ')
                        || s.start_nanos_fraction,
                    'duration_ns', s.duration_ns, 'flags', s.flags, 'trace_state', s.trace_state,
                    'attributes', %s,
                    'events', coalesce((
                        SELECT jsonb_agg(jsonb_build_object(
                            'name', e.name,
                            'time', to_char(e.timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US ')
                                || e.nanos_fraction,
                            'attributes', %s) ORDER BY e.id)
                        FROM span_events AS e WHERE e.parent_id = s.id), '[]'),
                    'links', coalesce((
                        SELECT jsonb_agg(jsonb_build_object(
                            'trace', encode(l.linked_trace_id, 'hex'), 'span', encode(l.linked_span_id, 'hex'),
                            'trace_state', l.trace_state, 'flags', u32(l.flags), 'attributes', %s) ORDER BY l.id)
                        FROM span_links AS l WHERE l.parent_id = s.id), '[]'),
                    'resource', (SELECT jsonb_build_object(
                            'service', r.service_name, 'schema_url', r.schema_url, 'attributes', %s)
                        FROM resources_dim AS r WHERE r.resource_id = s.resource_id),
                    'scope', (SELECT jsonb_build_object(
                            'name', c.name, 'version', c.version, 'schema_url', c.schema_url, 'attributes', %s)
                        FROM scopes_dim AS c WHERE c.scope_id = s.scope_id)
                ) ORDER BY s.start_timestamp)::text
                FROM spans AS s
                WHERE s.trace_id_bytes = ?
                """.formatted(
                        attributes("span", "parent_id = s.id"),
                        attributes("span_event", "parent_id = e.id"),
                        attributes("span_link", "parent_id = l.id"),
                        attributes("resource", "resource_id = s.resource_id"),
                        attributes("scope", "scope_id = s.scope_id"));
        try (Connection connection = stack.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, HexFormat.of().parseHex(traceId));
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                String spans = result.getString(1);
                return JSON.readTree(spans == null ? "[]" : spans);
            }
        }
    }

    private static String attributes(String context, String condition) {
        return """
                coalesce((
                    SELECT jsonb_object_agg(a.key, jsonb_build_array(a.type, coalesce(to_jsonb(a.str_value),
                        to_jsonb(a.int_value), to_jsonb(a.double_value), to_jsonb(a.bool_value), a.other_value)))
                    FROM %s_attrs_unified AS a WHERE a.%s), '{}')
                """.formatted(context, condition);
    }
}
