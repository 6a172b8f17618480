package io.ollyscale.jobs.export;

import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.sql.SQLException;
import java.util.Map;

/** Data points of gauges and sums. */
final class NumberPoints extends Points<NumberDataPoint.Builder> {
    private static final Metric UNKNOWN =
            Metric.newBuilder().setGauge(Gauge.getDefaultInstance()).build();

    NumberPoints(Source source) throws SQLException {
        super(
                source,
                "number_data_points",
                "int_value, " + Row.number("double_value"),
                StoredSize.row(),
                UNKNOWN,
                NumberDataPoint.Builder::addAllAttributes);
    }

    @Override
    Fact<NumberDataPoint.Builder> read(Row row) throws SQLException {
        NumberDataPoint.Builder point = NumberDataPoint.newBuilder()
                .setTimeUnixNano(time(row))
                .setStartTimeUnixNano(startTime(row))
                .setFlags(row.int32("flags"));
        if (!row.isNull("int_value")) {
            point.setAsInt(row.int64("int_value"));
        } else if (!row.isNull("double_value")) {
            point.setAsDouble(row.float64("double_value"));
        }
        return new Fact<>(point, row.int64("series_id"), 0);
    }

    @Override
    void complete(Map<Long, NumberDataPoint.Builder> points) throws SQLException {
        addExemplars(points, NumberDataPoint.Builder::addExemplarsBuilder);
    }
}
