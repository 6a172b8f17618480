package io.ollyscale.jobs.demo.metrics;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.Arrays;
import java.util.List;

/** Measurements as a Prometheus client sums them up: all are counted, and the last ones give quantiles. */
public final class SummarySeries implements Series {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};
    private static final int WINDOW = 200;

    private final double[] last = new double[WINDOW];
    private long count;
    private double sum;

    SummarySeries() {}

    public void record(double value) {
        last[(int) (count % WINDOW)] = value;
        count++;
        sum += value;
    }

    /** Quantiles are NaN where nothing was measured, as Prometheus has them. */
    @Override
    public void addPoint(Metric.Builder metric, List<KeyValue> attributes, long startNanos, long timeNanos) {
        SummaryDataPoint.Builder point = metric.getSummaryBuilder()
                .addDataPointsBuilder()
                .addAllAttributes(attributes)
                .setStartTimeUnixNano(startNanos)
                .setTimeUnixNano(timeNanos)
                .setCount(count)
                .setSum(sum);
        double[] sorted = Arrays.copyOf(last, (int) Math.min(count, WINDOW));
        Arrays.sort(sorted);
        for (double quantile : QUANTILES) {
            double value = sorted.length == 0 ? Double.NaN : sorted[(int) (quantile * sorted.length)];
            point.addQuantileValuesBuilder().setQuantile(quantile).setValue(value);
        }
    }
}
