package io.ollyscale.jobs.export;

import io.ollyscale.schema.otlp.CatchAllReader;
import io.opentelemetry.proto.resource.v1.Resource;
import java.sql.SQLException;

/** Resources with their schema URLs. */
final class Resources extends Owners<Resource.Builder> {

    Resources(Rows rows, TypedAttributes attributes) {
        super(rows, attributes, "resource", "d.entity_refs", Resource.Builder::addAttributes);
    }

    @Override
    Resource.Builder read(Row row) throws SQLException {
        return Resource.newBuilder()
                .addAllAttributes(row.catchAll("attributes"))
                .setDroppedAttributesCount(row.int32("dropped_attributes_count"))
                .addAllEntityRefs(CatchAllReader.entityRefs(row.json("entity_refs")));
    }
}
