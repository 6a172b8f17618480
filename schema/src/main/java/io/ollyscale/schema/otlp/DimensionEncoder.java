package io.ollyscale.schema.otlp;

import io.ollyscale.schema.copy.JsonText;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.identity.CanonicalForm;
import io.ollyscale.schema.identity.IdentityHash;
import io.ollyscale.schema.identity.ServiceIdentity;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.ContextPolicy;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Identifies what a record's rows refer to, and describes each of them once, unless it is known already. Not thread-safe.
 */
final class DimensionEncoder {
    /**
     * New operations of a service that one record describes: as many as a service should have. What is beyond keeps its id,
     * and is described by the next record that has it.
     */
    private static final int MOST_OPERATIONS_OF_SERVICE = 2_000;

    /** And of all services: a million spans may have a million names, of a kilobyte in memory each. */
    private static final int MOST_OPERATIONS = 20_000;

    /** Of a dimension that is described, besides its texts, which are counted as they are written. */
    private static final int MEMORY_OF_DESCRIBED = 500;

    private final DecodingLimits limits;
    private final MemoryBudget budget;
    private final UnknownFields unknown;
    private final AttributeCounts counts;
    private final long policyVersion;
    private final Attributes resourceAttributes;
    private final Attributes scopeAttributes;
    private final Attributes seriesAttributes;
    private final Attributes noAttributes;
    private final Predicate<String> known;
    private final Set<String> seen = new HashSet<>();
    private final Map<Operation, Long> operationIds = new HashMap<>();
    private final List<Dimension> described = new ArrayList<>();
    private final Map<Long, Integer> describedOperations = new HashMap<>();
    private int allDescribedOperations;

    /** @param known whether a hash needn't be described */
    DimensionEncoder(
            AttributePolicy policy,
            Predicate<String> known,
            DecodingLimits limits,
            MemoryBudget budget,
            UnknownFields unknown,
            AttributeCounts counts) {
        this.known = known;
        this.limits = limits;
        this.budget = budget;
        this.unknown = unknown;
        this.counts = counts;
        policyVersion = policy.version();
        resourceAttributes = new Attributes(policy.of(AttributeContext.RESOURCE), counts);
        scopeAttributes = new Attributes(policy.of(AttributeContext.SCOPE), counts);
        seriesAttributes = new Attributes(policy.of(AttributeContext.METRIC), counts);
        noAttributes = new Attributes(ContextPolicy.EMPTY, counts);
    }

    /** Those that aren't known, each once. */
    List<Dimension> dimensions() {
        return List.copyOf(described);
    }

    /** @return service_id */
    long service(ServiceIdentity service) throws RefusedRecordException {
        IdentityHash hash = service.hash();
        String hex = hash.hex();
        if (isNew(hex)) {
            DimensionColumns columns = new DimensionColumns(budget, limits, unknown)
                    .text("name", service.name())
                    .text("namespace", service.namespace())
                    .text("environment", service.environment())
                    .text("version", service.version());
            described.add(describe(columns).as(DimensionKind.SERVICE, hash, hex, 0, columns));
        }
        return hash.id();
    }

    /** @return operation_id */
    long operation(long serviceId, String name, int kind) throws RefusedRecordException {
        Operation operation = new Operation(serviceId, name, kind);
        Long id = operationIds.get(operation);
        if (id == null) {
            id = newOperation(serviceId, name, kind);
            operationIds.put(operation, id);
        }
        return id;
    }

