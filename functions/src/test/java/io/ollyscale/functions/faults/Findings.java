package io.ollyscale.functions.faults;

import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.testing.TraceCounts;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.Span;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How the tables differ from what was sent.
 *
 * @param missing numbers of spans that aren't stored
 * @param doubled numbers of spans that are stored more than once
 * @param altered numbers of spans that are stored with other ids, another name, resource, scope, service or operation, or with other numbers of
 *     events, links or attributes; and of those that nobody sent
 * @param counts tables that hold other numbers of rows or attributes by type
 * @param quarantined records in quarantine
 * @param gaps offsets that were noted as lost, as {@code partition: from to reason}
 */
record Findings(
        SortedSet<Integer> missing,
        SortedSet<Integer> doubled,
        SortedSet<Integer> altered,
        List<String> counts,
        List<String> quarantined,
        List<String> gaps) {

    static final Findings NONE = none(List.of());

    private static final Map<AttributeContext, String> VIEWS = Map.of(
            AttributeContext.SPAN, "span",
            AttributeContext.EVENT, "span_event",
            AttributeContext.LINK, "span_link");

    /** Everything is stored once, but these gaps are noted. */
    static Findings none(List<String> gaps) {
        return new Findings(new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), List.of(), List.of(), gaps);
    }

    static Findings of(NumberedSpans sent, TestStore store) throws SQLException {
        SortedSet<Integer> missing = new TreeSet<>(sent.numbers());
        SortedSet<Integer> doubled = new TreeSet<>();
        SortedSet<Integer> altered = new TreeSet<>();
        Map<Integer, String> seen = new HashMap<>();
        for (String row : store.query(SPANS)) {
            int number = Integer.parseInt(row.substring(0, row.indexOf('|')));
            if (seen.put(number, row) != null) {
                doubled.add(number);
            }
            if (!row.equals(expected(number)) || !(missing.remove(number) || doubled.contains(number))) {
                altered.add(number);
            }
        }
        return new Findings(
                missing,
                doubled,
                altered,
                counts(sent.counts(), store),
                store.query(
                        "SELECT partition_id, record_offset, reason, detail FROM otel.quarantined_records ORDER BY id"),
                store.query("SELECT format('%s: %s %s %s', partition_id, from_offset, to_offset, reason)"
                        + " FROM otel.ingest_gaps ORDER BY partition_id, from_offset"));
    }

    private static final String SPANS = """
            SELECT n.value, encode(s.trace_id, 'hex'), encode(s.span_id, 'hex'), s.name, r.service_name, c.name, v.name, o.name,
                coalesce(e.events, 0), coalesce(l.links, 0), a.attributes
            FROM otel.spans_fact AS s
            LEFT JOIN otel.span_attrs_int AS n
                ON n.parent_id = s.id AND n.key_id = (SELECT key_id FROM otel.attribute_keys WHERE key = '%s' AND value_type = 'int')
            LEFT JOIN otel.resources_dim AS r USING (resource_id)
            LEFT JOIN otel.scopes_dim AS c USING (scope_id)
            LEFT JOIN otel.service_dim AS v ON v.service_id = s.service_id
            LEFT JOIN otel.operation_dim AS o USING (operation_id)
            LEFT JOIN (SELECT parent_id, count(*) AS events FROM otel.span_events GROUP BY 1) AS e ON e.parent_id = s.id
            LEFT JOIN (SELECT parent_id, count(*) AS links FROM otel.span_links GROUP BY 1) AS l ON l.parent_id = s.id
            LEFT JOIN (SELECT parent_id, count(*) AS attributes FROM otel.span_attrs_unified GROUP BY 1) AS a ON a.parent_id = s.id
            """.formatted(TraceRecords.NUMBER);

    /** The row of {@link #SPANS} that a number must have. */
    private static String expected(int number) {
        Span span = TraceRecords.span(number).build();
        HexFormat hex = HexFormat.of();
        return String.join(
                "|",
                Integer.toString(number),
                hex.formatHex(span.getTraceId().toByteArray()),
                hex.formatHex(span.getSpanId().toByteArray()),
                span.getName(),
                "service-" + number / 100 % TraceRecords.SERVICES,
                "io.ollyscale.test." + number / 25 % TraceRecords.SCOPES,
                "service-" + number / 100 % TraceRecords.SERVICES,
                span.getName(),
                Integer.toString(span.getEventsCount()),
                Integer.toString(span.getLinksCount()),
                Integer.toString(span.getAttributesCount()));
    }

    private static List<String> counts(TraceCounts expected, TestStore store) throws SQLException {
        Map<AttributeContext, Map<String, Long>> attributes = new EnumMap<>(AttributeContext.class);
        for (Map.Entry<AttributeContext, String> view : VIEWS.entrySet()) {
            Map<String, Long> byType = new TreeMap<>();
            for (String row : store.query(
                    "SELECT type, count(*) FROM otel." + view.getValue() + "_attrs_unified GROUP BY type")) {
                String[] columns = row.split("\\|");
                byType.put(columns[0], Long.valueOf(columns[1]));
            }
            if (!byType.isEmpty()) {
                attributes.put(view.getKey(), byType);
            }
        }
        TraceCounts stored = new TraceCounts(
                count("spans_fact", store), count("span_events", store), count("span_links", store), attributes);
        List<String> differences = new ArrayList<>();
        if (!stored.equals(expected)) {
            differences.add("stored " + stored + ", sent " + expected);
        }
        return differences;
    }

    private static long count(String table, TestStore store) throws SQLException {
        return Long.parseLong(store.query("SELECT count(*) FROM otel." + table).get(0));
    }

    /** Ranges instead of numbers: they are many. */
    @Override
    public String toString() {
        return "missing " + ranges(missing) + ", doubled " + ranges(doubled) + ", altered " + ranges(altered)
                + ", counts " + counts + ", quarantined " + quarantined + ", gaps " + gaps;
    }

    private static List<String> ranges(SortedSet<Integer> numbers) {
        List<String> ranges = new ArrayList<>();
        List<Integer> sorted = new ArrayList<>(numbers);
        sorted.sort(Comparator.naturalOrder());
        int from = 0;
        for (int i = 1; i <= sorted.size(); i++) {
            if (i == sorted.size() || sorted.get(i) != sorted.get(i - 1) + 1) {
                ranges.add(sorted.get(from) + "–" + sorted.get(i - 1));
                from = i;
            }
        }
        return ranges;
    }
}
