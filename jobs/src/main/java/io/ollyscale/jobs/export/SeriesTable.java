package io.ollyscale.jobs.export;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Series with their attributes. */
final class SeriesTable extends DimensionTable<Series> {
    private final Rows rows;
    private final TypedAttributes attributes;

    SeriesTable(Rows rows, TypedAttributes attributes) {
        this.rows = rows;
        this.attributes = attributes;
    }

    @Override
    Map<Long, Series> read(Collection<Long> ids) throws SQLException {
        Map<Long, Series> series = new HashMap<>();
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        rows.ofDimensions("""
                SELECT d.series_id, d.metric_id, d.resource_id, d.scope_id, o.attributes
                FROM otel.metric_series_dim AS d LEFT JOIN otel.metric_attrs_other AS o ON o.series_id = d.series_id
                WHERE d.series_id""", ids, row -> {
            Series one = new Series(
                    row.int64("metric_id"),
                    row.int64("resource_id"),
                    row.int64("scope_id"),
                    new ArrayList<>(row.catchAll("attributes")));
            series.put(row.int64("series_id"), one);
            takers.put(row.int64("series_id"), one.attributes()::add);
        });
        attributes.ofDimensions("metric", "series_id", takers);
        return series;
    }

    @Override
    long size(Series series) {
        return 3L * Long.BYTES
                + series.attributes().stream()
                        .mapToInt(KeyValue::getSerializedSize)
                        .sum();
    }
}
