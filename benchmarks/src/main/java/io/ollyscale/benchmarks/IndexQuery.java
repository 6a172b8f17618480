package io.ollyscale.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A query that an index may serve.
 *
 * @param values a query of one row, whose columns are what {@code sql} is formatted with
 */
record IndexQuery(String name, String values, String sql) {
    private static final int RUNS = 7;
    private static final Pattern MILLISECONDS = Pattern.compile("Execution Time: ([0-9.]+) ms");

    /** Milliseconds in the server, the median of some runs behind a first one. */
    double time(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String query = "EXPLAIN (ANALYZE, TIMING OFF) " + String.format(sql, values(statement));
            double[] times = new double[RUNS];
            run(statement, query);
            for (int i = 0; i < RUNS; i++) {
                times[i] = run(statement, query);
            }
            Arrays.sort(times);
            return times[RUNS / 2];
        }
    }

    private Object[] values(Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery(values)) {
            if (!result.next()) {
                throw new IllegalStateException(name + ": the data have nothing to ask for");
            }
            Object[] row = new Object[result.getMetaData().getColumnCount()];
            for (int i = 0; i < row.length; i++) {
                row[i] = result.getString(i + 1);
            }
            return row;
        }
    }

    private static double run(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                Matcher matcher = MILLISECONDS.matcher(result.getString(1));
                if (matcher.find()) {
                    return Double.parseDouble(matcher.group(1));
                }
            }
        }
        throw new IllegalStateException("EXPLAIN says no execution time");
    }
}
