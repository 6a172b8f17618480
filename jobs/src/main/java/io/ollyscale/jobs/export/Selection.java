package io.ollyscale.jobs.export;

import com.google.protobuf.ByteString;
import java.time.Instant;

/**
 * What is exported. Each bound is open where it is null.
 *
 * @param from event time of the first, inclusive; to the microsecond
 * @param to event time, exclusive
 * @param arrivedFrom arrival of the first, inclusive; to the second
 * @param arrivedTo arrival, exclusive
 * @param traceId only what is of this trace: of data points those with an exemplar of it
 */
public record Selection(Instant from, Instant to, Instant arrivedFrom, Instant arrivedTo, ByteString traceId) {

    /** Of what ids can say, in 1951 and 2088: id_at wraps around before and behind. */
    private static final Instant FIRST_SECOND =
            Instant.parse("2020-01-01T00:00:00Z").plusSeconds(Integer.MIN_VALUE);

    private static final Instant END = FIRST_SECOND.plusSeconds(1L << Integer.SIZE);

    /**
     * Arrival comes first: the planner folds id_at into a number and reads only the partitions that it leaves.
     *
     * @param eventTime an SQL expression
     * @param ofTrace an SQL condition with the trace's id as its parameter
     */
    Conditions where(String eventTime, String ofTrace) {
        Conditions where = new Conditions();
        if (arrivedFrom != null && !arrivedFrom.isBefore(END)
                || arrivedTo != null && arrivedTo.isBefore(FIRST_SECOND)) {
            where.addNever();
            return where;
        }
        add(
                where,
                "id >= otel.id_at(?)",
                arrivedFrom == null || arrivedFrom.isBefore(FIRST_SECOND) ? null : arrivedFrom);
        add(where, "id < otel.id_at(?)", arrivedTo == null || arrivedTo.isBefore(END) ? arrivedTo : null);
        add(where, eventTime + " >= ?", from);
        add(where, eventTime + " < ?", to);
        add(where, ofTrace, traceId == null ? null : traceId.toByteArray());
        return where;
    }

    private static void add(Conditions where, String condition, Object parameterOrNull) {
        if (parameterOrNull != null) {
            where.add(condition, parameterOrNull);
        }
    }
}
