package io.ollyscale.jobs.export;

import com.google.protobuf.Message;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Resources or scopes with their schema URLs.
 *
 * @param <B> builds one
 */
abstract class Owners<B extends Message.Builder> extends DimensionTable<Envelope> {
    private final Rows rows;
    private final TypedAttributes attributes;
    private final String name;
    private final String select;
    private final BiConsumer<B, KeyValue> addAttribute;

    /**
     * @param name as the tables' names begin: {@code resource}, {@code scope}
     * @param columns besides those that both have
     */
    Owners(Rows rows, TypedAttributes attributes, String name, String columns, BiConsumer<B, KeyValue> addAttribute) {
        this.rows = rows;
        this.attributes = attributes;
        this.name = name;
        this.addAttribute = addAttribute;
        select = """
                SELECT d.%1$s_id, d.present, d.schema_url, d.dropped_attributes_count, %2$s, o.attributes
                FROM otel.%1$ss_dim AS d LEFT JOIN otel.%1$s_attrs_other AS o ON o.%1$s_id = d.%1$s_id
                WHERE d.%1$s_id""".formatted(name, columns);
    }

    /** What the row alone says; begins with its {@link Row#catchAll}. */
    abstract B read(Row row) throws SQLException;

    @Override
    final Map<Long, Envelope> read(Collection<Long> ids) throws SQLException {
        String idColumn = name + "_id";
        Map<Long, B> owners = new HashMap<>();
        Map<Long, String> schemaUrls = new HashMap<>();
        Set<Long> absent = new HashSet<>();
        rows.ofDimensions(select, ids, row -> {
            long id = row.int64(idColumn);
            owners.put(id, read(row));
            schemaUrls.put(id, row.text("schema_url"));
            if (!row.bool("present")) {
                absent.add(id);
            }
        });
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        owners.forEach((id, owner) -> takers.put(id, attribute -> addAttribute.accept(owner, attribute)));
        attributes.ofDimensions(name, idColumn, takers);

        Map<Long, Envelope> envelopes = new HashMap<>();
        owners.forEach((id, owner) ->
                envelopes.put(id, new Envelope(id, absent.contains(id) ? null : owner.build(), schemaUrls.get(id))));
        return envelopes;
    }

    @Override
    final long size(Envelope owner) {
        return owner.size();
    }
}
