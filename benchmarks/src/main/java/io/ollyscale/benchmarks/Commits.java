package io.ollyscale.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** When how much of a round was stored, and what it had cost by then. Thread-safe. */
final class Commits {

    /**
     * What a round does while it runs at full speed. NaN where not known.
     *
     * @param postgresCpu seconds for a million units
     * @param ownCpu seconds for a million units, of the process that feeds PostgreSQL
     * @param othersCpu processors that everything else on the machine kept busy
     */
    record Steady(double unitsPerSecond, double postgresCpu, double ownCpu, double othersCpu) {}

    private record Commit(long nanos, long stored, CpuClock.Times cpu) {}

    private final CpuClock clock;
    private final List<Commit> commits = new ArrayList<>();
    private long stored;

    Commits(CpuClock clock) {
        this.clock = clock;
    }

    /** So many more units are stored now. */
    synchronized void add(long units) {
        stored += units;
        commits.add(new Commit(System.nanoTime(), stored, clock.now()));
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
                .filter(commit -> stored - commit.stored() >= (long) parallelism * Workload.TRANSACTION_UNITS)
                .reduce(first, (a, b) -> b);
        double millions = (last.stored() - first.stored()) / 1e6;
        double seconds = (last.nanos() - first.nanos()) / 1e9;
        CpuClock.Times cpu = last.cpu().since(first.cpu());
        return new Steady(
                millions * 1e6 / seconds, cpu.postgres() / millions, cpu.own() / millions, cpu.others() / seconds);
    }
}
