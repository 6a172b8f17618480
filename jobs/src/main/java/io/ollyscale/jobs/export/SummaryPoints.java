package io.ollyscale.jobs.export;

import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;

/** Data points of summaries with their quantiles. They have no exemplars. */
final class SummaryPoints extends Points<SummaryDataPoint.Builder> {
    private static final Metric UNKNOWN =
            Metric.newBuilder().setSummary(Summary.getDefaultInstance()).build();

    private static final String QUANTILES =
            "SELECT parent_id, " + Row.number("quantile") + ", " + Row.number("value") + " FROM otel.summary_quantiles";

    private static final String QUANTILE_SIZES =
            "SELECT parent_id, sum(" + StoredSize.row() + ") AS size FROM otel.summary_quantiles";

    SummaryPoints(Source source) throws SQLException {
        super(
                source,
                "summary_data_points",
                "count, " + Row.number("sum"),
                StoredSize.row(),
                UNKNOWN,
                SummaryDataPoint.Builder::addAllAttributes);
    }

    @Override
    Fact<SummaryDataPoint.Builder> read(Row row) throws SQLException {
        SummaryDataPoint.Builder point = SummaryDataPoint.newBuilder()
                .setTimeUnixNano(time(row))
                .setStartTimeUnixNano(startTime(row))
                .setFlags(row.int32("flags"))
                .setCount(row.int64("count"))
                .setSum(row.float64("sum"));
        return new Fact<>(point, row.int64("series_id"), 0);
    }

    @Override
    void sizesOfParts(Collection<Long> ids, Rows.Reader reader) throws SQLException {
        source().rows().childrenOfFacts(QUANTILE_SIZES, ids, " GROUP BY parent_id", reader);
    }

    @Override
    void complete(Map<Long, SummaryDataPoint.Builder> points) throws SQLException {
        source().rows()
                .childrenOfFacts(
                        QUANTILES,
                        points.keySet(),
                        " ORDER BY parent_id, position",
                        row -> points.get(row.int64("parent_id"))
                                .addQuantileValuesBuilder()
                                .setQuantile(row.float64("quantile"))
                                .setValue(row.float64("value")));
    }
}
