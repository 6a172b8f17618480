package io.ollyscale.jobs.otlp;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.api.common.KeyValue;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Log records that the SDK makes, and what the tables should say of them. */
final class SdkLogs {
    private static final String STORED = """
            SELECT jsonb_agg(jsonb_build_object(
                'time', %s, 'observed', %s,
                'trace', encode(l.trace_id, 'hex'), 'span', encode(l.span_id, 'hex'), 'flags', l.flags,
                'severity', l.severity_number, 'severity_text', l.severity_text, 'event', l.event_name,
                'body_type', (SELECT t.name FROM log_body_types AS t WHERE t.id = l.body_type),
                'body', coalesce(to_jsonb(l.body_str), to_jsonb(l.body_int), to_jsonb(l.body_double),
                    to_jsonb(l.body_bool), to_jsonb(encode(l.body_bytes, 'hex')), l.body_json),
                'attributes', %s, 'resource', %s, 'scope', %s) ORDER BY l.id)::text
            FROM logs_fact AS l
            WHERE l.resource_id IN (SELECT resource_id FROM resources_dim WHERE service_name = ?)
            """.formatted(
                    SdkData.time("l.timestamp", "l.nanos_fraction"),
                    SdkData.time("l.observed_timestamp", "l.observed_nanos_fraction"),
                    SdkData.attributes("log", "parent_id = l.id"),
                    SdkData.resourceOf("l"),
                    SdkData.scopeOf("l"));

    private static final SpanContext SPAN = SpanContext.create(
            "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", TraceFlags.getSampled(), TraceState.getDefault());

    private static final List<Value<?>> BODIES = List.of(
            Value.of(Long.MIN_VALUE),
            Value.of(0.5),
            Value.of(true),
            Value.of(new byte[] {0, (byte) 0xFF}),
            Value.of(Value.of("a"), Value.of(1)),
            Value.of(KeyValue.of("user", Value.of("ü")), KeyValue.of("items", Value.of(Value.of(1), Value.of(2)))));

    private SdkLogs() {}

    static void export(LogRecordExporter exporter, String service) {
        try (SdkLoggerProvider provider = SdkLoggerProvider.builder()
                .setResource(SdkData.resource(service))
                .addLogRecordProcessor(BatchLogRecordProcessor.builder(exporter).build())
                .build()) {
            Logger logger = provider.loggerBuilder(SdkData.SCOPE)
                    .setInstrumentationVersion(SdkData.SCOPE_VERSION)
                    .setSchemaUrl(SdkData.SCOPE_SCHEMA_URL)
                    .build();
            logger.logRecordBuilder()
                    .setTimestamp(SdkData.START, TimeUnit.NANOSECONDS)
                    .setObservedTimestamp(SdkData.START + 1_001, TimeUnit.NANOSECONDS)
                    .setContext(Context.root().with(Span.wrap(SPAN)))
                    .setSeverity(Severity.ERROR2)
                    .setSeverityText("err")
                    .setEventName("db.failure")
                    .setBody("no such table")
                    .setAttribute(stringKey("exception.type"), "java.sql.SQLException")
                    .setAttribute(longKey("shop.attempt"), 2L)
                    .setAttribute(stringArrayKey("shop.tags"), List.of("a", ""))
                    .emit();
            for (Value<?> body : BODIES) {
                logger.logRecordBuilder()
                        .setObservedTimestamp(SdkData.START, TimeUnit.NANOSECONDS)
                        .setBody(body)
                        .emit();
            }
            logger.logRecordBuilder()
                    .setObservedTimestamp(SdkData.START, TimeUnit.NANOSECONDS)
                    .emit();
            assertThat(provider.forceFlush().join(20, TimeUnit.SECONDS).isSuccess())
                    .isTrue();
        }
    }

    static JsonNode expected(String service) throws JsonProcessingException {
        String bare = """
                , {"time": null, "observed": "2026-01-01 00:00:00.123456 789", "trace": null, "span": null, "flags": 0,
                  "severity": 0, "severity_text": "", "event": "", "body_type": %s, "body": %s,
                  "attributes": {}, "resource": RESOURCE, "scope": SCOPE}
                """;
        String json = """
                [{"time": "2026-01-01 00:00:00.123456 789", "observed": "2026-01-01 00:00:00.123457 790",
                  "trace": "0af7651916cd43dd8448eb211c80319c", "span": "b7ad6b7169203331", "flags": 1,
                  "severity": 18, "severity_text": "err", "event": "db.failure",
                  "body_type": "STRING", "body": "no such table", "attributes": {
                    "exception.type": ["string", "java.sql.SQLException"], "shop.attempt": ["int", 2],
                    "shop.tags": ["array", ["a", ""]]},
                  "resource": RESOURCE, "scope": SCOPE}
                """
                + bare.formatted("\"INT\"", "-9223372036854775808")
                + bare.formatted("\"DOUBLE\"", "0.5")
                + bare.formatted("\"BOOL\"", "true")
                + bare.formatted("\"BYTES\"", "\"00ff\"")
                + bare.formatted("\"ARRAY\"", "[\"a\", 1]")
                + bare.formatted("\"KVLIST\"", "{\"user\": \"ü\", \"items\": [1, 2]}")
                + bare.formatted("null", "null")
                + "]";
        return SdkData.expected(json, service);
    }

    /** All that the tables say of a service's log records, with the type of each attribute. */
    static JsonNode stored(Connection connection, String service) throws SQLException, JsonProcessingException {
        return SdkData.ask(connection, STORED, service);
    }
}
