package io.ollyscale.jobs.export;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What is exported from.
 *
 * @param connection in a transaction that sees one state of the store
 */
record Source(
        Connection connection, Selection selection, Rows rows, TypedAttributes attributes, Dimensions dimensions) {

    static Source of(Connection connection, Selection selection) throws SQLException {
        Rows rows = new Rows(connection);
        TypedAttributes attributes = new TypedAttributes(connection, rows);
        return new Source(connection, selection, rows, attributes, new Dimensions(rows, attributes));
    }
}
