package io.ollyscale.functions.testing;

import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.LogRecords;
import io.ollyscale.schema.testing.MetricRecords;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the tables hold of the units of {@link io.ollyscale.schema.testing.NumberedRecords}, and what they should. */
public final class StoredUnits {
    private static final String SPANS = """
            SELECT f.id, n.value AS number, f.resource_id, f.scope_id, f.service_id, f.operation_id,
                format('%s|%s|%s|%s|%s|%s|%s|%s|%s', encode(f.trace_id, 'hex'), encode(f.span_id, 'hex'),
                    encode(f.parent_span_id, 'hex'), f.name, f.kind, f.duration_ns, coalesce(e.events, 0),
                    coalesce(l.links, 0), a.keys) AS content
            FROM otel.spans_fact AS f
            LEFT JOIN otel.span_attrs_int AS n ON n.parent_id = f.id AND n.key_id = otel.key_id('test.number', 'int')
            LEFT JOIN (SELECT parent_id, count(*) AS events FROM otel.span_events GROUP BY 1) AS e ON e.parent_id = f.id
            LEFT JOIN (SELECT parent_id, count(*) AS links FROM otel.span_links GROUP BY 1) AS l ON l.parent_id = f.id
            LEFT JOIN (SELECT parent_id, string_agg(key, ' ' ORDER BY key COLLATE "C") AS keys
                FROM otel.span_attrs_unified GROUP BY 1) AS a ON a.parent_id = f.id
            """;

    private static final String LOGS = """
            SELECT f.id, n.value AS number, f.resource_id, f.scope_id, f.service_id, NULL::bigint AS operation_id,
                format('%s|%s|%s|%s|%s|%s|%s|%s', encode(f.trace_id, 'hex'), encode(f.span_id, 'hex'), f.severity_number,
                    f.severity_text, f.event_name, f.body_type,
                    coalesce(f.body_str, f.body_int::text, encode(float8send(f.body_double), 'hex'), f.body_bool::text,
                        encode(f.body_bytes, 'hex'), f.body_json::text),
                    a.keys) AS content
            FROM otel.logs_fact AS f
            LEFT JOIN otel.log_attrs_int AS n ON n.parent_id = f.id AND n.key_id = otel.key_id('test.number', 'int')
            LEFT JOIN (SELECT parent_id, string_agg(key, ' ' ORDER BY key COLLATE "C") AS keys
                FROM otel.log_attrs_unified GROUP BY 1) AS a ON a.parent_id = f.id
            """;

    private static final String POINTS = """
            SELECT p.id, p.number, s.resource_id, s.scope_id, NULL::bigint AS service_id, NULL::bigint AS operation_id,
                format('%s|%s|%s', p.content, coalesce(e.exemplars, 0), coalesce(e.attributes, 0)) AS content, p.series_id
            FROM (
                SELECT id, series_id, coalesce(int_value, CASE WHEN abs(double_value) < 1e15 THEN double_value::bigint END) AS number,
                    format('%s %s', int_value, encode(float8send(double_value), 'hex')) AS content
                FROM otel.number_data_points
                UNION ALL
                SELECT id, series_id, count, format('%s %s %s', encode(float8send(sum), 'hex'), bucket_counts, explicit_bounds)
                FROM otel.histogram_data_points
                UNION ALL
                SELECT id, series_id, count, format('%s %s %s %s %s %s %s', encode(float8send(sum), 'hex'), scale, zero_count,
                    positive_offset, positive_bucket_counts, negative_offset, negative_bucket_counts)
                FROM otel.exp_histogram_data_points
                UNION ALL
                SELECT id, series_id, count, format('%s %s', encode(float8send(sum), 'hex'), q.quantiles)
                FROM otel.summary_data_points
                LEFT JOIN (SELECT parent_id, string_agg(format('%s %s', encode(float8send(quantile), 'hex'),
                    encode(float8send(value), 'hex')), ' ' ORDER BY position) AS quantiles
                    FROM otel.summary_quantiles GROUP BY 1) AS q ON q.parent_id = id
            ) AS p
            LEFT JOIN otel.metric_series_dim AS s USING (series_id)
            LEFT JOIN (SELECT e.parent_id, count(DISTINCT e.id) AS exemplars, count(a.key) AS attributes
                FROM otel.exemplars AS e LEFT JOIN otel.exemplar_attrs_unified AS a ON a.parent_id = e.id GROUP BY 1) AS e
                ON e.parent_id = p.id
            """;

    private static final HexFormat HEX = HexFormat.of();

    private StoredUnits() {}

    /**
     * A query for all units of a signal: {@code id}, {@code number} (NULL for one without), {@code content}, and what they
     * refer to: {@code resource_id}, {@code scope_id}, {@code service_id}, {@code operation_id}, of a point also {@code
     * series_id}.
     */
    public static String query(Signal signal) {
        return switch (signal) {
            case TRACES -> SPANS;
            case LOGS -> LOGS;
            case METRICS -> POINTS;
        };
    }

    /** The {@code content} that a number must have. */
    public static String content(Signal signal, int number) {
        return switch (signal) {
            case TRACES -> content(TraceRecords.span(number).build());
            case LOGS -> content(LogRecords.log(number).build());
            case METRICS -> content(MetricRecords.metric(number).build());
        };
    }

