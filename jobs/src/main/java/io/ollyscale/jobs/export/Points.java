package io.ollyscale.jobs.export;

import com.google.protobuf.Message;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The data points of one table.
 *
 * @param <B> builds a point
 */
abstract class Points<B extends Message.Builder> extends Facts<B> {
    private static final String COLUMNS = String.join(
            ", ",
            "series_id",
            Row.time("timestamp"),
            "nanos_fraction",
            Row.time("start_timestamp"),
            "start_nanos_fraction",
            "flags");

    private static final String OF_TRACE = "id IN (SELECT parent_id FROM otel.exemplars WHERE trace_id = ?)";

    private static final String EXEMPLAR_SIZES = "SELECT parent_id, sum("
            + StoredSize.row(StoredSize.json("attributes_other")) + ") AS size FROM otel.exemplars";

    private final Metric unknown;
    private final BiConsumer<B, List<KeyValue>> addAttributes;

    /**
     * @param columns besides those that all points have
     * @param size an SQL expression: how much a row takes
     * @param unknown a metric of the points' type, for those whose own isn't there
     */
    Points(
            Source source,
            String table,
            String columns,
            String size,
            Metric unknown,
            BiConsumer<B, List<KeyValue>> addAttributes)
            throws SQLException {
        super(source, table, COLUMNS + ", " + columns, size, "timestamp", OF_TRACE);
        this.unknown = unknown;
        this.addAttributes = addAttributes;
    }

    @Override
    void sizesOfParts(Collection<Long> ids, Rows.Reader reader) throws SQLException {
        source().rows().partsOfFacts(EXEMPLAR_SIZES, ids, " GROUP BY parent_id", reader);
    }

    @Override
    final List<Unit> units(List<Fact<B>> points) throws SQLException {
        return source().dimensions()
                .points(points, (point, series) -> addAttributes.accept(point, series.attributes()), unknown);
    }

    static long time(Row row) throws SQLException {
        return row.unixNanos("timestamp", "nanos_fraction");
    }

    static long startTime(Row row) throws SQLException {
        return row.unixNanos("start_timestamp", "start_nanos_fraction");
    }

    /** @param adder adds an exemplar to a point and returns its builder */
    final void addExemplars(Map<Long, B> points, Function<B, Exemplar.Builder> adder) throws SQLException {
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        source().rows()
                .partsOfFacts(
                        "SELECT id, parent_id, " + Row.time("timestamp") + ", nanos_fraction, int_value, "
                                + Row.number("double_value")
                                + ", trace_id, span_id, attributes_other FROM otel.exemplars",
                        points.keySet(),
                        " ORDER BY id",
                        row -> {
                            Exemplar.Builder exemplar = adder.apply(points.get(row.int64("parent_id")))
                                    .addAllFilteredAttributes(row.catchAll("attributes_other"))
                                    .setTimeUnixNano(time(row))
                                    .setTraceId(row.bytes("trace_id"))
                                    .setSpanId(row.bytes("span_id"));
                            if (!row.isNull("int_value")) {
                                exemplar.setAsInt(row.int64("int_value"));
                            } else if (!row.isNull("double_value")) {
                                exemplar.setAsDouble(row.float64("double_value"));
                            }
                            takers.put(row.int64("id"), exemplar::addFilteredAttributes);
                        });
        source().attributes().ofFacts("exemplar", takers);
    }
}
