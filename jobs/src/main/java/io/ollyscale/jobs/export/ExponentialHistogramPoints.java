package io.ollyscale.jobs.export;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.sql.SQLException;
import java.util.Map;

/** Data points of exponential histograms. */
final class ExponentialHistogramPoints extends Points<ExponentialHistogramDataPoint.Builder> {
    private static final Metric UNKNOWN = Metric.newBuilder()
            .setExponentialHistogram(ExponentialHistogram.getDefaultInstance())
            .build();

    ExponentialHistogramPoints(Source source) throws SQLException {
        super(
                source,
                "exp_histogram_data_points",
                String.join(
                        ", ",
                        "count",
                        Row.number("sum"),
                        Row.number("min"),
                        Row.number("max"),
                        "scale",
                        "zero_count",
                        Row.number("zero_threshold"),
                        "positive_offset",
                        Row.array("positive_bucket_counts"),
                        "negative_offset",
                        Row.array("negative_bucket_counts")),
                StoredSize.row(StoredSize.array("positive_bucket_counts"), StoredSize.array("negative_bucket_counts")),
                UNKNOWN,
                ExponentialHistogramDataPoint.Builder::addAllAttributes);
    }

    @Override
    Fact<ExponentialHistogramDataPoint.Builder> read(Row row) throws SQLException {
        ExponentialHistogramDataPoint.Builder point = ExponentialHistogramDataPoint.newBuilder()
                .setTimeUnixNano(time(row))
                .setStartTimeUnixNano(startTime(row))
                .setFlags(row.int32("flags"))
                .setCount(row.int64("count"))
                .setScale(row.int32("scale"))
                .setZeroCount(row.int64("zero_count"))
                .setZeroThreshold(row.float64("zero_threshold"));
        if (!row.isNull("sum")) {
            point.setSum(row.float64("sum"));
        }
        if (!row.isNull("min")) {
            point.setMin(row.float64("min"));
        }
        if (!row.isNull("max")) {
            point.setMax(row.float64("max"));
        }
        if (!row.isNull("positive_offset")) {
            point.setPositive(buckets(row, "positive_offset", "positive_bucket_counts"));
        }
        if (!row.isNull("negative_offset")) {
            point.setNegative(buckets(row, "negative_offset", "negative_bucket_counts"));
        }
        return new Fact<>(point, row.int64("series_id"), 0);
    }

    private static Buckets.Builder buckets(Row row, String offset, String counts) throws SQLException {
        Buckets.Builder buckets = Buckets.newBuilder().setOffset(row.int32(offset));
        for (long count : row.longs(counts)) {
            buckets.addBucketCounts(count);
        }
        return buckets;
    }

    @Override
    void complete(Map<Long, ExponentialHistogramDataPoint.Builder> points) throws SQLException {
        addExemplars(points, ExponentialHistogramDataPoint.Builder::addExemplarsBuilder);
    }
}
