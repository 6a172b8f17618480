package io.ollyscale.functions.testing;

import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.MetricRecords;
import io.ollyscale.schema.testing.TraceRecords;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.IntFunction;

/**
 * How the tables differ from what was sent of one signal.
 *
 * @param missing numbers of spans, log records or data points that aren't stored
 * @param doubled numbers of those that are stored more than once
 * @param altered numbers of those that are stored with other content, or whose resource, scope, service, operation, metric or series
 *     isn't there with all its attributes; and of those that nobody sent
 * @param counts tables that hold other numbers of rows
 * @param quarantined records in quarantine
 * @param gaps offsets that were noted as lost, as {@code partition: from to reason}
 */
public record Findings(
        SortedSet<Integer> missing,
        SortedSet<Integer> doubled,
        SortedSet<Integer> altered,
        List<String> counts,
        List<String> quarantined,
        List<String> gaps) {

    public static final Findings NONE = none(List.of());

    /** Everything is stored once, but these gaps are noted. */
    public static Findings none(List<String> gaps) {
        return new Findings(new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), List.of(), List.of(), gaps);
    }

    /**
     * What was sent of a signal and must be stored.
     *
     * @param topic that it is read from
     * @param numbers of all units
     * @param records with all units, and nothing else
     * @param instance the {@code service.instance.id} of a number's resource
     */
    public record Sent(
            Signal signal,
            RecordEncoding encoding,
            String topic,
            SortedSet<Integer> numbers,
            List<byte[]> records,
            IntFunction<String> instance) {}

    /** The {@code service.instance.id} of a number's resource, as {@link TraceRecords} has it. */
    public static String instance(int number) {
        return "instance-" + service(number);
    }

    public static Findings of(Sent sent, Connection session) throws SQLException {
        Signal signal = sent.signal();
        SortedSet<Integer> missing = new TreeSet<>(sent.numbers());
        SortedSet<Integer> doubled = new TreeSet<>();
        SortedSet<Integer> altered = new TreeSet<>();
        Map<Integer, String> seen = new HashMap<>();
        for (String row : Rows.of(session, units(signal))) {
            int number = Integer.parseInt(row.substring(0, row.indexOf('|')));
            if (seen.put(number, row) != null) {
                doubled.add(number);
            }
            boolean wasSent = missing.remove(number) || doubled.contains(number);
            if (!wasSent || !row.equals(expected(sent, number))) {
                altered.add(number);
            }
        }
        return new Findings(
                missing,
                doubled,
                altered,
                counts(sent, session),
                Rows.of(
                        session,
                        "SELECT partition_id, record_offset, reason, detail FROM otel.quarantined_records"
                                + " WHERE signal = '" + signal + "' ORDER BY id"),
                Rows.of(
                        session,
                        "SELECT format('%s: %s %s %s', partition_id, from_offset, to_offset, reason)"
                                + " FROM otel.ingest_gaps WHERE topic = '" + sent.topic()
                                + "' ORDER BY partition_id, from_offset"));
    }

    /** Each unit with what it refers to, and that with all its attributes. */
    private static String units(Signal signal) {
        return """
                WITH resource AS MATERIALIZED (
                    SELECT r.resource_id, format('%%s %%s', r.service_name, a.attributes) AS described
                    FROM otel.resources_dim AS r LEFT JOIN (%2$s) AS a USING (resource_id)
                ), scope AS MATERIALIZED (
                    SELECT s.scope_id, format('%%s %%s', s.name, a.attributes) AS described
                    FROM otel.scopes_dim AS s LEFT JOIN (%3$s) AS a USING (scope_id)
                ), series AS MATERIALIZED (
                    SELECT s.series_id, format('%%s %%s', m.name, a.attributes) AS described
                    FROM otel.metric_series_dim AS s
                    JOIN otel.metrics_dim AS m USING (metric_id) LEFT JOIN (%4$s) AS a USING (series_id)
                )
                SELECT f.number, f.content, resource.described, scope.described, %5$s
                FROM (%1$s) AS f
                LEFT JOIN resource USING (resource_id)
                LEFT JOIN scope USING (scope_id)
                """.formatted(
                        StoredUnits.query(signal),
                        attributes("resource"),
                        attributes("scope"),
                        attributes("metric").replace("metric_id", "series_id"),
                        switch (signal) {
                            case TRACES ->
                                "(SELECT name FROM otel.service_dim AS d WHERE d.service_id = f.service_id),"
                                        + " (SELECT name FROM otel.operation_dim AS d WHERE d.operation_id = f.operation_id)";
                            case LOGS -> "(SELECT name FROM otel.service_dim AS d WHERE d.service_id = f.service_id)";
                            case METRICS -> "(SELECT described FROM series WHERE series.series_id = f.series_id)";
                        });
    }

    private static String attributes(String context) {
        return """
                SELECT %1$s_id, string_agg(key || '=' || coalesce(str_value, int_value::text, other_value::text), ' '
                    ORDER BY key COLLATE "C") AS attributes
                FROM otel.%1$s_attrs_unified GROUP BY 1""".formatted(context);
    }

    /** The row of {@link #units} that a number must have. */
    private static String expected(Sent sent, int number) {
        Signal signal = sent.signal();
        int service = service(number);
        int scope = number / 25 % TraceRecords.SCOPES;
        String resource = "service-%1$d deployment.environment.name=staging process.pid=100%1$d"
                + " service.instance.id=%2$s service.name=service-%1$d service.namespace=test service.version=1.%1$d";
        return String.join(
                "|",
                Integer.toString(number),
                StoredUnits.content(signal, number),
                resource.formatted(service, sent.instance().apply(number)),
                "io.ollyscale.test.%1$d test.scope=%1$d".formatted(scope),
                switch (signal) {
                    case TRACES ->
                        "service-" + service + "|" + TraceRecords.span(number).getName();
                    case LOGS -> "service-" + service;
                    case METRICS ->
                        MetricRecords.metric(number).getName() + " http.route=/items/{id} " + MetricRecords.SHARD + "="
                                + number % 5 + " test.tags=[\"a\", 1]";
                });
    }

    private static int service(int number) {
        return number / 100 % TraceRecords.SERVICES;
    }

    /** Where tables have other numbers of rows than the decoder made of the records. */
    private static List<String> counts(Sent sent, Connection session) throws SQLException {
        Map<String, Long> expected = RowCounts.decoded(sent.signal(), sent.encoding(), sent.records());
        List<String> differences = new ArrayList<>();
        RowCounts.stored(session, sent.signal()).forEach((table, rows) -> {
            if (!rows.equals(expected.get(table))) {
                differences.add(table + " has " + rows + " rows, sent were " + expected.get(table));
            }
        });
        return differences;
    }

    /** Ranges instead of numbers: they are many. */
    @Override
    public String toString() {
        return "missing " + ranges(missing) + ", doubled " + ranges(doubled) + ", altered " + ranges(altered)
                + ", counts " + counts + ", quarantined " + quarantined + ", gaps " + gaps;
    }

    /** Consecutive numbers as ranges. */
    public static List<String> ranges(SortedSet<Integer> numbers) {
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
