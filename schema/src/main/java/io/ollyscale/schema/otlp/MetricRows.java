package io.ollyscale.schema.otlp;

import com.google.protobuf.Parser;
import io.ollyscale.schema.copy.CopyBuffer;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.tables.Table;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.Predicate;

/** The rows of data points, with their exemplars and quantiles. A point's attributes are its series'. */
final class MetricRows extends SignalRows<ResourceMetrics> {
    private final FactAttributes exemplarAttributes = new FactAttributes(
            AttributeContext.EXEMPLAR,
            Table.EXEMPLARS,
            Table.EXEMPLAR_ATTRS_STRING,
            Table.EXEMPLAR_ATTRS_INT,
            Table.EXEMPLAR_ATTRS_DOUBLE,
            Table.EXEMPLAR_ATTRS_BOOL,
            Table.EXEMPLAR_ATTRS_BYTES);

    /** What the points at hand are of. */
    private long metricId;

    private long resourceId;
    private long scopeId;

    MetricRows(AttributePolicy policy, Predicate<String> known, DecodingLimits limits) {
        super(policy, known, limits);
    }

    @Override
    Parser<ResourceMetrics> parser() {
        return ResourceMetrics.parser();
    }

    @Override
    void add(ResourceMetrics envelope) throws RefusedRecordException {
        unknown().check(envelope);
        boolean empty = true;
        for (ScopeMetrics scopeMetrics : envelope.getScopeMetricsList()) {
            unknown().check(scopeMetrics);
            boolean scopeEmpty = true;
            for (Metric metric : scopeMetrics.getMetricsList()) {
                MetricData data = MetricData.of(metric);
                data.checkUnknown(unknown());
                if (data.points() == 0) {
                    // Of another signal, or of a newer OTLP, perhaps.
                    dimensions().check(metric.getMetadataList());
                    countEmpty();
                    continue;
                }
                if (empty) {
                    empty = false;
                    resourceId = owner(envelope.hasResource(), envelope.getResource(), envelope.getSchemaUrl())
                            .resourceId();
                }
                if (scopeEmpty) {
                    scopeEmpty = false;
                    scopeId = dimensions()
                            .scope(scopeMetrics.hasScope(), scopeMetrics.getScope(), scopeMetrics.getSchemaUrl());
                }
                metricId = dimensions().metric(data);
                addPoints(metric);
            }
            if (scopeEmpty) {
                countEmpty();
            }
        }
        if (empty) {
            countEmpty();
        }
    }

