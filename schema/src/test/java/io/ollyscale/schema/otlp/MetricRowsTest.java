package io.ollyscale.schema.otlp;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricRowsTest {
    private static final RecordEncoder ENCODER =
            new RecordEncoder(Signal.METRICS, RecordEncoding.OTLP_PROTO, TestPolicy.POLICY, DecodingLimits.DEFAULT);

    @Test
    void aNumberIsAnIntOrADoubleOrNothing() throws Exception {
        EncodedRows rows = rows(gauge(
                NumberDataPoint.newBuilder()
                        .setTimeUnixNano(1_999)
                        .setStartTimeUnixNano(2_001)
                        .setFlags(-1)
                        .setAsInt(0),
                NumberDataPoint.newBuilder().setAsDouble(-0.0),
                NumberDataPoint.newBuilder().setFlags(1)));

        List<Map<String, Object>> points = rows.of(Table.NUMBER_DATA_POINTS);
        assertThat(points.get(0))
                .contains(
                        entry("id", 0L),
                        entry("timestamp", 1L),
                        entry("nanos_fraction", (short) 999),
                        entry("start_timestamp", 2L),
                        entry("start_nanos_fraction", (short) 1),
                        entry("int_value", 0L),
                        entry("double_value", null),
                        entry("flags", -1));
        assertThat(points.get(1))
                .contains(
                        entry("timestamp", null),
                        entry("start_timestamp", null),
                        entry("int_value", null),
                        entry("double_value", -0.0));
        assertThat(points.get(2)).contains(entry("int_value", null), entry("double_value", null), entry("flags", 1));
    }

    @Test
    void aHistogramIsStoredAsItCame() throws Exception {
        EncodedRows rows = rows(Metric.newBuilder()
                .setHistogram(Histogram.newBuilder()
                        .addDataPoints(HistogramDataPoint.newBuilder()
                                .setCount(-1)
                                .setSum(0)
                                .setMin(Double.NEGATIVE_INFINITY)
                                .addAllBucketCounts(List.of(1L, -1L, 3L))
                                .addAllExplicitBounds(List.of(5.0, 5.0, 1.0, -0.0)))
                        .addDataPoints(HistogramDataPoint.newBuilder().setMax(2).setFlags(1))));

        assertThat(rows.of(Table.HISTOGRAM_DATA_POINTS).get(0))
                .contains(
                        entry("count", -1L),
                        entry("sum", 0.0),
                        entry("min", Double.NEGATIVE_INFINITY),
                        entry("max", null),
                        entry("bucket_counts", List.of(1L, -1L, 3L)),
                        entry("explicit_bounds", List.of(5.0, 5.0, 1.0, -0.0)));
        assertThat(rows.of(Table.HISTOGRAM_DATA_POINTS).get(1))
                .contains(
                        entry("sum", null),
                        entry("max", 2.0),
                        entry("bucket_counts", List.of()),
                        entry("explicit_bounds", List.of()),
                        entry("flags", 1));
    }

    @Test
    void absentBucketsOfAnExponentialHistogramAreNoEmptyOnes() throws Exception {
        EncodedRows rows = rows(Metric.newBuilder()
                .setExponentialHistogram(ExponentialHistogram.newBuilder()
                        .addDataPoints(ExponentialHistogramDataPoint.newBuilder()
                                .setScale(20)
                                .setZeroCount(7)
                                .setZeroThreshold(1e-300)
                                .setPositive(ExponentialHistogramDataPoint.Buckets.newBuilder()
                                        .setOffset(Integer.MAX_VALUE)
                                        .addBucketCounts(-1)))
                        .addDataPoints(ExponentialHistogramDataPoint.newBuilder()
                                .setNegative(ExponentialHistogramDataPoint.Buckets.getDefaultInstance()))));

        assertThat(rows.of(Table.EXP_HISTOGRAM_DATA_POINTS).get(0))
                .contains(
                        entry("scale", 20),
                        entry("zero_count", 7L),
                        entry("zero_threshold", 1e-300),
                        entry("positive_offset", Integer.MAX_VALUE),
                        entry("positive_bucket_counts", List.of(-1L)),
                        entry("negative_offset", null),
                        entry("negative_bucket_counts", null));
        assertThat(rows.of(Table.EXP_HISTOGRAM_DATA_POINTS).get(1))
                .contains(
                        entry("positive_offset", null),
                        entry("positive_bucket_counts", null),
                        entry("negative_offset", 0),
                        entry("negative_bucket_counts", List.of()));
    }

    @Test
    void quantilesKeepTheirOrder() throws Exception {
        EncodedRows rows = rows(Metric.newBuilder()
                .setSummary(Summary.newBuilder()
                        .addDataPoints(SummaryDataPoint.newBuilder()
                                .setCount(3)
                                .setSum(4.5)
                                .addQuantileValues(quantile(2, -1))
                                .addQuantileValues(quantile(-1, Double.POSITIVE_INFINITY)))));

        assertThat(rows.only(Table.SUMMARY_DATA_POINTS)).contains(entry("count", 3L), entry("sum", 4.5));
        assertThat(rows.of(Table.SUMMARY_QUANTILES))
                .containsExactly(
                        Map.of("parent_id", 0L, "position", 0, "quantile", 2.0, "value", -1.0),
                        Map.of("parent_id", 0L, "position", 1, "quantile", -1.0, "value", Double.POSITIVE_INFINITY));
    }

    @Test
    void exemplarsFollowTheirPoint() throws Exception {
        EncodedRecord encoded = ENCODER.encode(record(gauge(
                NumberDataPoint.newBuilder()
                        .addExemplars(Exemplar.newBuilder()
                                .setTimeUnixNano(1_001)
                                .setAsInt(5)
                                .setTraceId(TraceRecords.traceId(1))
                                .setSpanId(TraceRecords.spanId(1))
                                .addFilteredAttributes(attribute("exemplar.other", 1))
                                .addFilteredAttributes(attribute("exemplar.bool", true)))
                        .addExemplars(Exemplar.getDefaultInstance()),
                NumberDataPoint.newBuilder().setAsInt(1))));
        EncodedRows rows = new EncodedRows(encoded);

        assertThat(encoded.unitStarts()).containsExactly(0, 3);
        assertThat(rows.of(Table.EXEMPLARS).get(0))
                .contains(
                        entry("id", 1L),
                        entry("parent_id", 0L),
                        entry("timestamp", 1L),
                        entry("nanos_fraction", (short) 1),
                        entry("int_value", 5L),
                        entry("double_value", null),
                        entry("trace_id", TraceRecords.traceId(1)),
                        entry("span_id", TraceRecords.spanId(1)),
                        entry("attributes_other", "{\"exemplar.other\":1}"));
        assertThat(rows.of(Table.EXEMPLARS).get(1))
                .contains(entry("id", 2L), entry("int_value", null), entry("trace_id", null));
        assertThat(rows.only(Table.EXEMPLAR_ATTRS_BOOL)).contains(entry("parent_id", 1L), entry("value", true));
        assertThat(rows.of(Table.NUMBER_DATA_POINTS).get(1)).contains(entry("id", 3L));
    }

    @Test
    void aPointIsOfASeriesOfItsMetricResourceScopeAndAttributes() throws Exception {
        Metric.Builder metric = gauge(
                NumberDataPoint.newBuilder().addAttributes(attribute("state", "idle")),
                NumberDataPoint.newBuilder().addAttributes(attribute("state", "busy")),
                NumberDataPoint.newBuilder().addAttributes(attribute("state", "idle")));
        EncodedRecord encoded = ENCODER.encode(record(metric));
        List<Long> seriesIds = new EncodedRows(encoded)
                .of(Table.NUMBER_DATA_POINTS).stream()
                        .map(row -> (Long) row.get("series_id"))
                        .toList();

        assertThat(seriesIds.get(0)).isEqualTo(seriesIds.get(2)).isNotEqualTo(seriesIds.get(1));
        List<Dimension> series = Encoding.dimensions(DimensionKind.SERIES, encoded);
        assertThat(series).extracting(Dimension::id).containsExactly(seriesIds.get(0), seriesIds.get(1));
        assertThat(series.get(0).columns())
                .contains("\"metric_id\":" + only(DimensionKind.METRIC, encoded).id())
                .contains("\"resource_id\":"
                        + only(DimensionKind.RESOURCE, encoded).id())
                .contains("\"scope_id\":" + only(DimensionKind.SCOPE, encoded).id());
        assertThat(series.get(0).other()).isEqualTo("{\"state\":\"idle\"}");
    }

    @Test
    void everyFieldOfAMetricIsInItsIdentity() throws Exception {
        List<Metric.Builder> variants = List.of(
                sum(),
                sum().setName("other"),
                sum().setDescription("other"),
                sum().setUnit("other"),
                sum().addMetadata(attribute("a", 1)),
                sum().addMetadata(attribute("a", 2)),
                sum().setSum(sum().getSumBuilder().setIsMonotonic(true)),
                sum().setSum(sum().getSumBuilder().setAggregationTemporalityValue(0)),
                sum().setSum(sum().getSumBuilder().setAggregationTemporalityValue(77)),
                gauge(NumberDataPoint.newBuilder()).setName("requests"));

        Set<Long> ids =
                variants.stream().map(MetricRowsTest::metric).map(Dimension::id).collect(Collectors.toSet());
        assertThat(ids).hasSameSizeAs(variants);
    }

    @Test
    void variantsOfAMetricShareAnIdentity() {
        assertThat(identity(sum().setDescription("reworded").addMetadata(attribute("a", 1))))
                .isEqualTo(identity(sum()));
        assertThat(identity(sum().setUnit("By"))).isNotEqualTo(identity(sum()));
    }

    @Test
    void aMetricKeepsItsMetadataAndExactTexts() {
        Dimension metric = metric(sum().setDescription("a\0b")
                .addMetadata(attribute("twice", 1))
                .addMetadata(attribute("twice", "2"))
                .addMetadata(attribute("$odd", 3)));

        assertThat(metric.columns())
                .contains("\"description\":\"a\u2400b\"")
                .contains("\"metadata\":{\"twice\":{\"$list\":[1,\"2\"]},\"$keys\":[[\"$odd\",3]]}");
        assertThat(metric.other()).isEqualTo("{\"$fields\":{\"description\":{\"$string\":\"YQBi\"}}}");
    }

    @Test
    void whatHoldsNoPointIsCounted() throws Exception {
        MetricsData record = MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .addScopeMetrics(ScopeMetrics.newBuilder()
                                .addMetrics(Metric.newBuilder().setName("no data"))
                                .addMetrics(Metric.newBuilder().setGauge(Gauge.getDefaultInstance()))))
                .build();

        EncodedRecord encoded = ENCODER.encode(record.toByteArray());
        assertThat(encoded.units()).isZero();
        assertThat(encoded.dimensions()).isEmpty();
        // Two metrics, their scope and their resource.
        assertThat(encoded.emptyEnvelopes()).isEqualTo(4);
    }

    private static Metric.Builder gauge(NumberDataPoint.Builder... points) {
        Gauge.Builder gauge = Gauge.newBuilder();
        Arrays.stream(points).forEach(gauge::addDataPoints);
        return Metric.newBuilder().setName("temperature").setGauge(gauge);
    }

    private static Metric.Builder sum() {
        return Metric.newBuilder()
                .setName("requests")
                .setSum(Sum.newBuilder()
                        .setAggregationTemporalityValue(1)
                        .addDataPoints(NumberDataPoint.newBuilder().setAsInt(1)));
    }

    private static SummaryDataPoint.ValueAtQuantile quantile(double quantile, double value) {
        return SummaryDataPoint.ValueAtQuantile.newBuilder()
                .setQuantile(quantile)
                .setValue(value)
                .build();
    }

    private static String identity(Metric.Builder metric) {
        return metric(metric).columns().replaceFirst(".*\"metric_identity_hash\":\"([0-9a-f]{64})\".*", "$1");
    }

    private static Dimension metric(Metric.Builder metric) {
        try {
            return only(DimensionKind.METRIC, ENCODER.encode(record(metric)));
        } catch (RefusedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static Dimension only(DimensionKind kind, EncodedRecord encoded) {
        List<Dimension> found = Encoding.dimensions(kind, encoded);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static EncodedRows rows(Metric.Builder metric) throws RefusedRecordException {
        return new EncodedRows(ENCODER.encode(record(metric)));
    }

    private static byte[] record(Metric.Builder metric) {
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(TraceRecords.resource(0))
                        .addScopeMetrics(ScopeMetrics.newBuilder()
                                .setScope(TraceRecords.scope(0))
                                .addMetrics(metric)))
                .build()
                .toByteArray();
    }
}
