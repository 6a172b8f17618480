package io.ollyscale.schema.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Counts what the tables must hold of records of metrics, by comparing messages and without any hash of the product's: points,
 * distinct metrics (with their description and metadata), and distinct series. Not thread-safe.
 */
public final class MetricCounts {
    private final Set<ByteString> metrics = new HashSet<>();
    private final Set<List<ByteString>> series = new HashSet<>();
    private long points;

    public void add(MetricsData record) {
        for (ResourceMetrics resourceMetrics : record.getResourceMetricsList()) {
            ByteString resource =
                    canonical(resourceMetrics.toBuilder().clearScopeMetrics().build());
            for (ScopeMetrics scopeMetrics : resourceMetrics.getScopeMetricsList()) {
                ByteString scope =
                        canonical(scopeMetrics.toBuilder().clearMetrics().build());
                scopeMetrics.getMetricsList().forEach(metric -> add(metric, resource, scope));
            }
        }
    }

    public long points() {
        return points;
    }

    public long metrics() {
        return metrics.size();
    }

    public long series() {
        return series.size();
    }

    private void add(Metric metric, ByteString resource, ByteString scope) {
        for (FieldDescriptor way : OtlpUnits.ways(Metric.getDescriptor())) {
            if (!metric.hasField(way)) {
                continue;
            }
            Message data = (Message) metric.getField(way);
            FieldDescriptor pointsField =
                    OtlpUnits.ways(data.getDescriptorForType()).get(0);
            List<?> points = (List<?>) data.getField(pointsField);
            if (points.isEmpty()) {
                continue;
            }
            ByteString bare = canonical(metric.toBuilder()
                    .setField(way, data.toBuilder().clearField(pointsField).build())
                    .build());
            metrics.add(bare);
            for (Object element : points) {
                Message point = (Message) element;
                FieldDescriptor attributes = point.getDescriptorForType().findFieldByName("attributes");
                Message.Builder attributesAlone = point.newBuilderForType();
                attributesAlone.setField(attributes, point.getField(attributes));
                series.add(List.of(resource, scope, bare, canonical(attributesAlone.build())));
                this.points++;
            }
        }
    }

    private static ByteString canonical(Message message) {
        return RecordSet.canonical(message).toByteString();
    }
}
