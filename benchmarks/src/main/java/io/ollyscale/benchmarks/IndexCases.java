package io.ollyscale.benchmarks;

import io.ollyscale.schema.otlp.Signal;
import java.util.List;

/**
 * The variants of a signal's indexes, each of which differs from the set in one, and the queries that they are for.
 *
 * @param variants the first is the set itself
 */
record IndexCases(List<IndexVariant> variants, List<IndexQuery> queries) {

    static IndexCases of(Signal signal) {
        return switch (signal) {
            case LOGS -> logs();
            case METRICS -> metrics();
            case TRACES -> throw new IllegalArgumentException("there are no cases for traces");
        };
    }

    private static IndexCases logs() {
        String time = "coalesce(timestamp, observed_timestamp)";
        String last = "SELECT max(" + time + ")::timestamptz(0) FROM otel.logs_fact";
        String ids =
                "SELECT min(id), max(id) FROM (SELECT id FROM otel.logs_fact ORDER BY id OFFSET 10000 LIMIT %d) AS l";
        return new IndexCases(
                List.of(
                        IndexVariant.asTheyAre(),
                        IndexVariant.without("primary key", "^logs_fact$", "\\(id\\)"),
                        IndexVariant.instead(
                                "BRIN on id for primary key",
                                "^logs_fact$",
                                "\\(id\\)",
                                "CREATE INDEX ON otel.logs_fact USING brin (id)"),
                        IndexVariant.without("trace_id", "^logs_fact$", "trace_id"),
                        IndexVariant.without("(service_id, time)", "^logs_fact$", "service_id"),
                        IndexVariant.without("errors", "^logs_fact$", "severity_number"),
                        IndexVariant.without("BRIN on time", "^logs_fact$", "brin"),
                        IndexVariant.instead(
                                "BRIN on timestamp alone",
                                "^logs_fact$",
                                "brin",
                                "CREATE INDEX ON otel.logs_fact USING brin (timestamp)"),
                        IndexVariant.without("owner of attributes", "^log_attrs_", "\\(parent_id\\)"),
                        IndexVariant.without("(key_id, value)", "^log_attrs_", "\\(key_id, value\\)"),
                        IndexVariant.without("all of them", "^log", "."),
                        IndexVariant.with("B-tree on time", "CREATE INDEX ON otel.logs_fact ((" + time + "))"),
                        IndexVariant.with(
                                "(resource_id, time)",
                                "CREATE INDEX ON otel.logs_fact (resource_id, (" + time + ") DESC)"),
                        IndexVariant.with(
                                "GIN of words in bodies",
                                "CREATE INDEX ON otel.logs_fact USING gin (to_tsvector('simple', body_str))")),
                List.of(
                        new IndexQuery(
                                "a record by its id",
                                "SELECT id FROM otel.logs_fact ORDER BY id OFFSET 10000 LIMIT 1",
                                "SELECT * FROM otel.logs_fact WHERE id = %s"),
                        new IndexQuery(
                                "10,000 records by id, in its order",
                                String.format(ids, 10_000),
                                "SELECT * FROM otel.logs_fact WHERE id BETWEEN %s AND %s ORDER BY id"),
                        new IndexQuery(
                                "a trace",
                                "SELECT quote_literal(trace_id) FROM otel.logs_fact WHERE trace_id IS NOT NULL ORDER BY id"
                                        + " OFFSET 10000 LIMIT 1",
                                "SELECT * FROM otel.logs_fact WHERE trace_id = %s"),
                        new IndexQuery(
                                "the newest 100 of a service",
                                "SELECT min(service_id) FROM otel.logs_fact",
                                "SELECT * FROM otel.logs_fact WHERE service_id = %s ORDER BY " + time
                                        + " DESC LIMIT 100"),
                        new IndexQuery(
                                "the newest 100 of a resource",
                                "SELECT min(resource_id) FROM otel.logs_fact",
                                "SELECT * FROM otel.logs_fact WHERE resource_id = %s ORDER BY " + time
                                        + " DESC LIMIT 100"),
                        new IndexQuery(
                                "the newest 100 of all",
                                "SELECT 1",
                                "SELECT * FROM otel.logs_fact ORDER BY " + time + " DESC LIMIT 100"),
                        new IndexQuery(
                                "the newest 100 errors",
                                "SELECT 1",
                                "SELECT * FROM otel.logs_fact WHERE severity_number >= 17 ORDER BY " + time
                                        + " DESC LIMIT 100"),
                        new IndexQuery(
                                "errors of an hour by service",
                                last,
                                "SELECT service_id, count(*) FROM otel.logs_fact WHERE severity_number >= 17 AND "
                                        + time + " >= timestamptz '%s' - interval '1 hour' GROUP BY service_id"),
                        new IndexQuery(
                                "records of an hour by severity",
                                last,
                                "SELECT severity_number, count(*) FROM otel.logs_fact WHERE " + time
                                        + " >= timestamptz '%s' - interval '1 hour' GROUP BY severity_number"),
                        new IndexQuery(
                                "attributes of 500 records",
                                String.format(ids, 500).replace("min(id), max(id)", "string_agg(id::text, ',')"),
                                "SELECT * FROM otel.log_attrs_string WHERE parent_id IN (%s)"),
                        new IndexQuery(
                                "how many have status 500",
                                "SELECT otel.key_id('http.response.status_code', 'int')",
                                "SELECT count(*) FROM otel.log_attrs_int WHERE key_id = %s AND value = 500"),
                        new IndexQuery(
                                "the last 100 that arrived of status 500",
                                "SELECT otel.key_id('http.response.status_code', 'int')",
                                "SELECT l.* FROM otel.logs_fact AS l WHERE id IN (SELECT parent_id FROM otel.log_attrs_int"
                                        + " WHERE key_id = %s AND value = 500) ORDER BY id DESC LIMIT 100")));
    }

