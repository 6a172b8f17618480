package io.ollyscale.faults.fuzz;

import static io.ollyscale.faults.fuzz.RecordProperties.require;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.otlp.CatchAllReader;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.tables.Column;
import io.ollyscale.schema.tables.ColumnType;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.CopyTuples;
import io.ollyscale.schema.testing.OtlpValues;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rows of a record, read as PostgreSQL would; an AssertionError for what isn't as it must be. */
final class CheckedRows {
    private static final Map<Signal, Set<Table>> FACTS = Map.of(
            Signal.TRACES,
            Set.of(Table.SPANS_FACT),
            Signal.LOGS,
            Set.of(Table.LOGS_FACT),
            Signal.METRICS,
            Set.of(
                    Table.NUMBER_DATA_POINTS,
                    Table.HISTOGRAM_DATA_POINTS,
                    Table.EXP_HISTOGRAM_DATA_POINTS,
                    Table.SUMMARY_DATA_POINTS));

    private final Map<Table, List<Map<String, Object>>> rows = new EnumMap<>(Table.class);

    private CheckedRows() {}

    /** Stamps the record's row ids with themselves. */
    static CheckedRows of(Signal signal, EncodedRecord encoded) {
        checkUnits(encoded);
        CopyTuples.stampRelative(encoded.chunks(), encoded.rowIds());
        CheckedRows read = new CheckedRows();
        for (CopyChunk chunk : encoded.chunks()) {
            List<Map<String, Object>> ofChunk;
            try {
                ofChunk = CopyTuples.read(chunk.table(), chunk.bytes(), 0, chunk.length());
            } catch (RuntimeException e) {
                throw new AssertionError("broken tuples of " + chunk.table(), e);
            }
            require(
                    ofChunk.size() == chunk.rows() && chunk.rows() > 0,
                    "a chunk of %s has %s rows, not %s",
                    chunk.table(),
                    ofChunk.size(),
                    chunk.rows());
            int ids = chunk.rows() * chunk.table().idColumns();
            require(
                    chunk.idPositions().length == ids && chunk.relativeIds().length == ids,
                    "%s rows of %s have %s row ids",
                    chunk.rows(),
                    chunk.table(),
                    chunk.idPositions().length);
            read.rows.computeIfAbsent(chunk.table(), table -> new ArrayList<>()).addAll(ofChunk);
        }
        read.checkIds(signal, encoded);
        read.checkJson();
        return read;
    }

    private static void checkUnits(EncodedRecord encoded) {
        int before = -1;
        for (int start : encoded.unitStarts()) {
            require(start > before && start < encoded.rowIds(), "units begin at %s, then at %s", before, start);
            before = start;
        }
        require(
                encoded.units() == 0 ? encoded.rowIds() == 0 : encoded.unitStarts()[0] == 0,
                "%s row ids of %s units",
                encoded.rowIds(),
                encoded.units());
    }

    /** Each id is one row's, a unit's first is its fact's, and what belongs to a row belongs to one of the same unit. */
    private void checkIds(Signal signal, EncodedRecord encoded) {
        BitSet taken = new BitSet();
        BitSet facts = new BitSet();
        rows.forEach((table, ofTable) -> {
            boolean own = table.columns().get(0).name().equals("id");
            long before = -1;
            for (Map<String, Object> row : ofTable) {
                long id = (long) row.get(own ? "id" : "parent_id");
                require(id >= before && id < encoded.rowIds(), "%s has the id %s after %s", table, id, before);
                before = id;
                if (own) {
                    require(!taken.get((int) id), "%s has an id of another row: %s", table, id);
                    taken.set((int) id);
                }
                if (own && row.get("parent_id") instanceof Long parent) {
                    int unit = unitOf(encoded, (int) id);
                    require(
                            parent >= encoded.unitStarts()[unit] && parent < id,
                            "%s %s belongs to %s, which isn't of its unit",
                            table,
                            id,
                            parent);
                }
                if (FACTS.get(signal).contains(table)) {
                    facts.set((int) id);
                }
            }
        });
        require(
                taken.cardinality() == encoded.rowIds(),
                "%s of %s row ids are used",
                taken.cardinality(),
                encoded.rowIds());
        require(
                facts.stream()
                        .boxed()
                        .toList()
                        .equals(Arrays.stream(encoded.unitStarts()).boxed().toList()),
                "the units' ids aren't their facts'");
        rows.forEach((table, ofTable) -> {
            if (!table.columns().get(0).name().equals("id")) {
                ofTable.forEach(row ->
                        require(taken.get((int) (long) row.get("parent_id")), "a row of %s belongs to none", table));
            }
        });
    }

    private static int unitOf(EncodedRecord encoded, int id) {
        int found = Arrays.binarySearch(encoded.unitStarts(), id);
        return found >= 0 ? found : -found - 2;
    }

