package io.ollyscale.functions.maintenance;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Dimensions that are kept, but not where facts look for them. Nobody but the database knows them all: whichever job or
 * subtask wrote them.
 *
 * @param collisions whose id another dimension had before
 * @param refused by PostgreSQL
 */
public record UnstoredDimensions(long collisions, long refused) {

    static UnstoredDimensions read(Connection connection) throws SQLException {
        try (PreparedStatement query =
                        connection.prepareStatement("SELECT (SELECT count(*) FROM otel.dimension_collisions),"
                                + " (SELECT count(*) FROM otel.refused_dimensions)");
                ResultSet result = query.executeQuery()) {
            result.next();
            return new UnstoredDimensions(result.getLong(1), result.getLong(2));
        }
    }

    boolean isWorseThan(UnstoredDimensions before) {
        return collisions > before.collisions || refused > before.refused;
    }
}
