package io.ollyscale.jobs.otlp;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.Base2ExponentialHistogramOptions;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A metric of each type that the SDK makes, and what the tables should say of them. */
final class SdkMetrics {
    private static final String STORED = """
            WITH points AS (
                SELECT id, series_id, timestamp, start_timestamp, flags,
                    jsonb_build_object('int', int_value, 'double', double_value) AS data
                FROM number_data_points
                UNION ALL
                SELECT id, series_id, timestamp, start_timestamp, flags, jsonb_build_object(
                    'count', count, 'sum', sum, 'min', min, 'max', max, 'buckets', bucket_counts, 'bounds', explicit_bounds)
                FROM histogram_data_points
                UNION ALL
                SELECT id, series_id, timestamp, start_timestamp, flags, jsonb_build_object(
                    'count', count, 'sum', sum, 'min', min, 'max', max, 'scale', scale, 'zero_count', zero_count,
                    'positive', jsonb_build_array(positive_offset, positive_bucket_counts))
                FROM exp_histogram_data_points
            )
            SELECT jsonb_object_agg(m.name, jsonb_build_object(
                'type', t.name, 'unit', m.unit, 'description', m.description, 'monotonic', m.is_monotonic,
                'temporality', a.name, 'data', p.data, 'flags', p.flags,
                'now', p.timestamp BETWEEN now() - interval '10 minutes' AND now() + interval '1 minute',
                'attributes', %s,
                'exemplars', coalesce((
                    SELECT jsonb_agg(jsonb_build_object(
                        'value', coalesce(to_jsonb(x.double_value), to_jsonb(x.int_value)),
                        'trace', encode(x.trace_id, 'hex'), 'span', encode(x.span_id, 'hex'), 'attributes', %s) ORDER BY x.id)
                    FROM exemplars AS x WHERE x.parent_id = p.id), '[]'),
                'resource', %s, 'scope', %s))::text
            FROM points AS p
            JOIN metric_series_dim AS s USING (series_id)
            JOIN metrics_dim AS m USING (metric_id)
            JOIN metric_types AS t ON t.id = m.metric_type
            LEFT JOIN aggregation_temporalities AS a ON a.id = m.aggregation_temporality
            WHERE s.resource_id IN (SELECT resource_id FROM resources_dim WHERE service_name = ?)
            """.formatted(
                    SdkData.attributes("metric", "series_id = s.series_id"),
                    SdkData.attributes("exemplar", "parent_id = x.id"),
                    SdkData.resourceOf("s"),
                    SdkData.scopeOf("s"));

    private static final SpanContext SPAN = SpanContext.create(
            "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", TraceFlags.getSampled(), TraceState.getDefault());

    private SdkMetrics() {}

    static void export(MetricExporter exporter, String service) {
        SdkMeterProvider provider = SdkMeterProvider.builder()
                .setResource(SdkData.resource(service))
                // Exports when it is shut down.
                .registerMetricReader(PeriodicMetricReader.builder(exporter)
                        .setInterval(Duration.ofDays(1))
                        .build())
                // What a view leaves out of the attributes goes with the exemplars.
                .registerView(
                        InstrumentSelector.builder().setName("shop.latency").build(),
                        View.builder()
                                .setAttributeFilter(Set.of("http.request.method"))
                                .build())
                .registerView(
                        InstrumentSelector.builder().setName("shop.size").build(),
                        View.builder()
                                .setAggregation(Aggregation.base2ExponentialBucketHistogram(
                                        Base2ExponentialHistogramOptions.builder()
                                                .setMaxScale(0)
                                                .build()))
                                .build())
                .build();
        measure(provider.meterBuilder(SdkData.SCOPE)
                .setInstrumentationVersion(SdkData.SCOPE_VERSION)
                .setSchemaUrl(SdkData.SCOPE_SCHEMA_URL)
                .build());
        assertThat(provider.shutdown().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
    }

    private static void measure(Meter meter) {
        meter.counterBuilder("shop.orders")
                .setUnit("{order}")
                .setDescription("Orders taken")
                .build()
                .add(3, Attributes.of(stringKey("shop.currency"), "EUR", longKey("shop.branch"), 7L));
        meter.upDownCounterBuilder("shop.queue").ofDoubles().build().add(-1.5);
        meter.gaugeBuilder("shop.temperature").setUnit("Cel").build().set(21.5);
        DoubleHistogram latency = meter.histogramBuilder("shop.latency")
                .setUnit("s")
                .setExplicitBucketBoundariesAdvice(List.of(0.25, 1.0))
                .build();
        Attributes get = Attributes.of(stringKey("http.request.method"), "GET", stringKey("user.id"), "u1");
        latency.record(0.125, get, Context.root());
        latency.record(0.5, get, Context.root().with(Span.wrap(SPAN)));
        latency.record(4, get, Context.root());
        DoubleHistogram size = meter.histogramBuilder("shop.size").build();
        size.record(0);
        size.record(1);
        size.record(4);
    }

    static JsonNode expected(String service) throws JsonProcessingException {
        String common = "\"flags\": 0, \"now\": true, \"resource\": RESOURCE, \"scope\": SCOPE";
        return SdkData.expected("""
                {"shop.orders": {"type": "SUM", "unit": "{order}", "description": "Orders taken", "monotonic": true,
                   "temporality": "CUMULATIVE", "data": {"int": 3, "double": null},
                   "attributes": {"shop.currency": ["string", "EUR"], "shop.branch": ["int", 7]}, "exemplars": [], COMMON},
                 "shop.queue": {"type": "SUM", "unit": "", "description": "", "monotonic": false,
                   "temporality": "CUMULATIVE", "data": {"int": null, "double": -1.5},
                   "attributes": {}, "exemplars": [], COMMON},
                 "shop.temperature": {"type": "GAUGE", "unit": "Cel", "description": "", "monotonic": null,
                   "temporality": null, "data": {"int": null, "double": 21.5},
                   "attributes": {}, "exemplars": [], COMMON},
                 "shop.latency": {"type": "HISTOGRAM", "unit": "s", "description": "", "monotonic": null,
                   "temporality": "CUMULATIVE", "data": {"count": 3, "sum": 4.625, "min": 0.125, "max": 4,
                     "buckets": [1, 1, 1], "bounds": [0.25, 1]},
                   "attributes": {"http.request.method": ["string", "GET"]}, "exemplars": [
                     {"value": 0.5, "trace": "0af7651916cd43dd8448eb211c80319c", "span": "b7ad6b7169203331",
                      "attributes": {"user.id": ["string", "u1"]}}], COMMON},
                 "shop.size": {"type": "EXPONENTIAL_HISTOGRAM", "unit": "", "description": "", "monotonic": null,
                   "temporality": "CUMULATIVE", "data": {"count": 3, "sum": 5, "min": 0, "max": 4, "scale": 0,
                     "zero_count": 1, "positive": [-1, [1, 0, 1]]},
                   "attributes": {}, "exemplars": [], COMMON}}
                """.replace("COMMON", common), service);
    }

    /** All that the tables say of a service's metrics, by name, with the type of each attribute. */
    static JsonNode stored(Connection connection, String service) throws SQLException, JsonProcessingException {
        return SdkData.ask(connection, STORED, service);
    }
}
