package io.ollyscale.sql;

import java.util.List;
import java.util.Locale;

/** What attributes describe, by the contexts of the policy files, with the least that a row of its table needs. */
enum AttributeOwners {
    RESOURCE("resource", "resources_dim", "resource_id"),
    SCOPE("scope", "scopes_dim", "scope_id"),
    METRIC("metric", "metric_series_dim", "series_id"),
    SPAN("span", "spans_fact", "parent_id"),
    EVENT("span_event", "span_events", "parent_id"),
    LINK("span_link", "span_links", "parent_id"),
    LOG("log", "logs_fact", "parent_id"),
    EXEMPLAR("exemplar", "exemplars", "parent_id");

    private final String tables;
    private final String table;
    private final String ownerColumn;

    AttributeOwners(String tables, String table, String ownerColumn) {
        this.tables = tables;
        this.table = table;
        this.ownerColumn = ownerColumn;
    }

    /** As the policy files call it. */
    String context() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A typed table. */
    String typed(String type) {
        return "otel." + tables + "_attrs_" + type;
    }

    /** The table whose rows they are, and its key. */
    String table() {
        return "otel." + table;
    }

    String id() {
        return ownerColumn.equals("parent_id") ? "id" : ownerColumn;
    }

    /** Deletes all, with their attributes. */
    String delete() {
        String deletes = "DELETE FROM " + table();
        // Those of dimensions go with them.
        if (ownerColumn.equals("parent_id")) {
            for (String type : List.of("string", "int", "double", "bool", "bytes")) {
                deletes += "; DELETE FROM " + typed(type);
            }
        }
        return deletes;
    }

    /** All attributes, to the bits of doubles. */
    String unified() {
        return "SELECT " + ownerColumn
                + ", key, type, str_value, int_value, encode(float8send(double_value), 'hex'), bool_value, bytes_value, other_value "
                + "FROM otel." + tables + "_attrs_unified ORDER BY 1, 2, 3";
    }

    /** All catch-alls, to the scale of numbers. */
    String catchAll() {
        return "SELECT " + ownerColumn + ", attributes::text FROM otel." + tables + "_attrs_other ORDER BY 1";
    }

    /** Inserts an owner with each of the catch-alls that a query gives as (n bigint, catch_all jsonb); n is added to the second of now. */
    String insert(String catchAlls) {
        return switch (this) {
            case RESOURCE ->
                insertDimension(
                        "resource",
                        "{\"present\": true, \"service_id\": 6, \"schema_url\": \"\", \"dropped_attributes_count\": 0, "
                                + "\"policy_dropped_count\": 0, \"policy_version\": 1}",
                        catchAlls);
            case SCOPE ->
                insertDimension(
                        "scope",
                        "{\"present\": true, \"name\": \"\", \"version\": \"\", \"schema_url\": \"\", "
                                + "\"dropped_attributes_count\": 0, \"policy_version\": 1}",
                        catchAlls);
            case METRIC ->
                insertDimension(
                        "series",
                        "{\"metric_id\": 1, \"resource_id\": 1, \"scope_id\": 1, \"policy_dropped_count\": 0, \"policy_version\": 1}",
                        catchAlls);
            case SPAN ->
                insertFact(
                        "resource_id, scope_id, service_id, operation_id, duration_ns, trace_state, name, kind, flags, "
                                + "dropped_attributes_count, dropped_events_count, dropped_links_count",
                        "1, 1, 1, 1, 1, '', '', 2, 0, 0, 0, 0",
                        catchAlls);
            case EVENT -> insertFact("parent_id, name, dropped_attributes_count", "1, '', 0", catchAlls);
            case LINK ->
                insertFact("parent_id, trace_state, flags, dropped_attributes_count", "1, '', 0, 0", catchAlls);
            case LOG ->
                insertFact(
                        "resource_id, scope_id, service_id, severity_number, severity_text, event_name, flags, dropped_attributes_count",
                        "1, 1, 1, 9, '', '', 0, 0",
                        catchAlls);
            case EXEMPLAR -> insertFact("parent_id", "1", catchAlls);
        };
    }

    private static String insertDimension(String kind, String columns, String catchAlls) {
        return """
                DO $$
                DECLARE
                    owner record;
                BEGIN
                    -- Ids of dimensions are anywhere.
                    FOR owner IN SELECT n, catch_all, sha256(int8send(n)) AS hash FROM (%3$s) AS c (n, catch_all) LOOP
                        CALL otel.upsert_dimension('%1$s', ('x' || left(encode(owner.hash, 'hex'), 16))::bit(64)::bigint, encode(owner.hash, 'hex'), now(), '%2$s',
                            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, owner.catch_all::text, NULL);
                    END LOOP;
                END
                $$""".formatted(kind, columns, catchAlls);
    }

    private String insertFact(String columns, String values, String catchAlls) {
        return "INSERT INTO %s (%s, id, attributes_other) SELECT %s, otel.id_at(now()) + n, catch_all FROM (%s) AS c (n, catch_all)"
                .formatted(table(), columns, values, catchAlls);
    }
}
