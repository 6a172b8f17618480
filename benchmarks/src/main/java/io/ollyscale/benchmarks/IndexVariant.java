package io.ollyscale.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables with other indexes than they have.
 *
 * @param droppedOf regular expression of the tables that lose indexes
 * @param dropped regular expression of the definitions of those indexes; null where none is dropped
 * @param added statements that create others
 */
record IndexVariant(String name, String droppedOf, String dropped, List<String> added) {

    /** Partitions' own indexes are found too, those that come from the parent are dropped with it. */
    private static final String DROPS = """
            SELECT CASE WHEN c.conname IS NULL THEN format('DROP INDEX otel.%I', i.relname)
                ELSE format('ALTER TABLE otel.%I DROP CONSTRAINT %I', t.relname, c.conname) END
            FROM pg_index AS x
            JOIN pg_class AS i ON i.oid = x.indexrelid
            JOIN pg_class AS t ON t.oid = x.indrelid
            LEFT JOIN pg_constraint AS c ON c.conindid = i.oid
            WHERE t.relnamespace = 'otel'::regnamespace AND NOT i.relispartition
                AND t.relname ~ ? AND pg_get_indexdef(i.oid) ~ ?""";

    static IndexVariant asTheyAre() {
        return new IndexVariant("the set", null, null, List.of());
    }

    static IndexVariant without(String name, String tables, String definitions) {
        return new IndexVariant("without " + name, tables, definitions, List.of());
    }

    static IndexVariant with(String name, String... statements) {
        return new IndexVariant("with " + name, null, null, List.of(statements));
    }

    static IndexVariant instead(String name, String tables, String definitions, String... statements) {
        return new IndexVariant(name, tables, definitions, List.of(statements));
    }

    void apply(Connection connection) throws SQLException {
        List<String> statements = new ArrayList<>();
        if (dropped != null) {
            statements.addAll(drops(connection));
        }
        statements.addAll(added);
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private List<String> drops(Connection connection) throws SQLException {
        List<String> drops = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(DROPS)) {
            statement.setString(1, droppedOf);
            statement.setString(2, dropped);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    drops.add(result.getString(1));
                }
            }
        }
        if (drops.isEmpty()) {
            throw new IllegalStateException(name + ": there is no such index");
        }
        return drops;
    }
}