    private void checkJson() {
        rows.forEach((table, ofTable) -> {
            for (Column column : table.columns()) {
                if (column.type() != ColumnType.JSONB) {
                    continue;
                }
                for (Map<String, Object> row : ofTable) {
                    String json = (String) row.get(column.name());
                    if (json != null) {
                        JsonbText.check(table + "." + column.name(), json);
                    }
                }
            }
        });
    }

    private List<Map<String, Object>> rows(Table table) {
        return rows.getOrDefault(table, List.of());
    }

    /**
     * That the attributes of facts can be rebuilt from their rows, all of them and as they were; order aside, as OTLP has it.
     *
     * @param units of the message
     */
    void checkAttributes(List<Message> units, AttributePolicy policy) {
        List<List<KeyValue>> spans = new ArrayList<>();
        List<List<KeyValue>> events = new ArrayList<>();
        List<List<KeyValue>> links = new ArrayList<>();
        List<List<KeyValue>> logs = new ArrayList<>();
        List<List<KeyValue>> exemplars = new ArrayList<>();
        for (Message unit : units) {
            if (unit instanceof Span span) {
                spans.add(span.getAttributesList());
                span.getEventsList().forEach(event -> events.add(event.getAttributesList()));
                span.getLinksList().forEach(link -> links.add(link.getAttributesList()));
            } else if (unit instanceof LogRecord log) {
                logs.add(log.getAttributesList());
            } else {
                exemplars(unit).forEach(exemplar -> exemplars.add(exemplar.getFilteredAttributesList()));
            }
        }
        checkAttributes(AttributeContext.SPAN, Table.SPANS_FACT, Table.SPAN_ATTRS_STRING, spans, policy);
        checkAttributes(AttributeContext.EVENT, Table.SPAN_EVENTS, Table.SPAN_EVENT_ATTRS_STRING, events, policy);
        checkAttributes(AttributeContext.LINK, Table.SPAN_LINKS, Table.SPAN_LINK_ATTRS_STRING, links, policy);
        checkAttributes(AttributeContext.LOG, Table.LOGS_FACT, Table.LOG_ATTRS_STRING, logs, policy);
        checkAttributes(AttributeContext.EXEMPLAR, Table.EXEMPLARS, Table.EXEMPLAR_ATTRS_STRING, exemplars, policy);
    }

    private static List<Exemplar> exemplars(Message point) {
        if (point instanceof NumberDataPoint number) {
            return number.getExemplarsList();
        } else if (point instanceof HistogramDataPoint histogram) {
            return histogram.getExemplarsList();
        } else if (point instanceof ExponentialHistogramDataPoint histogram) {
            return histogram.getExemplarsList();
        }
        return List.of();
    }

    /** @param strings the first of the context's five typed tables, which follow one another in the catalogue */
    private void checkAttributes(
            AttributeContext context,
            Table owners,
            Table strings,
            List<List<KeyValue>> expected,
            AttributePolicy policy) {
        require(
                rows(owners).size() == expected.size(),
                "%s rows of %s, not %s",
                rows(owners).size(),
                owners,
                expected.size());
        Map<Integer, String> keys = new HashMap<>();
        for (PromotedKey key : policy.of(context).promoted().values()) {
            keys.put(key.keyId(), key.key());
        }
        Map<Long, List<KeyValue>> typed = new HashMap<>();
        for (int i = 0; i < 5; i++) {
            for (Map<String, Object> row : rows(Table.values()[strings.ordinal() + i])) {
                Object value = row.get("value");
                typed.computeIfAbsent((long) row.get("parent_id"), id -> new ArrayList<>())
                        .add(OtlpValues.attribute(
                                keys.get((int) row.get("key_id")),
                                value instanceof ByteString bytes ? bytes.toByteArray() : value));
            }
        }
        for (int i = 0; i < expected.size(); i++) {
            Map<String, Object> row = rows(owners).get(i);
            List<KeyValue> stored = new ArrayList<>(typed.getOrDefault((long) row.get("id"), List.of()));
            stored.addAll(CatchAllReader.attributes((String) row.get("attributes_other")));
            List<KeyValue> sent = expected.get(i).stream()
                    .filter(attribute -> !policy.of(context).dropped().contains(attribute.getKey()))
                    .toList();
            require(
                    sorted(stored).equals(sorted(sent)),
                    "attributes of %s %s are stored as %s, and were %s",
                    owners,
                    i,
                    stored,
                    sent);
        }
    }

    /** As bytes, so that a NaN is one of its bits; those of one key stay in their order. */
    private static List<ByteString> sorted(List<KeyValue> attributes) {
        return attributes.stream()
                .sorted(Comparator.comparing(KeyValue::getKey))
                .map(KeyValue::toByteString)
                .toList();
    }
}
