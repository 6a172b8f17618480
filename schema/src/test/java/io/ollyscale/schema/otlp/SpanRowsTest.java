package io.ollyscale.schema.otlp;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static io.ollyscale.schema.testing.TraceRecords.bareSpan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.identity.ServiceIdentity;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.CopyTuples;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.OddSpan;
import io.ollyscale.schema.testing.TraceCounts;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpanRowsTest {

    @Test
    void putsEachFieldInItsColumn() throws Exception {
        TracesData record = TraceRecords.allFields();
        Span span = record.getResourceSpans(0).getScopeSpans(0).getSpans(0);
        EncodedRecord encoded = Encoding.encode(record);
        EncodedRows rows = new EncodedRows(encoded);
        long start = span.getStartTimeUnixNano();
        ServiceIdentity service = new ServiceIdentity("service-0", "test", "staging", "1.0");
        long serviceId = service.hash().id();

        Map<String, Object> row = new LinkedHashMap<>(rows.of(Table.SPANS_FACT).get(0));
        assertThat(row.remove("attributes_other")).isNotNull();
        assertThat(row)
                .isEqualTo(Map.ofEntries(
                        Map.entry("id", 0L),
                        Map.entry(
                                "resource_id",
                                Encoding.dimensions(DimensionKind.RESOURCE, encoded)
                                        .get(0)
                                        .id()),
                        Map.entry(
                                "scope_id",
                                Encoding.dimensions(DimensionKind.SCOPE, encoded)
                                        .get(0)
                                        .id()),
                        Map.entry("service_id", serviceId),
                        Map.entry(
                                "operation_id",
                                ServiceIdentity.operationHash(serviceId, span.getName(), span.getKindValue())
                                        .id()),
                        Map.entry("start_timestamp", start / 1000),
                        Map.entry("start_nanos_fraction", (short) (start % 1000)),
                        Map.entry("duration_ns", span.getEndTimeUnixNano() - start),
                        Map.entry("trace_id", span.getTraceId()),
                        Map.entry("span_id", span.getSpanId()),
                        Map.entry("parent_span_id", span.getParentSpanId()),
                        Map.entry("trace_state", "a=b"),
                        Map.entry("name", span.getName()),
                        Map.entry("kind", span.getKindValue()),
                        Map.entry("flags", 0x101),
                        Map.entry("status_code", 1),
                        Map.entry("status_message", "fine"),
                        Map.entry("dropped_attributes_count", 11),
                        Map.entry("dropped_events_count", 13),
                        Map.entry("dropped_links_count", 15)));

        Map<String, Object> event = new LinkedHashMap<>(rows.only(Table.SPAN_EVENTS));
        assertThat(event.remove("attributes_other")).isNotNull();
        assertThat(event)
                .isEqualTo(Map.of(
                        "id",
                        1L,
                        "parent_id",
                        0L,
                        "timestamp",
                        (start + 17) / 1000,
                        "nanos_fraction",
                        (short) ((start + 17) % 1000),
                        "name",
                        "event",
                        "dropped_attributes_count",
                        12));

        Map<String, Object> link = new LinkedHashMap<>(rows.only(Table.SPAN_LINKS));
        assertThat(link.remove("attributes_other")).isNotNull();
        assertThat(link)
                .isEqualTo(Map.of(
                        "id",
                        2L,
                        "parent_id",
                        0L,
                        "linked_trace_id",
                        TraceRecords.traceId(9),
                        "linked_span_id",
                        TraceRecords.spanId(9),
                        "trace_state",
                        "c=d",
                        "flags",
                        0x301,
                        "dropped_attributes_count",
                        14));
    }

    @ParameterizedTest(name = "start {0}, end {1}")
    @MethodSource
    void timesAreStoredAsTheyCame(long start, long end, Long micros, Short fraction, long duration) throws Exception {
        Map<String, Object> row = row(bareSpan(1).setStartTimeUnixNano(start).setEndTimeUnixNano(end));

        assertThat(row)
                .containsEntry("start_timestamp", micros)
                .containsEntry("start_nanos_fraction", fraction)
                .containsEntry("duration_ns", duration);
    }

    static List<Arguments> timesAreStoredAsTheyCame() {
        return List.of(
                arguments(0, 0, null, null, 0),
                arguments(0, 5, null, null, 5),
                arguments(0, -1, null, null, -1),
                arguments(5_001, 0, 5L, (short) 1, -5_001),
                arguments(1_999, 999, 1L, (short) 999, -1_000),
                arguments(1, 1, 0L, (short) 1, 0),
                arguments(-1, -1, 18_446_744_073_709_551L, (short) 615, 0),
                arguments(-1, 1, 18_446_744_073_709_551L, (short) 615, 2),
                arguments(1, -1, 0L, (short) 1, -2),
                arguments(Long.MIN_VALUE, Long.MAX_VALUE, 9_223_372_036_854_775L, (short) 808, -1));
    }

    @Test
    void timesOfEventsAreStoredAsTheyCame() throws Exception {
        Span.Builder span = bareSpan(1);
        for (long time : new long[] {0, 1_999, -1}) {
            span.addEventsBuilder().setTimeUnixNano(time);
        }

        assertThat(Encoding.rows(TraceRecords.of(span)).of(Table.SPAN_EVENTS))
                .extracting(row -> Arrays.asList(row.get("timestamp"), row.get("nanos_fraction")))
                .containsExactly(
                        Arrays.asList(null, null), List.of(1L, (short) 999), List.of(18_446_744_073_709_551L, (short)
                                615));
    }

    @Test
    void anAbsentStatusIsNotAnEmptyOne() throws Exception {
        assertThat(row(bareSpan(1))).containsEntry("status_code", null).containsEntry("status_message", null);
        assertThat(row(bareSpan(1).setStatus(Status.getDefaultInstance())))
                .containsEntry("status_code", 0)
                .containsEntry("status_message", "");
        assertThat(row(bareSpan(1).setStatus(Status.newBuilder().setCodeValue(2).setMessage("failed"))))
                .containsEntry("status_code", 2)
                .containsEntry("status_message", "failed");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 99, 0})
    void enumsFlagsAndCountsAreNeverTrusted(int number) throws Exception {
        Span.Builder span = bareSpan(1)
                .setKindValue(number)
                .setStatus(Status.newBuilder().setCodeValue(number))
                .setFlags(number)
                .setDroppedAttributesCount(number)
                .setDroppedEventsCount(number)
                .setDroppedLinksCount(number);
        span.addEventsBuilder().setDroppedAttributesCount(number);
        span.addLinksBuilder().setDroppedAttributesCount(number).setFlags(number);
        EncodedRows rows = Encoding.rows(TraceRecords.of(span));

        assertThat(rows.only(Table.SPANS_FACT))
                .containsEntry("kind", number)
                .containsEntry("status_code", number)
                .containsEntry("flags", number)
                .containsEntry("dropped_attributes_count", number)
                .containsEntry("dropped_events_count", number)
                .containsEntry("dropped_links_count", number);
        assertThat(rows.only(Table.SPAN_EVENTS)).containsEntry("dropped_attributes_count", number);
        assertThat(rows.only(Table.SPAN_LINKS))
                .containsEntry("dropped_attributes_count", number)
                .containsEntry("flags", number);
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 1, 3, 8, 16, 32})
    void idsOfAnyLengthUpTo32BytesAreStored(int size) throws Exception {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) -1);
        ByteString id = ByteString.copyFrom(bytes);
        ByteString stored = size == 0 ? null : id;
        Span.Builder span = bareSpan(1).setTraceId(id).setSpanId(id).setParentSpanId(id);
        span.addLinksBuilder().setTraceId(id).setSpanId(id);
        EncodedRows rows = Encoding.rows(TraceRecords.of(span));

        assertThat(rows.only(Table.SPANS_FACT))
                .containsEntry("trace_id", stored)
                .containsEntry("span_id", stored)
                .containsEntry("parent_span_id", stored);
        assertThat(rows.only(Table.SPAN_LINKS))
                .containsEntry("linked_trace_id", stored)
                .containsEntry("linked_span_id", stored);
    }

    @ParameterizedTest
    @EnumSource(OddSpan.class)
    void oddSpansAreStored(OddSpan kind) throws Exception {
        Span.Builder span = kind.span(7);
        EncodedRows rows = Encoding.rows(TraceRecords.of(bareSpan(6), span, bareSpan(8)));

        assertThat(rows.of(Table.SPANS_FACT)).hasSize(3);
        assertThat(rows.of(Table.SPAN_ATTRS_INT))
                .filteredOn(row -> row.get("key_id").equals(Encoding.keyId(TraceRecords.NUMBER)))
                .extracting(row -> row.get("value"))
                .containsExactly(6L, 7L, 8L);
        CatchAllReader.read((String) rows.of(Table.SPANS_FACT).get(1).get("attributes_other"));
    }

    @Test
    void aRecordThatHoldsNothingIsValid() throws Exception {
        assertThat(Encoding.encode(new byte[0])).usingRecursiveComparison().isEqualTo(EncodedRecord.EMPTY);
    }

    @Test
    void envelopesWithoutSpansCarryNothing() throws Exception {
        TracesData spans = TraceRecords.of(bareSpan(1));
        TracesData withEnvelopes = TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder())
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(TraceRecords.resource(3))
                        .addScopeSpans(ScopeSpans.newBuilder()))
                .addResourceSpans(spans.getResourceSpans(0).toBuilder()
                        .addScopeSpans(0, ScopeSpans.newBuilder().setScope(TraceRecords.scope(2)))
                        .addScopeSpans(ScopeSpans.newBuilder().setScope(TraceRecords.scope(1))))
                .build();

        assertThat(Encoding.rows(withEnvelopes)).isEqualTo(Encoding.rows(spans));
        assertThat(Encoding.encode(withEnvelopes).dimensions())
                .usingRecursiveComparison()
                .isEqualTo(Encoding.encode(spans).dimensions());
        assertThat(Encoding.encode(withEnvelopes).emptyEnvelopes()).isEqualTo(5);
    }

    @Test
    void storesEverySpanEventLinkAndAttribute() throws Exception {
        TracesData record = TraceRecords.numbered(1_000, 5_000);
        EncodedRecord encoded = Encoding.encode(record);
        EncodedRows rows = new EncodedRows(encoded);
        TraceCounts counts = TraceCounts.of(record);

        assertThat(encoded.units()).isEqualTo(5_000);
        assertThat(rows.of(Table.SPANS_FACT)).hasSize((int) counts.spans());
        assertThat(rows.of(Table.SPAN_EVENTS)).hasSize((int) counts.events());
        assertThat(rows.of(Table.SPAN_LINKS)).hasSize((int) counts.links());
        assertThat(attributes(rows, Table.SPANS_FACT)).isEqualTo(counts.attributes(AttributeContext.SPAN));
        assertThat(attributes(rows, Table.SPAN_EVENTS)).isEqualTo(counts.attributes(AttributeContext.EVENT));
        assertThat(attributes(rows, Table.SPAN_LINKS)).isEqualTo(counts.attributes(AttributeContext.LINK));
        assertThat(Encoding.dimensions(DimensionKind.RESOURCE, encoded)).hasSize(TraceRecords.SERVICES);
        assertThat(Encoding.dimensions(DimensionKind.SCOPE, encoded)).hasSize(TraceRecords.SCOPES);
        assertThat(encoded.dimensions()).extracting(Dimension::id).doesNotHaveDuplicates();
    }

    /** What the halving of a refused record rests on. */
    @Test
    void allRowsOfASpanHaveIdsOfItsRange() throws Exception {
        EncodedRecord encoded = Encoding.encode(TraceRecords.numbered(0, 3_000));
        EncodedRows all = new EncodedRows(encoded);
        int[] units = {0, 1, 20, 21, 1_499, 2_999};

        for (int unit : units) {
            int from = encoded.unitStarts()[unit];
            int to = encoded.unitEnd(unit);
            for (Table table : Table.values()) {
                List<Map<String, Object>> sliced = new ArrayList<>();
                for (CopyChunk chunk : encoded.chunks()) {
                    if (chunk.table() == table) {
                        sliced.addAll(CopyTuples.read(table, chunk.bytes(), chunk.offsetOf(from), chunk.offsetOf(to)));
                    }
                }
                assertThat(sliced)
                        .as("%s of span %d", table, unit)
                        .isEqualTo(all.of(table).stream()
                                .filter(row -> isOf(table, row, from, to))
                                .toList());
            }
            Map<String, Object> span = all.of(Table.SPANS_FACT).get(unit);
            assertThat(span).containsEntry("id", (long) from).containsEntry("span_id", TraceRecords.spanId(unit));
            assertThat(to - from).isEqualTo(1 + (unit % 20 == 0 ? 2 : 0) + (unit % 10 == 0 ? 1 : 0));
        }
        assertThat(encoded.unitEnd(2_999)).isEqualTo(encoded.rowIds());
    }

    @Test
    void eventsAndLinksKeepTheirOrder() throws Exception {
        Span.Builder span = bareSpan(1);
        for (int i = 0; i < 300; i++) {
            span.addEventsBuilder().setName("event " + i).addAttributes(attribute("test.attempt", i));
            span.addLinksBuilder().setTraceState("link " + i);
        }
        EncodedRows rows = Encoding.rows(TraceRecords.of(bareSpan(0), span));

        for (int i = 0; i < 300; i++) {
            assertThat(rows.of(Table.SPAN_EVENTS).get(i))
                    .containsEntry("id", 2L + i)
                    .containsEntry("parent_id", 1L)
                    .containsEntry("name", "event " + i);
            assertThat(rows.of(Table.SPAN_EVENT_ATTRS_INT).get(i))
                    .containsEntry("parent_id", 2L + i)
                    .containsEntry("value", (long) i);
            assertThat(rows.of(Table.SPAN_LINKS).get(i))
                    .containsEntry("id", 302L + i)
                    .containsEntry("parent_id", 1L)
                    .containsEntry("trace_state", "link " + i);
        }
    }

    private static Map<String, Object> row(Span.Builder span) throws RefusedRecordException {
        return Encoding.rows(TraceRecords.of(span)).only(Table.SPANS_FACT);
    }

    private static boolean isOf(Table table, Map<String, Object> row, int from, int to) {
        long id = (long) row.get(table.columns().get(0).name());
        return id >= from && id < to;
    }

    /** Attributes of a fact table's rows: the catch-all's and those of the five tables behind it in the catalogue. */
    private static long attributes(EncodedRows rows, Table fact) {
        long count = rows.of(fact).stream()
                .mapToLong(row -> CatchAllReader.attributes((String) row.get("attributes_other"))
                        .size())
                .sum();
        for (int i = 1; i <= 5; i++) {
            count += rows.of(Table.values()[fact.ordinal() + i]).size();
        }
        return count;
    }
}
