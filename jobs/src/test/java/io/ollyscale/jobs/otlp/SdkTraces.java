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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A trace that the SDK makes, and what the tables should say of it. */
final class SdkTraces {
    private static final String STORED = """
            SELECT jsonb_agg(jsonb_build_object(
                'name', s.name, 'kind', s.kind, 'status', s.status, 'status_message', s.status_message,
                'parent', (SELECT p.name FROM spans_fact AS p
                           WHERE p.trace_id = s.trace_id_bytes AND p.span_id = s.parent_span_id_bytes),
                'start', %s,
                'duration_ns', s.duration_ns, 'flags', s.flags, 'trace_state', s.trace_state,
                'attributes', %s,
                'events', coalesce((
                    SELECT jsonb_agg(jsonb_build_object(
                        'name', e.name,
                        'time', %s,
                        'attributes', %s) ORDER BY e.id)
                    FROM span_events AS e WHERE e.parent_id = s.id), '[]'),
                'links', coalesce((
                    SELECT jsonb_agg(jsonb_build_object(
                        'trace', encode(l.linked_trace_id, 'hex'), 'span', encode(l.linked_span_id, 'hex'),
                        'trace_state', l.trace_state, 'flags', u32(l.flags), 'attributes', %s) ORDER BY l.id)
                    FROM span_links AS l WHERE l.parent_id = s.id), '[]'),
                'resource', %s,
                'scope', %s
            ) ORDER BY s.start_timestamp)::text
            FROM spans AS s
            WHERE s.trace_id_bytes = decode(?, 'hex')
            """.formatted(
                    SdkData.time("s.start_timestamp", "s.start_nanos_fraction"),
                    SdkData.attributes("span", "parent_id = s.id"),
                    SdkData.time("e.timestamp", "e.nanos_fraction"),
                    SdkData.attributes("span_event", "parent_id = e.id"),
                    SdkData.attributes("span_link", "parent_id = l.id"),
                    SdkData.resourceOf("s"),
                    SdkData.scopeOf("s"));

    private SdkTraces() {}

    /** Two spans of a trace. @return of the first one */
    static SpanContext export(SpanExporter exporter, String service) {
        try (SdkTracerProvider provider = SdkTracerProvider.builder()
                .setResource(SdkData.resource(service))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                .build()) {
            Tracer tracer = provider.tracerBuilder(SdkData.SCOPE)
                    .setInstrumentationVersion(SdkData.SCOPE_VERSION)
                    .setSchemaUrl(SdkData.SCOPE_SCHEMA_URL)
                    .build();
            Span parent = tracer.spanBuilder("GET /cart")
                    .setSpanKind(SpanKind.SERVER)
                    .setStartTimestamp(SdkData.START, TimeUnit.NANOSECONDS)
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
                    SdkData.START + 1_001,
                    TimeUnit.NANOSECONDS);
            parent.addEvent("retry", SdkData.START + 2_002, TimeUnit.NANOSECONDS);
            Span child = tracer.spanBuilder("SELECT cart")
                    .setSpanKind(SpanKind.CLIENT)
                    .setParent(Context.root().with(parent))
                    .setStartTimestamp(SdkData.START + 5_000, TimeUnit.NANOSECONDS)
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
            child.end(SdkData.START + 1_005_000, TimeUnit.NANOSECONDS);
            parent.setStatus(StatusCode.OK);
            parent.end(SdkData.START + 25_000_001, TimeUnit.NANOSECONDS);
            assertThat(provider.forceFlush().join(20, TimeUnit.SECONDS).isSuccess())
                    .isTrue();
            return parent.getSpanContext();
        }
    }

    static JsonNode expected(String service, SpanContext exported) throws JsonProcessingException {
        String json = """
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
                .replace(
                        "FLAGS",
                        Integer.toString(0x100 | exported.getTraceFlags().asByte()));
        return SdkData.expected(json, service);
    }

    /** All that the tables say of a trace, with the type of each attribute. */
    static JsonNode stored(Connection connection, SpanContext exported) throws SQLException, JsonProcessingException {
        return SdkData.ask(connection, STORED, exported.getTraceId());
    }
}