    private void addPoints(Metric metric) throws RefusedRecordException {
        switch (metric.getDataCase()) {
            case GAUGE -> addNumbers(metric.getGauge().getDataPointsList());
            case SUM -> addNumbers(metric.getSum().getDataPointsList());
            case HISTOGRAM -> {
                for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
                    add(point);
                }
            }
            case EXPONENTIAL_HISTOGRAM -> {
                for (ExponentialHistogramDataPoint point :
                        metric.getExponentialHistogram().getDataPointsList()) {
                    add(point);
                }
            }
            case SUMMARY -> {
                for (SummaryDataPoint point : metric.getSummary().getDataPointsList()) {
                    add(point);
                }
            }
            case DATA_NOT_SET -> {}
        }
    }

    private void addNumbers(List<NumberDataPoint> points) throws RefusedRecordException {
        for (NumberDataPoint point : points) {
            unknown().check(point);
            int id = nextUnit();
            CopyBuffer row = beginPoint(
                    Table.NUMBER_DATA_POINTS,
                    id,
                    point.getAttributesList(),
                    point.getTimeUnixNano(),
                    point.getStartTimeUnixNano());
            putValue(row, point.hasAsInt(), point.getAsInt(), point.hasAsDouble(), point.getAsDouble());
            row.putInt(point.getFlags());
            row.endRow();
            addExemplars(point.getExemplarsList(), id);
        }
    }

    private void add(HistogramDataPoint point) throws RefusedRecordException {
        unknown().check(point);
        int id = nextUnit();
        CopyBuffer row = beginPoint(
                Table.HISTOGRAM_DATA_POINTS,
                id,
                point.getAttributesList(),
                point.getTimeUnixNano(),
                point.getStartTimeUnixNano());
        row.putLong(point.getCount());
        putOptional(row, point.hasSum(), point.getSum());
        putOptional(row, point.hasMin(), point.getMin());
        putOptional(row, point.hasMax(), point.getMax());
        putCounts(row, point.getBucketCountsCount(), point::getBucketCounts);
        int bounds = point.getExplicitBoundsCount();
        row.beginDoubleArray(bounds);
        for (int i = 0; i < bounds; i++) {
            row.appendElement(point.getExplicitBounds(i));
        }
        row.endVariable();
        row.putInt(point.getFlags());
        row.endRow();
        addExemplars(point.getExemplarsList(), id);
    }

    private void add(ExponentialHistogramDataPoint point) throws RefusedRecordException {
        unknown().check(point);
        int id = nextUnit();
        CopyBuffer row = beginPoint(
                Table.EXP_HISTOGRAM_DATA_POINTS,
                id,
                point.getAttributesList(),
                point.getTimeUnixNano(),
                point.getStartTimeUnixNano());
        row.putLong(point.getCount());
        putOptional(row, point.hasSum(), point.getSum());
        putOptional(row, point.hasMin(), point.getMin());
        putOptional(row, point.hasMax(), point.getMax());
        row.putInt(point.getScale());
        row.putLong(point.getZeroCount());
        row.putDouble(point.getZeroThreshold());
        putBuckets(row, point.hasPositive(), point.getPositive());
        putBuckets(row, point.hasNegative(), point.getNegative());
        row.putInt(point.getFlags());
        row.endRow();
        addExemplars(point.getExemplarsList(), id);
    }

    private void add(SummaryDataPoint point) throws RefusedRecordException {
        unknown().check(point);
        int id = nextUnit();
        CopyBuffer row = beginPoint(
                Table.SUMMARY_DATA_POINTS,
                id,
                point.getAttributesList(),
                point.getTimeUnixNano(),
                point.getStartTimeUnixNano());
        row.putLong(point.getCount());
        row.putDouble(point.getSum());
        row.putInt(point.getFlags());
        row.endRow();
        CopyBuffer quantiles = buffer(Table.SUMMARY_QUANTILES);
        int position = 0;
        for (SummaryDataPoint.ValueAtQuantile value : point.getQuantileValuesList()) {
            unknown().check(value);
            quantiles.beginRow();
            quantiles.putRowId(id);
            quantiles.putInt(position++);
            quantiles.putDouble(value.getQuantile());
            quantiles.putDouble(value.getValue());
            quantiles.endRow();
        }
    }

    private CopyBuffer beginPoint(
            Table table, int id, List<KeyValue> attributes, long timeUnixNano, long startTimeUnixNano)
            throws RefusedRecordException {
        long seriesId = dimensions().series(metricId, resourceId, scopeId, attributes);
        CopyBuffer row = beginRow(table, id);
        row.putLong(seriesId);
        putTime(row, timeUnixNano);
        putTime(row, startTimeUnixNano);
        return row;
    }

    private void addExemplars(List<Exemplar> exemplars, int pointId) throws RefusedRecordException {
        for (Exemplar exemplar : exemplars) {
            unknown().check(exemplar);
            int id = nextPart();
            CopyBuffer row = beginRow(Table.EXEMPLARS, id, pointId);
            putTime(row, exemplar.getTimeUnixNano());
            putValue(row, exemplar.hasAsInt(), exemplar.getAsInt(), exemplar.hasAsDouble(), exemplar.getAsDouble());
            putId(row, "an exemplar's trace_id", exemplar.getTraceId());
            putId(row, "an exemplar's span_id", exemplar.getSpanId());
            exemplarAttributes.writeAndEndRow(exemplar.getFilteredAttributesList(), id);
        }
    }

    /** The columns int_value and double_value, of which at most one has it. */
    private static void putValue(CopyBuffer row, boolean isInt, long intValue, boolean isDouble, double doubleValue) {
        if (isInt) {
            row.putLong(intValue);
        } else {
            row.putNull();
        }
        putOptional(row, isDouble, doubleValue);
    }

    private static void putOptional(CopyBuffer row, boolean present, double value) {
        if (present) {
            row.putDouble(value);
        } else {
            row.putNull();
        }
    }

    private void putBuckets(CopyBuffer row, boolean present, ExponentialHistogramDataPoint.Buckets buckets)
            throws RefusedRecordException {
        if (!present) {
            row.putNull();
            row.putNull();
            return;
        }
        unknown().check(buckets);
        row.putInt(buckets.getOffset());
        putCounts(row, buckets.getBucketCountsCount(), buckets::getBucketCounts);
    }

    private static void putCounts(CopyBuffer row, int length, IntToLongFunction counts) {
        row.beginLongArray(length);
        for (int i = 0; i < length; i++) {
            row.appendElement(counts.applyAsLong(i));
        }
        row.endVariable();
    }
}