    private static IndexCases metrics() {
        String points = "^(number|histogram|exp_histogram|summary)_data_points$";
        String series = "SELECT series_id FROM otel.number_data_points ORDER BY id LIMIT 1";
        String last = "SELECT max(timestamp)::timestamptz(0) FROM otel.number_data_points";
        String ids =
                "SELECT min(id), max(id) FROM (SELECT id FROM otel.number_data_points ORDER BY id OFFSET 10000 LIMIT 10000) AS p";
        return new IndexCases(
                List.of(
                        IndexVariant.asTheyAre(),
                        IndexVariant.without("primary keys of points", points, "\\(id\\)"),
                        IndexVariant.instead(
                                "BRIN on id for primary keys of points",
                                points,
                                "\\(id\\)",
                                onPoints("USING brin (id)")),
                        IndexVariant.without("(series_id, timestamp)", points, "series_id"),
                        IndexVariant.instead(
                                "(series_id) for (series_id, timestamp)", points, "series_id", onPoints("(series_id)")),
                        IndexVariant.without("BRIN on timestamp", points, "brin"),
                        IndexVariant.without("exemplars' primary key", "^exemplars$", "\\(id\\)"),
                        IndexVariant.without("owner of exemplars", "^exemplars$", "\\(parent_id\\)"),
                        IndexVariant.without("trace_id of exemplars", "^exemplars$", "trace_id"),
                        IndexVariant.without("owner of quantiles", "^summary_quantiles$", "parent_id"),
                        IndexVariant.without("all of them", "^(exemplar|.*_data_points|summary_quantiles)", "."),
                        IndexVariant.with("B-tree on timestamp", onPoints("(timestamp)"))),
                List.of(
                        new IndexQuery(
                                "a point by its id",
                                "SELECT id FROM otel.number_data_points ORDER BY id OFFSET 10000 LIMIT 1",
                                "SELECT * FROM otel.number_data_points WHERE id = %s"),
                        new IndexQuery(
                                "10,000 points by id, in its order",
                                ids,
                                "SELECT * FROM otel.number_data_points WHERE id BETWEEN %s AND %s ORDER BY id"),
                        new IndexQuery(
                                "a series over an hour",
                                series.replace(" FROM", ", (" + last + ") FROM"),
                                "SELECT * FROM otel.number_data_points WHERE series_id = %s AND timestamp >="
                                        + " timestamptz '%s' - interval '1 hour'"),
                        new IndexQuery(
                                "a series over all of a day",
                                series,
                                "SELECT * FROM otel.number_data_points WHERE series_id = %s ORDER BY timestamp"),
                        new IndexQuery(
                                "a metric's 200 series over an hour",
                                "SELECT metric_id, (" + last + ") FROM otel.metric_series_dim WHERE series_id = ("
                                        + series + ")",
                                "SELECT series_id, date_trunc('minute', timestamp), sum(int_value) FROM"
                                        + " otel.number_data_points WHERE series_id IN (SELECT series_id FROM"
                                        + " otel.metric_series_dim WHERE metric_id = %s) AND timestamp >= timestamptz"
                                        + " '%s' - interval '1 hour' GROUP BY 1, 2"),
                        new IndexQuery(
                                "points of ten minutes",
                                last,
                                "SELECT count(*) FROM otel.number_data_points WHERE timestamp >= timestamptz '%s' -"
                                        + " interval '10 minutes'"),
                        new IndexQuery(
                                "exemplars of a trace",
                                "SELECT quote_literal(trace_id) FROM otel.exemplars ORDER BY id OFFSET 1000 LIMIT 1",
                                "SELECT * FROM otel.exemplars WHERE trace_id = %s"),
                        new IndexQuery(
                                "histogram points with exemplars of a trace",
                                "SELECT quote_literal(trace_id) FROM otel.exemplars ORDER BY id OFFSET 1000 LIMIT 1",
                                "SELECT * FROM otel.histogram_data_points WHERE id IN (SELECT parent_id FROM otel.exemplars"
                                        + " WHERE trace_id = %s)"),
                        new IndexQuery(
                                "exemplars of 500 points",
                                "SELECT string_agg(id::text, ',') FROM (SELECT id FROM otel.histogram_data_points ORDER BY id"
                                        + " OFFSET 5000 LIMIT 500) AS p",
                                "SELECT * FROM otel.exemplars WHERE parent_id IN (%s)"),
                        new IndexQuery(
                                "an exemplar by its id",
                                "SELECT id FROM otel.exemplars ORDER BY id OFFSET 1000 LIMIT 1",
                                "SELECT * FROM otel.exemplars WHERE id = %s"),
                        new IndexQuery(
                                "quantiles of 500 points",
                                "SELECT string_agg(id::text, ',') FROM (SELECT id FROM otel.summary_data_points ORDER BY id"
                                        + " OFFSET 1000 LIMIT 500) AS p",
                                "SELECT * FROM otel.summary_quantiles WHERE parent_id IN (%s)")));
    }

    private static String[] onPoints(String index) {
        return List.of("number", "histogram", "exp_histogram", "summary").stream()
                .map(type -> "CREATE INDEX ON otel." + type + "_data_points " + index)
                .toArray(String[]::new);
    }
}
