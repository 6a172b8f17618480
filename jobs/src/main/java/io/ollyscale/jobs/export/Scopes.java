package io.ollyscale.jobs.export;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Scopes with their schema URLs. */
final class Scopes extends DimensionTable<Envelope> {
    private final Rows rows;
    private final TypedAttributes attributes;

    Scopes(Rows rows, TypedAttributes attributes) {
        this.rows = rows;
        this.attributes = attributes;
    }

    @Override
    Map<Long, Envelope> read(Collection<Long> ids) throws SQLException {
        Map<Long, InstrumentationScope.Builder> scopes = new HashMap<>();
        Map<Long, String> schemaUrls = new HashMap<>();
        Set<Long> absent = new HashSet<>();
        rows.ofDimensions("""
                SELECT d.scope_id, d.present, d.name, d.version, d.schema_url, d.dropped_attributes_count, o.attributes
                FROM otel.scopes_dim AS d LEFT JOIN otel.scope_attrs_other AS o ON o.scope_id = d.scope_id
                WHERE d.scope_id""", ids, row -> {
            long id = row.int64("scope_id");
            scopes.put(
                    id,
                    InstrumentationScope.newBuilder()
                            .addAllAttributes(row.catchAll("attributes"))
                            .setName(row.text("name"))
                            .setVersion(row.text("version"))
                            .setDroppedAttributesCount(row.int32("dropped_attributes_count")));
            schemaUrls.put(id, row.text("schema_url"));
            if (!row.bool("present")) {
                absent.add(id);
            }
        });
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        scopes.forEach((id, scope) -> takers.put(id, scope::addAttributes));
        attributes.ofDimensions("scope", "scope_id", takers);

        Map<Long, Envelope> envelopes = new HashMap<>();
        scopes.forEach((id, scope) ->
                envelopes.put(id, new Envelope(id, absent.contains(id) ? null : scope.build(), schemaUrls.get(id))));
        return envelopes;
    }

    @Override
    long size(Envelope scope) {
        return scope.size();
    }
}
