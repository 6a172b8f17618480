package io.ollyscale.jobs.export;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;

/** Reads rows by the ids of what they belong to. Not for several threads. */
final class Rows {

    /** As many ids are asked for at once. */
    private static final int IDS = 5_000;

    private final Connection connection;
    private long bytes;

    Rows(Connection connection) {
        this.connection = connection;
    }

    @FunctionalInterface
    interface Reader {
        void read(Row row) throws SQLException;
    }

    /** How much all rows held that were read so far. */
    long bytes() {
        return bytes;
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
     * Reads the rows of what belongs to facts and has ids of its own: events, links, exemplars; in the order of those. They
     * lie behind the fact's and have its second, which spares the partitions of other times.
     *
     * @param sql a SELECT without conditions
     */
    void partsOfFacts(String sql, Collection<Long> ids, Reader reader) throws SQLException {
        read(
                sql + " WHERE id > ? AND id <= ? AND parent_id = ANY (?)",
                ids,
                (statement, sorted) -> {
                    statement.setLong(1, sorted[0]);
                    statement.setLong(2, sorted[sorted.length - 1] | 0xFFFF_FFFFL);
                    statement.setObject(3, sorted);
                },
                " ORDER BY id",
                reader);
    }

    /**
     * Reads the rows of what is placed by its parent's id.
     *
     * @param sql a SELECT without conditions
     * @param order an ORDER BY, or nothing
     */
    void childrenOfFacts(String sql, Collection<Long> ids, String order, Reader reader) throws SQLException {
        read(
                sql + " WHERE parent_id BETWEEN ? AND ? AND parent_id = ANY (?)",
                ids,
                (statement, sorted) -> {
                    statement.setLong(1, sorted[0]);
                    statement.setLong(2, sorted[sorted.length - 1]);
                    statement.setObject(3, sorted);
                },
                order,
                reader);
    }

    @FunctionalInterface
    private interface Binder {
        void bind(PreparedStatement statement, long[] sortedIds) throws SQLException;
    }

    private void read(String sql, Collection<Long> ids, Binder binder, String order, Reader reader)
            throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        long[] sorted = ids.stream().mapToLong(Long::longValue).sorted().toArray();
        try (PreparedStatement statement = connection.prepareStatement(sql + order)) {
            for (int from = 0; from < sorted.length; from += IDS) {
                binder.bind(statement, Arrays.copyOfRange(sorted, from, Math.min(sorted.length, from + IDS)));
                try (ResultSet result = statement.executeQuery()) {
                    Row row = new Row(result);
                    while (result.next()) {
                        reader.read(row);
                    }
                    bytes += row.bytes();
                }
            }
        }
    }
}
