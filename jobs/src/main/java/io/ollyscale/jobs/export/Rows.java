package io.ollyscale.jobs.export;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;

/** Reads rows by their ids or by those of what they belong to, all of them into memory. Not for several threads. */
final class Rows {

    /** As many ids are asked for at once. */
    private static final int IDS = 5_000;

    private final Connection connection;

    Rows(Connection connection) {
        this.connection = connection;
    }

    @FunctionalInterface
    interface Reader {
        void read(Row row) throws SQLException;
    }

    /**
     * Reads the rows of a dimension.
     *
     * @param sql a SELECT that ends before the ids: {@code … WHERE column}
     */
    void ofDimensions(String sql, Collection<Long> ids, Reader reader) throws SQLException {
        read(sql + " = ANY (?)", ids, (statement, sorted) -> statement.setObject(1, sorted), "", reader);
    }

    /**
     * Reads facts in the order of their ids.
     *
     * @param sql a SELECT without conditions
     */
    void facts(String sql, Collection<Long> ids, Reader reader) throws SQLException {
        placed(sql, "id", ids, " ORDER BY id", reader);
    }

    /**
     * Reads the rows of what belongs to facts and has ids of its own: events, links, exemplars. They lie behind the fact's and
     * have its second, which spares the partitions of other times.
     *
     * @param sql a SELECT without conditions
     * @param end an ORDER BY or a GROUP BY
     */
    void partsOfFacts(String sql, Collection<Long> ids, String end, Reader reader) throws SQLException {
        read(
                sql + " WHERE id > ? AND id <= ? AND parent_id = ANY (?)",
                ids,
                (statement, sorted) -> {
                    statement.setLong(1, sorted[0]);
                    statement.setLong(2, sorted[sorted.length - 1] | 0xFFFF_FFFFL);
                    statement.setObject(3, sorted);
                },
                end,
                reader);
    }

    /**
     * Reads the rows of what is placed by its parent's id.
     *
     * @param sql a SELECT without conditions
     * @param end an ORDER BY, a GROUP BY, or nothing
     */
    void childrenOfFacts(String sql, Collection<Long> ids, String end, Reader reader) throws SQLException {
        placed(sql, "parent_id", ids, end, reader);
    }

    private void placed(String sql, String column, Collection<Long> ids, String end, Reader reader)
            throws SQLException {
        read(
                sql + " WHERE " + column + " BETWEEN ? AND ? AND " + column + " = ANY (?)",
                ids,
                (statement, sorted) -> {
                    statement.setLong(1, sorted[0]);
                    statement.setLong(2, sorted[sorted.length - 1]);
                    statement.setObject(3, sorted);
                },
                end,
                reader);
    }

    @FunctionalInterface
    private interface Binder {
        void bind(PreparedStatement statement, long[] sortedIds) throws SQLException;
    }

    private void read(String sql, Collection<Long> ids, Binder binder, String end, Reader reader) throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        long[] sorted = ids.stream().mapToLong(Long::longValue).sorted().toArray();
        try (PreparedStatement statement = connection.prepareStatement(sql + end)) {
            for (int from = 0; from < sorted.length; from += IDS) {
                binder.bind(statement, Arrays.copyOfRange(sorted, from, Math.min(sorted.length, from + IDS)));
                try (ResultSet result = statement.executeQuery()) {
                    Row row = new Row(result);
                    while (result.next()) {
                        reader.read(row);
                    }
                }
            }
        }
    }
}
