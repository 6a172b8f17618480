package io.ollyscale.jobs.export;

import io.ollyscale.schema.otlp.CatchAllReader;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Resources with their schema URLs. */
final class Resources extends DimensionTable<Envelope> {
    private final Rows rows;
    private final TypedAttributes attributes;

    Resources(Rows rows, TypedAttributes attributes) {
        this.rows = rows;
        this.attributes = attributes;
    }

    @Override
    Map<Long, Envelope> read(Collection<Long> ids) throws SQLException {
        Map<Long, Resource.Builder> resources = new HashMap<>();
        Map<Long, String> schemaUrls = new HashMap<>();
        Set<Long> absent = new HashSet<>();
        rows.ofDimensions("""
                SELECT d.resource_id, d.present, d.schema_url, d.dropped_attributes_count, d.entity_refs, o.attributes
                FROM otel.resources_dim AS d LEFT JOIN otel.resource_attrs_other AS o ON o.resource_id = d.resource_id
                WHERE d.resource_id""", ids, row -> {
            long id = row.int64("resource_id");
            resources.put(
                    id,
                    Resource.newBuilder()
                            .addAllAttributes(row.catchAll("attributes"))
                            .setDroppedAttributesCount(row.int32("dropped_attributes_count"))
                            .addAllEntityRefs(CatchAllReader.entityRefs(row.json("entity_refs"))));
            schemaUrls.put(id, row.text("schema_url"));
            if (!row.bool("present")) {
                absent.add(id);
            }
        });
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        resources.forEach((id, resource) -> takers.put(id, resource::addAttributes));
        attributes.ofDimensions("resource", "resource_id", takers);

        Map<Long, Envelope> envelopes = new HashMap<>();
        resources.forEach((id, resource) ->
                envelopes.put(id, new Envelope(id, absent.contains(id) ? null : resource.build(), schemaUrls.get(id))));
        return envelopes;
    }

    @Override
    long size(Envelope resource) {
        return resource.size();
    }
}
