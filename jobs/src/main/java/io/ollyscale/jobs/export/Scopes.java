package io.ollyscale.jobs.export;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import java.sql.SQLException;

/** Scopes with their schema URLs. */
final class Scopes extends Owners<InstrumentationScope.Builder> {

    Scopes(Rows rows, TypedAttributes attributes) {
        super(rows, attributes, "scope", "d.name, d.version", InstrumentationScope.Builder::addAttributes);
    }

    @Override
    InstrumentationScope.Builder read(Row row) throws SQLException {
        return InstrumentationScope.newBuilder()
                .addAllAttributes(row.catchAll("attributes"))
                .setName(row.text("name"))
                .setVersion(row.text("version"))
                .setDroppedAttributesCount(row.int32("dropped_attributes_count"));
    }
}
