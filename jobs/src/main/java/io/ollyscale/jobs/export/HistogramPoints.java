package io.ollyscale.jobs.export;

import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.sql.SQLException;
import java.util.Map;

/** Data points of histograms with explicit bounds. */
final class HistogramPoints extends Points<HistogramDataPoint.Builder> {
    private static final Metric UNKNOWN =
            Metric.newBuilder().setHistogram(Histogram.getDefaultInstance()).build();

    HistogramPoints(Source source) throws SQLException {
        super(
                source,
                "histogram_data_points",
                String.join(
                        ", ",
                        "count",
                        Row.number("sum"),
                        Row.number("min"),
                        Row.number("max"),
                        Row.array("bucket_counts"),
                        Row.array("explicit_bounds")),
                StoredSize.row(StoredSize.array("bucket_counts"), StoredSize.array("explicit_bounds")),
                UNKNOWN,
                HistogramDataPoint.Builder::addAllAttributes);
    }

    @Override
    Fact<HistogramDataPoint.Builder> read(Row row) throws SQLException {
        HistogramDataPoint.Builder point = HistogramDataPoint.newBuilder()
                .setTimeUnixNano(time(row))
                .setStartTimeUnixNano(startTime(row))
                .setFlags(row.int32("flags"))
                .setCount(row.int64("count"));
        if (!row.isNull("sum")) {
            point.setSum(row.float64("sum"));
        }
        if (!row.isNull("min")) {
            point.setMin(row.float64("min"));
        }
        if (!row.isNull("max")) {
            point.setMax(row.float64("max"));
        }
        for (long count : row.longs("bucket_counts")) {
            point.addBucketCounts(count);
        }
        for (long bound : row.longs("explicit_bounds")) {
            point.addExplicitBounds(Double.longBitsToDouble(bound));
        }
        return new Fact<>(point, row.int64("series_id"), 0);
    }

    @Override
    void complete(Map<Long, HistogramDataPoint.Builder> points) throws SQLException {
        addExemplars(points, HistogramDataPoint.Builder::addExemplarsBuilder);
    }
}
