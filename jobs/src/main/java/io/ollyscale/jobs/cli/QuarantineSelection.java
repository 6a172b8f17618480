package io.ollyscale.jobs.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rows of the view {@code otel.quarantine}.
 *
 * @param condition of SQL
 * @param parameters of its question marks
 */
record QuarantineSelection(String condition, List<String> parameters) {

    static final QuarantineSelection ALL = new QuarantineSelection("true", List.of());

    static QuarantineSelection of(List<Long> ids) {
        return ALL.and("id = ANY (?::bigint[])", array(ids));
    }

    QuarantineSelection and(String further, String... values) {
        List<String> all = new ArrayList<>(parameters);
        all.addAll(List.of(values));
        return new QuarantineSelection(condition + " AND " + further, all);
    }

    /** Prepares a statement whose {@code %s}, its only one, is the condition; it has no other parameters. */
    PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(String.format(sql, condition));
        for (int i = 0; i < parameters.size(); i++) {
            statement.setString(i + 1, parameters.get(i));
        }
        return statement;
    }

    /** The next ids in their order. */
    List<Long> page(Connection connection, long after, int limit) throws SQLException {
        QuarantineSelection rest = and("id > ?::bigint", Long.toString(after));
        try (PreparedStatement query =
                        rest.prepare(connection, "SELECT id FROM otel.quarantine WHERE %s ORDER BY id LIMIT " + limit);
                ResultSet rows = query.executeQuery()) {
            List<Long> ids = new ArrayList<>();
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
            return ids;
        }
    }

    /** An array of PostgreSQL as text. */
    static String array(List<Long> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
    }
}
