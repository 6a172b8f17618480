package io.ollyscale.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** When how much of a round was stored, and what it had cost by then. Thread-safe. */
final class Commits {

    /**
     * What a round does while it runs at full speed.
     *
     * @param postgresCpu seconds for a million spans; NaN if not known
     * @param ownCpu seconds for a million spans, of the process that feeds PostgreSQL
     */
    record Steady(double spansPerSecond, double postgresCpu, double ownCpu) {}

    private record Commit(long nanos, long stored, double postgresCpu, double ownCpu) {}

    private final CpuClock cpu;
    private final List<Commit> commits = new ArrayList<>();
    private long stored;

    Commits(CpuClock cpu) {
        this.cpu = cpu;
    }

    /** So many more spans are stored now. */
    synchronized void add(long spans) {
        stored += spans;
        commits.add(new Commit(System.nanoTime(), stored, cpu.postgresSeconds(), cpu.ownSeconds()));
    }

    synchronized long stored() {
        return stored;
    }

    /**
     * From the first commit to the last one that leaves a full transaction for each connection: behind that, transactions
     * wait to be filled or connections have nothing left to do.
     */
    synchronized Steady steady(int parallelism) {
        Commit first = commits.get(0);
        Commit last = commits.stream()
                .filter(commit -> stored - commit.stored() >= (long) parallelism * Workload.TRANSACTION_SPANS)
                .reduce(first, (a, b) -> b);
        double spans = last.stored() - first.stored();
        return new Steady(
                spans / (last.nanos() - first.nanos()) * 1e9,
                (last.postgresCpu() - first.postgresCpu()) / spans * 1e6,
                (last.ownCpu() - first.ownCpu()) / spans * 1e6);
    }
}
