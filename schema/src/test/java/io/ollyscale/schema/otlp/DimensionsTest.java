package io.ollyscale.schema.otlp;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.schema.identity.ServiceIdentity;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DimensionsTest {
    private static final ResourceSpans ALL_FIELDS = TraceRecords.allFields().getResourceSpans(0);

    @Test
    void anAbsentResourceIsNotAnEmptyOne() throws Exception {
        Dimension absent = resource(record(ResourceSpans.Builder::clearResource));
        Dimension empty = resource(record(r -> r.setResource(Resource.getDefaultInstance())));

        assertThat(absent.hash()).isNotEqualTo(empty.hash());
        assertThat(CatchAllReader.read(absent.columns())).containsEntry("present", false);
        assertThat(CatchAllReader.read(empty.columns())).containsEntry("present", true);
        assertThat(empty.other()).isNull();
    }

    @Test
    void anAbsentScopeIsNotAnEmptyOne() throws Exception {
        Dimension absent = scope(record(r -> scopeSpans(r, ScopeSpans.Builder::clearScope)));
        Dimension empty = scope(record(r -> scopeSpans(r, s -> s.setScope(InstrumentationScope.getDefaultInstance()))));

        assertThat(absent.hash()).isNotEqualTo(empty.hash());
        assertThat(absent.columns())
                .isEqualTo("{\"present\":false,\"policy_version\":1,\"name\":\"\",\"version\":\"\","
                        + "\"schema_url\":\"https://example.org/scope\",\"dropped_attributes_count\":0}");
        assertThat(CatchAllReader.read(empty.columns())).containsEntry("present", true);
    }

    /** A field of a newer OTLP that the hash doesn't cover fails here, once {@code allFields} sets it. */
    @Test
    void eachFieldIsPartOfTheIdentity() throws Exception {
        String resource = resource(TraceRecords.allFields()).hash();
        String scope = scope(TraceRecords.allFields()).hash();

        for (Map.Entry<String, Resource> variant :
                MessageVariants.withoutOneField(ALL_FIELDS.getResource()).entrySet()) {
            assertThat(resource(record(r -> r.setResource(variant.getValue()))).hash())
                    .as(variant.getKey())
                    .isNotEqualTo(resource);
        }
        for (Map.Entry<String, InstrumentationScope> variant : MessageVariants.withoutOneField(
                        ALL_FIELDS.getScopeSpans(0).getScope())
                .entrySet()) {
            assertThat(scope(record(r -> scopeSpans(r, s -> s.setScope(variant.getValue()))))
                            .hash())
                    .as(variant.getKey())
                    .isNotEqualTo(scope);
        }
        assertThat(resource(record(ResourceSpans.Builder::clearSchemaUrl)).hash())
                .isNotEqualTo(resource);
        assertThat(scope(record(r -> scopeSpans(r, ScopeSpans.Builder::clearSchemaUrl)))
                        .hash())
                .isNotEqualTo(scope);
    }

    @Test
    void theOrderOfAttributesIsNoPartOfTheIdentity() throws Exception {
        List<KeyValue> attributes = new ArrayList<>(ALL_FIELDS.getResource().getAttributesList());
        Collections.reverse(attributes);
        TracesData reversed = record(r -> {
            r.getResourceBuilder().clearAttributes().addAllAttributes(attributes);
            return r;
        });
        EncodedRecord both = Encoding.encode(
                TraceRecords.allFields().toBuilder().mergeFrom(reversed).build());

        assertThat(resource(reversed).hash())
                .isEqualTo(resource(TraceRecords.allFields()).hash());
        assertThat(Encoding.dimensions(DimensionKind.RESOURCE, both)).hasSize(1);
        assertThat(Encoding.dimensions(DimensionKind.SCOPE, both)).hasSize(1);
        assertThat(new EncodedRows(both).of(Table.SPANS_FACT))
                .extracting(row -> row.get("resource_id"))
                .containsOnly(resource(reversed).id());
    }

    @Test
    void whatThePolicyDropsIsCountedButStaysPartOfTheIdentity() throws Exception {
        Dimension one = resource(record(r -> withAttribute(r, attribute("drop.this", "1"))));
        Dimension other = resource(record(r -> withAttribute(r, attribute("drop.this", "2"))));

        assertThat(one.hash()).isNotEqualTo(other.hash());
        assertThat(one.other()).doesNotContain("drop.this");
        assertThat(CatchAllReader.read(one.columns())).containsEntry("policy_dropped_count", 1L);
    }

    @Test
    void theIdIsTheHashsFirst8Bytes() throws Exception {
        Dimension resource = resource(TraceRecords.allFields());

        assertThat(resource.hash()).hasSize(64);
        assertThat(resource.id()).isEqualTo(HexFormat.fromHexDigitsToLong(resource.hash(), 0, 16));
    }

    /** Identities are stored: these change only with a migration. */
    @Test
    void identitiesNeverChange() throws Exception {
        TracesData record = TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(attribute("service.name", "checkout"))
                                .addAttributes(attribute(
                                        "mixed", List.of("a", 1, 2.5, true, new byte[] {1}, Map.of("k", List.of()))))
                                .setDroppedAttributesCount(3)
                                .addEntityRefs(EntityRef.newBuilder()
                                        .setType("service")
                                        .addIdKeys("service.name")))
                        .setSchemaUrl("https://example.org/1")
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .setScope(InstrumentationScope.newBuilder()
                                        .setName("http")
                                        .setVersion("1"))
                                .addSpans(TraceRecords.bareSpan(1))))
                .build();

        assertThat(resource(record).hash())
                .isEqualTo("1bbd40e2e319131f307e6d00ffed88daef226ad7e85d8480f04c1780155e54ae");
        assertThat(scope(record).hash()).isEqualTo("6a178d5853a9d3e4d3eabd3ab60a9c99f7c53ff9dd89619e8badaa2d314787b5");
        assertThat(new ServiceIdentity("checkout", null, "", "1").hash().id()).isEqualTo(6510037387830924546L);
        assertThat(ServiceIdentity.operationHash(5, "GET /", 2).id()).isEqualTo(-3651491840784906831L);
    }

    @Test
    void aResourceHasItsServiceAndEntities() throws Exception {
        Dimension resource = resource(TraceRecords.allFields());

        assertThat(resource.columns())
                .isEqualTo("{\"present\":true,\"policy_version\":1,\"service_id\":"
                        + new ServiceIdentity("service-0", "test", "staging", "1.0")
                                .hash()
                                .id()
                        + ",\"service_name\":\"service-0\",\"service_namespace\":\"test\",\"service_version\":\"1.0\","
                        + "\"service_instance_id\":\"instance-0\",\"environment\":\"staging\","
                        + "\"schema_url\":\"https://example.org/resource\",\"dropped_attributes_count\":16,"
                        + "\"entity_refs\":[{\"schema_url\":\"https://example.org/entity\",\"type\":\"service\","
                        + "\"id_keys\":[\"service.name\",\"service.namespace\"],\"description_keys\":[\"service.version\"]}],"
                        + "\"policy_dropped_count\":0}");
    }

    @Test
    void unsignedCountsAreTheirTwosComplement() throws Exception {
        Dimension resource = resource(record(r -> {
            r.getResourceBuilder().setDroppedAttributesCount(-1);
            return r;
        }));

        assertThat(CatchAllReader.read(resource.columns())).containsEntry("dropped_attributes_count", -1L);
    }

    @Test
    void exactTextsOfAllColumnsAreKept() throws Exception {
        TracesData record = record(r -> {
            r.setSchemaUrl("u\0")
                    .getResourceBuilder()
                    .clearAttributes()
                    .addAttributes(attribute("service.name", "n\0"));
            return scopeSpans(r, s -> {
                s.setSchemaUrl("v\0").getScopeBuilder().setName("s\0").setVersion("w\0");
                return s;
            });
        });

        assertThat(CatchAllReader.read(resource(record).columns()))
                .containsEntry("service_name", "n␀")
                .containsEntry("schema_url", "u␀");
        assertThat(CatchAllReader.exactTexts(resource(record).other()))
                .isEqualTo(Map.of("service_name", "n\0", "schema_url", "u\0"));
        assertThat(CatchAllReader.attributes(resource(record).other()))
                .containsExactly(attribute("service.name", "n\0"));
        assertThat(CatchAllReader.exactTexts(scope(record).other()))
                .isEqualTo(Map.of("schema_url", "v\0", "name", "s\0", "version", "w\0"));
    }

    @Test
    void aServiceIsNamedByItsResource() throws Exception {
        Dimension service = only(DimensionKind.SERVICE, TraceRecords.allFields());

        assertThat(service.columns())
                .isEqualTo(
                        "{\"name\":\"service-0\",\"namespace\":\"test\",\"environment\":\"staging\",\"version\":\"1.0\"}");
        assertThat(service.other()).isNull();
        assertThat(only(DimensionKind.SERVICE, record(ResourceSpans.Builder::clearResource))
                        .columns())
                .isEqualTo("{}");
    }

    @Test
    void operationsAreAServicesSpansByNameAndKind() throws Exception {
        EncodedRecord record = Encoding.encode(TraceRecords.of(
                TraceRecords.bareSpan(1).setName("GET /").setKindValue(2),
                TraceRecords.bareSpan(2).setName("GET /").setKindValue(3),
                TraceRecords.bareSpan(3).setName("GET /").setKindValue(2),
                TraceRecords.bareSpan(4).setName("GET /\0").setKindValue(99)));
        long serviceId =
                Encoding.dimensions(DimensionKind.SERVICE, record).get(0).id();
        List<Dimension> operations = Encoding.dimensions(DimensionKind.OPERATION, record);

        assertThat(operations)
                .extracting(Dimension::columns)
                .containsExactly(
                        "{\"service_id\":" + serviceId + ",\"name\":\"GET /\",\"span_kind\":2}",
                        "{\"service_id\":" + serviceId + ",\"name\":\"GET /\",\"span_kind\":3}",
                        "{\"service_id\":" + serviceId + ",\"name\":\"GET /␀\",\"span_kind\":99}");
        assertThat(operations).extracting(Dimension::serviceId).containsOnly(serviceId);
        assertThat(CatchAllReader.exactTexts(operations.get(2).other())).isEqualTo(Map.of("name", "GET /\0"));
        assertThat(operations.subList(0, 2)).extracting(Dimension::other).containsOnlyNulls();
        assertThat(new EncodedRows(record).of(Table.SPANS_FACT))
                .extracting(row -> row.get("operation_id"))
                .containsExactly(
                        operations.get(0).id(),
                        operations.get(1).id(),
                        operations.get(0).id(),
                        operations.get(2).id());
    }

    @Test
    void aLongNameIsNoOperationButHasAnId() throws Exception {
        EncodedRecord record = Encoding.encode(TraceRecords.of(
                TraceRecords.bareSpan(1).setName("é".repeat(512)),
                TraceRecords.bareSpan(2).setName("é".repeat(512) + "x")));

        assertThat(Encoding.dimensions(DimensionKind.OPERATION, record)).hasSize(1);
        assertThat(new EncodedRows(record).of(Table.SPANS_FACT))
                .extracting(row -> row.get("operation_id"))
                .doesNotHaveDuplicates();
    }

    @Test
    void aRecordDescribes2000OperationsOfAService() throws Exception {
        ResourceSpans.Builder noisy = ResourceSpans.newBuilder().setResource(TraceRecords.resource(0));
        for (int number = 0; number < 3_000; number++) {
            noisy.addScopeSpans(ScopeSpans.newBuilder()
                    .addSpans(TraceRecords.bareSpan(number).setName("GET /items/" + number)));
        }
        ResourceSpans.Builder quiet = ResourceSpans.newBuilder().setResource(TraceRecords.resource(1));
        quiet.addScopeSpansBuilder().addSpans(TraceRecords.bareSpan(1).setName("GET /"));
        byte[] bytes = TracesData.newBuilder()
                .addResourceSpans(noisy)
                .addResourceSpans(quiet)
                .build()
                .toByteArray();
        EncodedRecord record = Encoding.encode(bytes);
        List<Dimension> operations = Encoding.dimensions(DimensionKind.OPERATION, record);

        assertThat(operations).hasSize(2_001);
        assertThat(operations.get(2_000).columns()).contains("\"GET /\"");
        assertThat(new EncodedRows(record).of(Table.SPANS_FACT))
                .extracting(row -> row.get("operation_id"))
                .doesNotHaveDuplicates();
        Set<String> known = operations.stream().map(Dimension::hash).collect(Collectors.toSet());
        assertThat(Encoding.dimensions(DimensionKind.OPERATION, Encoding.encode(bytes, known::contains)))
                .as("what was beyond, in the next record")
                .hasSize(1_000);
    }

    @Test
    void aRecordDescribes20000OperationsOfAllServices() throws Exception {
        TracesData.Builder record = TracesData.newBuilder();
        for (int number = 0; number < 20_100; number++) {
            ResourceSpans.Builder spans = record.addResourceSpansBuilder();
            spans.getResourceBuilder().addAttributes(attribute("service.name", "service-" + number % 1_000));
            spans.addScopeSpansBuilder().addSpans(TraceRecords.bareSpan(number).setName("GET /items/" + number));
        }

        assertThat(Encoding.dimensions(DimensionKind.OPERATION, Encoding.encode(record.build())))
                .hasSize(20_000);
    }

    @Test
    void whatIsKnownIsNotDescribed() throws Exception {
        byte[] record = TraceRecords.bytes(0, 400);
        EncodedRecord all = Encoding.encode(record);
        Set<String> known = all.dimensions().stream()
                .filter(dimension -> dimension.id() % 2 == 0)
                .map(Dimension::hash)
                .collect(Collectors.toSet());
        EncodedRecord rest = Encoding.encode(record, known::contains);

        assertThat(known).hasSizeBetween(1, all.dimensions().size() - 1);
        assertThat(rest.dimensions())
                .isEqualTo(all.dimensions().stream()
                        .filter(dimension -> !known.contains(dimension.hash()))
                        .toList());
        assertThat(new EncodedRows(rest).of(Table.SPANS_FACT)).isEqualTo(new EncodedRows(all).of(Table.SPANS_FACT));
    }

    @Test
    void whatIsKnownIsCheckedAllTheSame() {
        TracesData record = record(r -> withAttribute(
                r,
                attribute(
                        "known", AnyValue.newBuilder().setStringValueStrindex(5).build())));

        assertThatThrownBy(() -> Encoding.encode(record.toByteArray(), hash -> true))
                .isInstanceOf(RefusedRecordException.class);
    }

    private static Dimension resource(TracesData record) throws RefusedRecordException {
        return only(DimensionKind.RESOURCE, record);
    }

    private static Dimension scope(TracesData record) throws RefusedRecordException {
        return only(DimensionKind.SCOPE, record);
    }

    private static Dimension only(DimensionKind kind, TracesData record) throws RefusedRecordException {
        List<Dimension> found = Encoding.dimensions(kind, Encoding.encode(record));
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static TracesData record(UnaryOperator<ResourceSpans.Builder> change) {
        return TracesData.newBuilder()
                .addResourceSpans(change.apply(ALL_FIELDS.toBuilder()))
                .build();
    }

    private static ResourceSpans.Builder scopeSpans(
            ResourceSpans.Builder resourceSpans, UnaryOperator<ScopeSpans.Builder> change) {
        change.apply(resourceSpans.getScopeSpansBuilder(0));
        return resourceSpans;
    }

    private static ResourceSpans.Builder withAttribute(ResourceSpans.Builder resourceSpans, KeyValue attribute) {
        resourceSpans.getResourceBuilder().addAttributes(attribute);
        return resourceSpans;
    }
}
