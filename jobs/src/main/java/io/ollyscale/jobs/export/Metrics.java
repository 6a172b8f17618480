package io.ollyscale.jobs.export;

import io.ollyscale.schema.otlp.CatchAllReader;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Metrics without points. */
final class Metrics extends DimensionTable<Envelope> {
    private final Rows rows;

    Metrics(Rows rows) {
        this.rows = rows;
    }

    @Override
    Map<Long, Envelope> read(Collection<Long> ids) throws SQLException {
        Map<Long, Envelope> metrics = new HashMap<>();
        rows.ofDimensions("""
                SELECT metric_id, name, unit, description, metric_type, aggregation_temporality, is_monotonic, metadata,
                    attributes_other
                FROM otel.metrics_dim WHERE metric_id""", ids, row -> {
            long id = row.int64("metric_id");
            metrics.put(id, new Envelope(id, metric(row), ""));
        });
        return metrics;
    }

    private static Metric metric(Row row) throws SQLException {
        // Only the exact texts: a metric has no other attributes than its metadata.
        row.catchAll("attributes_other");
        Metric.Builder metric = Metric.newBuilder()
                .setName(row.text("name"))
                .setUnit(row.text("unit"))
                .setDescription(row.text("description"))
                .addAllMetadata(CatchAllReader.attributes(row.json("metadata")));
        int temporality = row.int32("aggregation_temporality");
        Metric.DataCase type = Metric.DataCase.forNumber(row.int32("metric_type"));
        switch (type == null ? Metric.DataCase.DATA_NOT_SET : type) {
            case GAUGE -> metric.getGaugeBuilder();
            case SUM ->
                metric.getSumBuilder()
                        .setAggregationTemporalityValue(temporality)
                        .setIsMonotonic(row.bool("is_monotonic"));
            case HISTOGRAM -> metric.getHistogramBuilder().setAggregationTemporalityValue(temporality);
            case EXPONENTIAL_HISTOGRAM ->
                metric.getExponentialHistogramBuilder().setAggregationTemporalityValue(temporality);
            case SUMMARY -> metric.getSummaryBuilder();
            case DATA_NOT_SET -> throw new IllegalStateException("a metric with points has a type");
        }
        return metric.build();
    }

    @Override
    long size(Envelope metric) {
        return metric.size();
    }
}
