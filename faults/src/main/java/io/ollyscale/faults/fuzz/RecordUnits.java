package io.ollyscale.faults.fuzz;

import com.google.protobuf.Message;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.List;
import java.util.stream.Stream;

/** The spans, log records or data points of a message, by OTLP's own classes. */
final class RecordUnits {
    private RecordUnits() {}

    /** In the message's order. */
    static List<Message> of(Message record) {
        if (record instanceof TracesData traces) {
            return traces.getResourceSpansList().stream()
                    .flatMap(resource -> resource.getScopeSpansList().stream())
                    .<Message>flatMap(scope -> scope.getSpansList().stream())
                    .toList();
        } else if (record instanceof LogsData logs) {
            return logs.getResourceLogsList().stream()
                    .flatMap(resource -> resource.getScopeLogsList().stream())
                    .<Message>flatMap(scope -> scope.getLogRecordsList().stream())
                    .toList();
        }
        return ((MetricsData) record)
                .getResourceMetricsList().stream()
                        .flatMap(resource -> resource.getScopeMetricsList().stream())
                        .flatMap(scope -> scope.getMetricsList().stream())
                        .<Message>flatMap(RecordUnits::points)
                        .toList();
    }

    private static Stream<? extends Message> points(Metric metric) {
        return switch (metric.getDataCase()) {
            case GAUGE -> metric.getGauge().getDataPointsList().stream();
            case SUM -> metric.getSum().getDataPointsList().stream();
            case HISTOGRAM -> metric.getHistogram().getDataPointsList().stream();
            case EXPONENTIAL_HISTOGRAM -> metric.getExponentialHistogram().getDataPointsList().stream();
            case SUMMARY -> metric.getSummary().getDataPointsList().stream();
            case DATA_NOT_SET -> Stream.empty();
        };
    }
}
