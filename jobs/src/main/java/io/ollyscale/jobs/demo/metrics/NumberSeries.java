package io.ollyscale.jobs.demo.metrics;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.util.List;

/** A number that is added to or observed: of a counter, of an up-down counter, or of a gauge. */
public abstract sealed class NumberSeries implements Series {

    /** Of integers. */
    public static final class Whole extends NumberSeries {
        private long value;

        public void add(long amount) {
            value += amount;
        }

        public void set(long observed) {
            value = observed;
        }

        @Override
        void setValue(NumberDataPoint.Builder point) {
            point.setAsInt(value);
        }
    }

    /** Of doubles. */
    public static final class Decimal extends NumberSeries {
        private double value;

        public void add(double amount) {
            value += amount;
        }

        public void set(double observed) {
            value = observed;
        }

        @Override
        void setValue(NumberDataPoint.Builder point) {
            point.setAsDouble(value);
        }
    }

    abstract void setValue(NumberDataPoint.Builder point);

    @Override
    public void addPoint(Metric.Builder metric, List<KeyValue> attributes, long startNanos, long timeNanos) {
        NumberDataPoint.Builder point = metric.hasGauge()
                ? metric.getGaugeBuilder().addDataPointsBuilder()
                : metric.getSumBuilder().addDataPointsBuilder().setStartTimeUnixNano(startNanos);
        setValue(point.addAllAttributes(attributes).setTimeUnixNano(timeNanos));
    }
}