    private static String content(Span span) {
        return joined(
                "|",
                HEX.formatHex(span.getTraceId().toByteArray()),
                HEX.formatHex(span.getSpanId().toByteArray()),
                HEX.formatHex(span.getParentSpanId().toByteArray()),
                span.getName(),
                span.getKindValue(),
                span.getEndTimeUnixNano() - span.getStartTimeUnixNano(),
                span.getEventsCount(),
                span.getLinksCount(),
                keys(span.getAttributesList()));
    }

    private static String content(LogRecord log) {
        return joined(
                "|",
                HEX.formatHex(log.getTraceId().toByteArray()),
                HEX.formatHex(log.getSpanId().toByteArray()),
                log.getSeverityNumberValue(),
                log.getSeverityText(),
                log.getEventName(),
                log.hasBody() ? log.getBody().getValueCase().getNumber() : "",
                body(log.getBody()),
                keys(log.getAttributesList()));
    }

    private static String content(Metric metric) {
        return switch (metric.getDataCase()) {
            case GAUGE -> content(metric.getGauge().getDataPoints(0));
            case SUM -> content(metric.getSum().getDataPoints(0));
            case HISTOGRAM -> {
                HistogramDataPoint point = metric.getHistogram().getDataPoints(0);
                yield withExemplars(
                        point.getExemplarsList(),
                        point.hasSum() ? bits(point.getSum()) : "",
                        array(point.getBucketCountsList()),
                        array(point.getExplicitBoundsList()));
            }
            case EXPONENTIAL_HISTOGRAM -> {
                ExponentialHistogramDataPoint point =
                        metric.getExponentialHistogram().getDataPoints(0);
                yield withExemplars(
                        point.getExemplarsList(),
                        point.hasSum() ? bits(point.getSum()) : "",
                        point.getScale(),
                        point.getZeroCount(),
                        point.hasPositive() ? point.getPositive().getOffset() : "",
                        point.hasPositive() ? array(point.getPositive().getBucketCountsList()) : "",
                        point.hasNegative() ? point.getNegative().getOffset() : "",
                        point.hasNegative() ? array(point.getNegative().getBucketCountsList()) : "");
            }
            case SUMMARY -> {
                SummaryDataPoint point = metric.getSummary().getDataPoints(0);
                String quantiles = point.getQuantileValuesList().stream()
                        .map(value -> bits(value.getQuantile()) + " " + bits(value.getValue()))
                        .collect(Collectors.joining(" "));
                yield withExemplars(List.of(), bits(point.getSum()), quantiles);
            }
            case DATA_NOT_SET -> throw new IllegalArgumentException("no point");
        };
    }

    private static String content(NumberDataPoint point) {
        return withExemplars(
                point.getExemplarsList(),
                point.hasAsInt() ? point.getAsInt() : "",
                point.hasAsDouble() ? bits(point.getAsDouble()) : "");
    }

    private static String withExemplars(List<Exemplar> exemplars, Object... parts) {
        return joined(
                "|",
                joined(" ", parts),
                exemplars.size(),
                exemplars.stream()
                        .mapToInt(Exemplar::getFilteredAttributesCount)
                        .sum());
    }

    private static String joined(String separator, Object... parts) {
        return Stream.of(parts).map(Objects::toString).collect(Collectors.joining(separator));
    }

    private static String keys(List<KeyValue> attributes) {
        return attributes.stream().map(KeyValue::getKey).sorted().collect(Collectors.joining(" "));
    }

    private static String body(AnyValue body) {
        return switch (body.getValueCase()) {
            case STRING_VALUE -> body.getStringValue();
            case INT_VALUE -> Long.toString(body.getIntValue());
            case DOUBLE_VALUE -> bits(body.getDoubleValue());
            case BOOL_VALUE -> Boolean.toString(body.getBoolValue());
            case BYTES_VALUE -> HEX.formatHex(body.getBytesValue().toByteArray());
            case ARRAY_VALUE, KVLIST_VALUE -> json(body);
            case VALUE_NOT_SET -> "";
            case STRING_VALUE_STRINDEX -> throw new IllegalArgumentException("is refused");
        };
    }

    /** As jsonb writes it, of the types that bodies of numbers have. */
    private static String json(AnyValue value) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> '"' + value.getStringValue() + '"';
            case INT_VALUE -> Long.toString(value.getIntValue());
            case ARRAY_VALUE ->
                value.getArrayValue().getValuesList().stream()
                        .map(StoredUnits::json)
                        .collect(Collectors.joining(", ", "[", "]"));
            case KVLIST_VALUE ->
                value.getKvlistValue().getValuesList().stream()
                        .map(entry -> '"' + entry.getKey() + "\": " + json(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
            default -> throw new IllegalArgumentException("no body of a number has it: " + value);
        };
    }

    /** As {@code float8send} writes it. */
    private static String bits(double value) {
        return HEX.toHexDigits(Double.doubleToRawLongBits(value));
    }

    /** As PostgreSQL writes an array of integers, or of doubles that are small. */
    private static String array(List<? extends Number> numbers) {
        return numbers.stream()
                .map(number -> number.toString().replaceAll("\\.0$", ""))
                .collect(Collectors.joining(",", "{", "}"));
    }
}
