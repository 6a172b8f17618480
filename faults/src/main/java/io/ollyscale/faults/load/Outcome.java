package io.ollyscale.faults.load;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of all that was sent, in spans, log records and data points; a record that can't be decoded counts as one.
 *
 * @param stored in the tables, each once or more
 * @param quarantined that must be
 * @param duplicated in the tables more than once, or in quarantine more than once or though it was stored
 * @param lost neither in the tables nor in quarantine
 * @param altered stored with other content, or whose resource, scope, service, operation, metric or series isn't there
 * @param remarks of whatever else is not as it should be: rows of child tables, gaps
 */
public record Outcome(
        long sent, long stored, long quarantined, long duplicated, long lost, long altered, List<String> remarks) {

    public static final Outcome NOTHING = new Outcome(0, 0, 0, 0, 0, 0, List.of());

    public boolean isExact() {
        return duplicated == 0 && lost == 0 && altered == 0 && remarks.isEmpty() && sent == stored + quarantined;
    }

    public Outcome plus(Outcome other) {
        List<String> all = new ArrayList<>(remarks);
        all.addAll(other.remarks);
        return new Outcome(
                sent + other.sent,
                stored + other.stored,
                quarantined + other.quarantined,
                duplicated + other.duplicated,
                lost + other.lost,
                altered + other.altered,
                all);
    }

    /** What came to what an earlier check of the same store found; what is wrong stays as it is now. */
    public Outcome since(Outcome earlier) {
        return new Outcome(
                sent - earlier.sent,
                stored - earlier.stored,
                quarantined - earlier.quarantined,
                duplicated,
                lost,
                altered,
                remarks);
    }
}
