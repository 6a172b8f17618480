package io.ollyscale.schema.testing;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How many rows the fact tables must hold of some records, of any signal: a count for each table that has a row. */
public final class StoredCounts {
    private static final Map<Descriptor, String> TABLES = Map.of(
            Span.getDescriptor(), "spans_fact",
            Span.Event.getDescriptor(), "span_events",
            Span.Link.getDescriptor(), "span_links",
            LogRecord.getDescriptor(), "logs_fact",
            NumberDataPoint.getDescriptor(), "number_data_points",
            HistogramDataPoint.getDescriptor(), "histogram_data_points",
            ExponentialHistogramDataPoint.getDescriptor(), "exp_histogram_data_points",
            SummaryDataPoint.getDescriptor(), "summary_data_points",
            SummaryDataPoint.ValueAtQuantile.getDescriptor(), "summary_quantiles",
            Exemplar.getDescriptor(), "exemplars");

    private StoredCounts() {}

    /** The tables of facts. */
    public static List<String> tables() {
        return TABLES.values().stream().sorted().toList();
    }

    /** Rows by table, but for tables without any. */
    public static SortedMap<String, Long> of(Iterable<? extends Message> records) {
        SortedMap<String, Long> rows = new TreeMap<>();
        records.forEach(record -> count(record, rows));
        return rows;
    }

    private static void count(Message message, SortedMap<String, Long> rows) {
        String table = TABLES.get(message.getDescriptorForType());
        if (table != null) {
            rows.merge(table, 1L, Long::sum);
        }
        message.getAllFields().forEach((field, value) -> {
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                return;
            }
            for (Object inner : value instanceof List<?> elements ? elements : List.of(value)) {
                count((Message) inner, rows);
            }
        });
    }
}
