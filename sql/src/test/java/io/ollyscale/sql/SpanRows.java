package io.ollyscale.sql;

/** The least that a row of the span tables needs. */
final class SpanRows {

    private SpanRows() {}

    /** Inserts a span. The id is an SQL expression. */
    static String insertSpan(String id) {
        return """
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, duration_ns, trace_state, name, kind, flags,
                    dropped_attributes_count, dropped_events_count, dropped_links_count)
                VALUES (%s, 1, 1, 1, 1, 1, '', 'GET /', 2, 0, 0, 0, 0)
                """.formatted(id);
    }
}
