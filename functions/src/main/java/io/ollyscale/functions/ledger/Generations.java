package io.ollyscale.functions.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Submissions of ingest jobs, numbered. Where two jobs write to the same partitions, the one with the higher number
 * replaces the other.
 */
public final class Generations {
    private Generations() {}

    /** Registers a submission and returns its number, higher than all before. */
    public static long take(Connection connection, String jobName, String host, String version) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO otel.ingest_generations (job_name, host, version) VALUES (?, ?, ?) RETURNING generation")) {
            statement.setString(1, jobName);
            statement.setString(2, host);
            statement.setString(3, version);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getLong(1);
            }
        }
    }

    /** Says which job a generation is, for the message of the one that it replaced. */
    public static String describe(Connection connection, long generation) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT format('job \"%s\" (generation %s, submitted from %s) since %s', job_name, generation, host,"
                        + " date_trunc('second', started_at)) FROM otel.ingest_generations WHERE generation = ?")) {
            statement.setLong(1, generation);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? result.getString(1) : "generation " + generation;
            }
        }
    }
}
