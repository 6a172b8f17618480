package io.ollyscale.schema.testing;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What is a unit (a span, a log record, a data point) among OTLP's messages, and what an envelope of units. */
final class OtlpUnits {
    private static final Set<Descriptor> UNITS = Set.of(
            Span.getDescriptor(),
            LogRecord.getDescriptor(),
            NumberDataPoint.getDescriptor(),
            HistogramDataPoint.getDescriptor(),
            ExponentialHistogramDataPoint.getDescriptor(),
            SummaryDataPoint.getDescriptor());

    private static final Map<Descriptor, List<FieldDescriptor>> WAYS = new ConcurrentHashMap<>();

    private OtlpUnits() {}

    static boolean isUnit(Descriptor message) {
        return UNITS.contains(message);
    }

    /** The fields through which an envelope holds its units: one, but for a metric, which has one for each of its types. */
    static List<FieldDescriptor> ways(Descriptor envelope) {
        return WAYS.computeIfAbsent(
                envelope,
                e -> e.getFields().stream().filter(OtlpUnits::leadsToUnits).toList());
    }

    static boolean isWay(FieldDescriptor field) {
        return ways(field.getContainingType()).contains(field);
    }

    private static boolean leadsToUnits(FieldDescriptor field) {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || isUnit(field.getContainingType())) {
            return false;
        }
        return isUnit(field.getMessageType())
                || MessageVariants.fields(field.getMessageType()).stream()
                        .anyMatch(inner -> inner.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                                && isUnit(inner.getMessageType()));
    }
}
