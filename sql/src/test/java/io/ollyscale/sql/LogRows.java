package io.ollyscale.sql;

/** The least that a row of the log table needs. */
final class LogRows {

    private LogRows() {}

    /** Inserts a log record. The id is an SQL expression. */
    static String insertLog(String id) {
        return """
                INSERT INTO otel.logs_fact (id, resource_id, scope_id, service_id, severity_number, severity_text, event_name, flags, dropped_attributes_count)
                VALUES (%s, 1, 1, 1, 9, '', '', 0, 0)
                """.formatted(id);
    }
}
