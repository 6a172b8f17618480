package io.ollyscale.jobs.export;

import com.google.protobuf.Message;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows of one fact table in the order of their ids, each with all that belongs to it. Reads the table through one cursor
 * and the rest batch by batch, so that memory doesn't depend on how much there is. Not for several threads.
 *
 * @param <B> builds a span, a log record or a data point
 */
abstract class Facts<B extends Message.Builder> implements AutoCloseable {

    private static final int FIRST_BATCH = 100;
    private static final int LARGEST_BATCH = 2_000;

    /** What a batch should hold, in rows' bytes. */
    private static final long BATCH_BYTES = 4 << 20;

    private final Source source;
    private final PreparedStatement statement;
    private final ResultSet result;
    private final Row row;
    private int batchSize = FIRST_BATCH;
    private Long firstId;
    private long lastId;

    /**
     * @param columns besides the id
     * @param eventTime an SQL expression
     * @param ofTrace an SQL condition with a trace's id as its parameter
     */
    Facts(Source source, String table, String columns, String eventTime, String ofTrace) throws SQLException {
        this.source = source;
        Conditions where = source.selection().where(eventTime, ofTrace);
        statement = source.connection()
                .prepareStatement("SELECT id, " + columns + " FROM otel." + table + where.clause() + " ORDER BY id");
        try {
            where.bind(statement);
            result = statement.executeQuery();
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
        row = new Row(result);
    }

    /** What the row alone says, and the ids of what it is of. */
    abstract Fact<B> read(Row row) throws SQLException;

    /** Adds what other tables have of the facts, by their ids, which ascend. */
    abstract void complete(Map<Long, B> facts) throws SQLException;

    /** Puts together what is complete, in its order. */
    abstract List<Unit> units(List<Fact<B>> facts) throws SQLException;

    final Source source() {
        return source;
    }

    /** The id of the first fact; null before it was read. */
    final Long firstId() {
        return firstId;
    }

    /** The id of the last fact that was read. */
    final long lastId() {
        return lastId;
    }

    /** The next ones; none behind the last. */
    final List<Unit> next() throws SQLException {
        long before = bytesRead();
        List<Fact<B>> facts = new ArrayList<>();
        Map<Long, B> builders = new TreeMap<>();
        while (facts.size() < batchSize && bytesRead() - before < BATCH_BYTES && result.next()) {
            lastId = row.int64("id");
            Fact<B> fact = read(row);
            facts.add(fact);
            builders.put(lastId, fact.builder());
        }
        if (facts.isEmpty()) {
            return List.of();
        }
        if (firstId == null) {
            firstId = builders.keySet().iterator().next();
        }
        complete(builders);
        List<Unit> units = units(facts);
        long average = 1 + (bytesRead() - before) / facts.size();
        batchSize = (int) Math.max(1, Math.min(LARGEST_BATCH, BATCH_BYTES / average));
        return units;
    }

    private long bytesRead() {
        return source.rows().bytes() + row.bytes();
    }

    @Override
    public final void close() throws SQLException {
        // Closes the result too.
        statement.close();
    }
}
