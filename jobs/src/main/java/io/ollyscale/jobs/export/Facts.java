package io.ollyscale.jobs.export;

import com.google.protobuf.Message;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows of one fact table in the order of their ids, each with all that belongs to it. One cursor tells ids and sizes, and
 * batches of ids are read whose rows are known to be small, so that memory depends neither on how much there is nor on what came
 * before: only on the largest fact, and on what the facts of a batch name. Not for several threads.
 *
 * @param <B> builds a span, a log record or a data point
 */
abstract class Facts<B extends Message.Builder> implements AutoCloseable {

    /** Bounds the typed attributes, whose sizes aren't looked at: each is of a kilobyte at most. */
    private static final int PAGE = 2_000;

    /** What a batch may hold where it has several facts. */
    private static final long BATCH_BYTES = 4 << 20;

    private final Source source;
    private final String selectFacts;
    private final PreparedStatement statement;
    private final ResultSet sizedIds;

    /** The facts that come next, by id, with their sizes in bytes. */
    private final TreeMap<Long, Long> page = new TreeMap<>();

    private Long firstId;
    private long lastId;

    /**
     * @param columns besides the id
     * @param size an SQL expression: how much a row takes
     * @param eventTime an SQL expression
     * @param ofTrace an SQL condition with a trace's id as its parameter
     */
    Facts(Source source, String table, String columns, String size, String eventTime, String ofTrace)
            throws SQLException {
        this.source = source;
        selectFacts = "SELECT id, " + columns + " FROM otel." + table;
        Conditions where = source.selection().where(eventTime, ofTrace);
        statement = source.connection()
                .prepareStatement(
                        "SELECT id, " + size + " AS size FROM otel." + table + where.clause() + " ORDER BY id");
        try {
            statement.setFetchSize(PAGE);
            where.bind(statement);
            sizedIds = statement.executeQuery();
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    /** What the row alone says, and the ids of what it is of. */
    abstract Fact<B> read(Row row) throws SQLException;

    /** Reads rows of {@code parent_id} and {@code size} for what the facts consist of besides their own rows. */
    abstract void sizesOfParts(Collection<Long> ids, Rows.Reader reader) throws SQLException;

    /** Adds what other tables have of the facts, by their ids, which ascend. */
    abstract void complete(Map<Long, B> facts) throws SQLException;

    /** Puts together what is complete, in its order. */
    List<Unit> units(List<Fact<B>> facts) throws SQLException {
        return source.dimensions().units(facts);
    }

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
        if (page.isEmpty()) {
            turnPage();
        }
        if (page.isEmpty()) {
            return List.of();
        }
        List<Fact<B>> facts = new ArrayList<>();
        Map<Long, B> builders = new TreeMap<>();
        source.rows().facts(selectFacts, batch(), row -> {
            lastId = row.int64("id");
            Fact<B> fact = read(row);
            facts.add(fact);
            builders.put(lastId, fact.builder());
        });
        if (firstId == null) {
            firstId = builders.keySet().iterator().next();
        }
        complete(builders);
        return units(facts);
    }

    private void turnPage() throws SQLException {
        while (page.size() < PAGE && sizedIds.next()) {
            page.put(sizedIds.getLong("id"), sizedIds.getLong("size"));
        }
        sizesOfParts(page.keySet(), row -> page.merge(row.int64("parent_id"), row.int64("size"), Long::sum));
    }

    /** Takes from the page what may be read at once. */
    private List<Long> batch() {
        List<Long> ids = new ArrayList<>();
        long bytes = 0;
        Iterator<Map.Entry<Long, Long>> sizes = page.entrySet().iterator();
        while (sizes.hasNext()) {
            Map.Entry<Long, Long> fact = sizes.next();
            bytes += fact.getValue();
            if (!ids.isEmpty() && bytes > BATCH_BYTES) {
                break;
            }
            ids.add(fact.getKey());
            sizes.remove();
        }
        return ids;
    }

    @Override
    public final void close() throws SQLException {
        // Closes the result too.
        statement.close();
    }
}
