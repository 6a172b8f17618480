package io.ollyscale.schema.otlp;

import io.ollyscale.schema.copy.JsonOutput;
import io.ollyscale.schema.copy.JsonText;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.identity.CanonicalForm;
import io.ollyscale.schema.identity.IdentityHash;
import io.ollyscale.schema.identity.ServiceIdentity;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Identifies a record's resources and scopes, and describes each of them once. Not thread-safe. */
final class DimensionEncoder {
    private final DecodingLimits limits;
    private final MemoryBudget budget;
    private final UnknownFields unknown;
    private final AttributeCounts counts;
    private final Attributes resourceAttributes;
    private final Attributes scopeAttributes;
    private final Map<String, Dimension> seen = new LinkedHashMap<>();

    DimensionEncoder(
            AttributePolicy policy,
            DecodingLimits limits,
            MemoryBudget budget,
            UnknownFields unknown,
            AttributeCounts counts) {
        this.limits = limits;
        this.budget = budget;
        this.unknown = unknown;
        this.counts = counts;
        resourceAttributes = new Attributes(policy.of(AttributeContext.RESOURCE), counts);
        scopeAttributes = new Attributes(policy.of(AttributeContext.SCOPE), counts);
    }

    /** Those that were identified, each once. */
    List<Dimension> dimensions() {
        return List.copyOf(seen.values());
    }

    /**
     * @param resource the default instance where it is absent
     * @return resource_id
     */
    long resource(boolean present, Resource resource, String schemaUrl, ServiceIdentity service, long serviceId)
            throws RefusedRecordException {
        unknown.check(resource);
        CanonicalForm form = new CanonicalForm("resource")
                .flag(present)
                .text(schemaUrl)
                .integer(resource.getDroppedAttributesCount())
                .attributes(resource.getAttributesList())
                .integer(resource.getEntityRefsCount());
        for (EntityRef ref : resource.getEntityRefsList()) {
            unknown.check(ref);
            form.text(ref.getSchemaUrl())
                    .text(ref.getType())
                    .texts(ref.getIdKeysList())
                    .texts(ref.getDescriptionKeysList());
        }
        IdentityHash hash = form.hash();
        String hex = hash.hex();
        if (!seen.containsKey(hex)) {
            List<KeyValue> attributes = resource.getAttributesList();
            DimensionColumns columns = new DimensionColumns(budget, limits, unknown)
                    .flag("present", present)
                    .number("service_id", serviceId)
                    .text("service_name", service.name())
                    .text("service_namespace", service.namespace())
                    .text("service_version", service.version())
                    .text("service_instance_id", ServiceIdentity.stringAttribute(attributes, "service.instance.id"))
                    .text("environment", service.environment())
                    .text("schema_url", schemaUrl)
                    .number("dropped_attributes_count", resource.getDroppedAttributesCount())
                    .entityRefs(resource.getEntityRefsList());
            long droppedBefore = counts.dropped;
            Described described = describe(attributes, resourceAttributes, columns);
            columns.number("policy_dropped_count", counts.dropped - droppedBefore);
            add(hex, described.as("resource", hash, columns));
        } else {
            check(resource.getAttributesList());
        }
        return hash.id();
    }

    /**
     * @param scope the default instance where it is absent
     * @return scope_id
     */
    long scope(boolean present, InstrumentationScope scope, String schemaUrl) throws RefusedRecordException {
        unknown.check(scope);
        IdentityHash hash = new CanonicalForm("scope")
                .flag(present)
                .text(scope.getName())
                .text(scope.getVersion())
                .text(schemaUrl)
                .integer(scope.getDroppedAttributesCount())
                .attributes(scope.getAttributesList())
                .hash();
        String hex = hash.hex();
        if (!seen.containsKey(hex)) {
            DimensionColumns columns = new DimensionColumns(budget, limits, unknown)
                    .flag("present", present)
                    .text("name", scope.getName())
                    .text("version", scope.getVersion())
                    .text("schema_url", schemaUrl)
                    .number("dropped_attributes_count", scope.getDroppedAttributesCount());
            add(
                    hex,
                    describe(scope.getAttributesList(), scopeAttributes, columns)
                            .as("scope", hash, columns));
        } else {
            check(scope.getAttributesList());
        }
        return hash.id();
    }

    private void add(String hex, Dimension dimension) throws RefusedRecordException {
        if (seen.size() == limits.dimensions()) {
            throw new RefusedRecordException(
                    RefusalReason.TOO_LARGE,
                    "it has more than " + limits.dimensions() + " distinct resources and scopes");
        }
        seen.put(hex, dimension);
    }

    /** What the hash doesn't cover: a dimension seen before may now have a newer field, or a reference into a dictionary. */
    private void check(List<KeyValue> attributes) throws RefusedRecordException {
        new ValueJson(JsonOutput.NOWHERE, limits, unknown).pairs(attributes);
    }

    private Described describe(List<KeyValue> list, Attributes attributes, DimensionColumns columns)
            throws RefusedRecordException {
        ListedTypedRows typed = new ListedTypedRows();
        CatchAllText other = new CatchAllText(new JsonText(budget));
        attributes.write(list, columns.exactFields(), typed, other);
        return new Described(typed.lists(), other.text);
    }

    private record Described(Dimension.TypedAttributes typed, String other) {
        Dimension as(String kind, IdentityHash hash, DimensionColumns columns) {
            return new Dimension(kind, hash.id(), hash.hex(), columns.end(), typed, other);
        }
    }

    private final class CatchAllText extends CatchAll {
        private final JsonText json;
        private String text;

        CatchAllText(JsonText json) {
            super(json, limits, unknown);
            this.json = json;
        }

        @Override
        void open() {}

        @Override
        void close(boolean written) {
            text = written ? json.toString() : null;
        }
    }
}