    private long newOperation(long serviceId, String name, int kind) throws RefusedRecordException {
        IdentityHash hash = ServiceIdentity.operationHash(serviceId, name, kind);
        int describedOfService = describedOperations.getOrDefault(serviceId, 0);
        if (describedOfService < MOST_OPERATIONS_OF_SERVICE
                && allDescribedOperations < MOST_OPERATIONS
                && Attributes.isShort(name)) {
            String hex = hash.hex();
            if (!known.test(hex)) {
                DimensionColumns columns = new DimensionColumns(budget, limits, unknown)
                        .number("service_id", serviceId)
                        .text("name", name)
                        .number("span_kind", kind);
                described.add(describe(columns).as(DimensionKind.OPERATION, hash, hex, serviceId, columns));
                describedOperations.put(serviceId, describedOfService + 1);
                allDescribedOperations++;
            }
        }
        return hash.id();
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
        if (isNew(hex)) {
            List<KeyValue> attributes = resource.getAttributesList();
            DimensionColumns columns = new DimensionColumns(budget, limits, unknown)
                    .flag("present", present)
                    .number("policy_version", policyVersion)
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
            Described attributesOfIt = describe(attributes, resourceAttributes, columns);
            columns.number("policy_dropped_count", counts.dropped - droppedBefore);
            described.add(attributesOfIt.as(DimensionKind.RESOURCE, hash, hex, 0, columns));
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
        if (isNew(hex)) {
            DimensionColumns columns = new DimensionColumns(budget, limits, unknown)
                    .flag("present", present)
                    .number("policy_version", policyVersion)
                    .text("name", scope.getName())
                    .text("version", scope.getVersion())
                    .text("schema_url", schemaUrl)
                    .number("dropped_attributes_count", scope.getDroppedAttributesCount());
            described.add(describe(scope.getAttributesList(), scopeAttributes, columns)
                    .as(DimensionKind.SCOPE, hash, hex, 0, columns));
        } else {
            check(scope.getAttributesList());
        }
        return hash.id();
    }

    /** @return metric_id */
    long metric(MetricData data) throws RefusedRecordException {
        Metric metric = data.metric();
        IdentityHash hash = data.hash();
        String hex = hash.hex();
        if (isNew(hex)) {
            DimensionColumns columns = new DimensionColumns(budget, limits, unknown)
                    .text("metric_identity_hash", data.identityHash().hex())
                    .text("name", metric.getName())
                    .number("metric_type", data.type())
                    .text("unit", metric.getUnit())
                    .text("description", metric.getDescription());
            if (data.temporality() != null) {
                columns.number("aggregation_temporality", data.temporality());
            }
            if (data.monotonic() != null) {
                columns.flag("is_monotonic", data.monotonic());
            }
            columns.json("metadata", metadata(metric.getMetadataList()));
            described.add(describe(columns).as(DimensionKind.METRIC, hash, hex, 0, columns));
        } else {
            check(metric.getMetadataList());
        }
        return hash.id();
    }

    private String metadata(List<KeyValue> list) throws RefusedRecordException {
        CatchAllText text = new CatchAllText(new JsonText(budget));
        noAttributes.write(list, List.of(), new ListedTypedRows(), text);
        return text.text;
    }

    /** @return series_id */
    long series(long metricId, long resourceId, long scopeId, List<KeyValue> attributes) throws RefusedRecordException {
        IdentityHash hash = new CanonicalForm("series")
                .integer(metricId)
                .integer(resourceId)
                .integer(scopeId)
                .attributes(attributes)
                .hash();
        String hex = hash.hex();
        if (!isNew(hex)) {
            check(attributes);
            return hash.id();
        }
        DimensionColumns columns = new DimensionColumns(budget, limits, unknown)
                .number("policy_version", policyVersion)
                .number("metric_id", metricId)
                .number("resource_id", resourceId)
                .number("scope_id", scopeId);
        long droppedBefore = counts.dropped;
        Described attributesOfIt = describe(attributes, seriesAttributes, columns);
        columns.number("policy_dropped_count", counts.dropped - droppedBefore);
        described.add(attributesOfIt.as(DimensionKind.SERIES, hash, hex, 0, columns));
        return hash.id();
    }

    private boolean isNew(String hex) {
        // Not all of those that are known are kept in mind: there may be as many as units.
        return !known.test(hex) && seen.add(hex);
    }

    /** What the hash doesn't cover: a dimension seen before may now have a newer field, or a reference into a dictionary. */
    void check(List<KeyValue> attributes) throws RefusedRecordException {
        new ValueCheck(limits, unknown).attributes(attributes);
    }

    private Described describe(DimensionColumns columns) throws RefusedRecordException {
        return describe(List.of(), noAttributes, columns);
    }

    private Described describe(List<KeyValue> list, Attributes attributes, DimensionColumns columns)
            throws RefusedRecordException {
        ListedTypedRows typed = new ListedTypedRows();
        CatchAllText other = new CatchAllText(new JsonText(budget));
        attributes.write(list, columns.exactFields(), typed, other);
        budget.take(MEMORY_OF_DESCRIBED + typed.lists().memory());
        return new Described(typed.lists(), other.text);
    }

    private record Described(Dimension.TypedAttributes typed, String other) {
        Dimension as(DimensionKind kind, IdentityHash hash, String hex, long serviceId, DimensionColumns columns) {
            return new Dimension(kind, hash.id(), serviceId, hex, columns.end(), typed, other);
        }
    }

    private record Operation(long serviceId, String name, int kind) {}

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
