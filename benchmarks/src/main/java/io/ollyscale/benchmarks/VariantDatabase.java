package io.ollyscale.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A database with one variant of the indexes, and the session that fills it. */
final class VariantDatabase implements AutoCloseable {
    private final IndexVariant variant;
    private final Connection connection;
    private final long session;
    private final List<Double> cpu = new ArrayList<>();
    private double wal;

    private VariantDatabase(IndexVariant variant, Connection connection, long session) {
        this.variant = variant;
        this.connection = connection;
        this.session = session;
    }

    static VariantDatabase create(Stack stack, String name, IndexVariant variant) throws SQLException {
        stack.copyDatabase(name);
        Connection connection = stack.connect(name);
        variant.apply(connection);
        return new VariantDatabase(variant, connection, (long) number(connection, "SELECT pg_backend_pid()"));
    }

    IndexVariant variant() {
        return variant;
    }

    void store(CopyTransaction transaction, Stack stack) throws SQLException {
        long walBefore = stack.walBytes();
        double before = cpuSeconds();
        connection.setAutoCommit(false);
        transaction.run(connection);
        connection.setAutoCommit(true);
        cpu.add((cpuSeconds() - before) / transaction.units() * 1e6);
        wal += stack.walBytes() - walBefore;
    }

    /** Vacuums, and asks the queries. */
    IndexReport.Result result(double units, List<IndexQuery> queries) throws SQLException {
        double table = bytes("pg_table_size");
        double indexes = bytes("pg_indexes_size");
        try (Statement statement = connection.createStatement()) {
            statement.execute("VACUUM ANALYZE");
        }
        Map<IndexQuery, Double> times = new HashMap<>();
        for (IndexQuery query : queries) {
            times.put(query, query.time(connection));
        }
        return new IndexReport.Result(variant, cpu, wal / units, table / units, indexes / units, times);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** Of the session, to the nanosecond. */
    private double cpuSeconds() {
        try {
            return Long.parseLong(Files.readString(Path.of("/proc/" + session + "/schedstat"))
                            .split(" ")[0])
                    / 1e9;
        } catch (IOException e) {
            throw new UncheckedIOException("without Linux's /proc there is nothing to measure", e);
        }
    }

    /** Of all partitions. */
    private double bytes(String function) throws SQLException {
        return number(
                connection,
                "SELECT sum(" + function
                        + "(('otel.' || quote_ident(partition_name))::regclass)) FROM otel.partitions");
    }

    private static double number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getDouble(1);
        }
    }
}
