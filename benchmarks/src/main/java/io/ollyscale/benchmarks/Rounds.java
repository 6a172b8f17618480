package io.ollyscale.benchmarks;

import io.ollyscale.jobs.IngestJob;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.schema.tables.Table;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;

/** Stores a workload again and again, by the job and by plain COPY in turn. */
final class Rounds {
    private final Stack stack;
    private final Configuration configuration;
    private final Workload workload;
    private final int parallelism;
    private final Consumer<String> say;

    Rounds(Stack stack, Configuration configuration, Workload workload, int parallelism, Consumer<String> say) {
        this.stack = stack;
        this.configuration = configuration;
        this.workload = workload;
        this.parallelism = parallelism;
        this.say = say;
    }

    /** @param without null for none */
    List<Report.Round> run(int rounds, IngestJob.Part without) throws Exception {
        say.accept("warming up");
        // A whole round: less leaves the JVM compiling in the first one that counts.
        stack.empty();
        job(IngestJob::define);
        stack.empty();
        copy();

        List<Report.Round> results = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            String name = "round " + round + " of " + rounds + ": ";
            // Not always the same one first: each leaves the server in another state.
            Report.Side less = without != null && round % 2 == 0 ? less(name, without) : null;
            say.accept(name + "job");
            Report.Side job = side(() -> job(IngestJob::define), workload.signal() == Signal.TRACES);
            if (without != null && round % 2 == 1) {
                less = less(name, without);
            }
            say.accept(name + "COPY");
            results.add(new Report.Round(job, less, side(this::copy, false)));
        }
        return results;
    }

    private Report.Side less(String round, IngestJob.Part without) throws Exception {
        say.accept(round + "job without " + without);
        return side(
                () -> job((env, options) -> IngestJob.define(env, options, Set.of(without))),
                workload.signal() == Signal.TRACES && without != IngestJob.Part.ROLLUPS);
    }

    private Commits job(EmbeddedCluster.JobDefinition definition)
            throws SQLException, PolicyException, IOException, InterruptedException {
        Commits commits = new Commits(stack.cpuClock());
        JobRun.run(stack, configuration, workload, parallelism, definition, commits);
        return commits;
    }

    private Commits copy() throws SQLException, InterruptedException {
        Commits commits = new Commits(stack.cpuClock());
        CopyRun.run(stack, workload, commits);
        return commits;
    }

    /** Measures one side of a round, and makes sure that it stored what it should. */
    private Report.Side side(Callable<Commits> run, boolean hasRollups) throws Exception {
        stack.empty();
        long walBefore = stack.walBytes();
        Commits.Steady steady = run.call().steady(parallelism);
        double wal = stack.walBytes() - walBefore;
        Map<Table, Long> rows = stack.rows();
        if (!rows.equals(workload.rows())) {
            throw new IllegalStateException("stored were " + rows + " instead of " + workload.rows());
        }
        long inRollups = stack.spansInRollups();
        if (inRollups != (hasRollups ? workload.units() : 0)) {
            throw new IllegalStateException("rollups count " + inRollups + " of " + workload.units() + " spans");
        }
        return new Report.Side(steady, wal / workload.units(), (double) stack.diskBytes() / workload.units());
    }
}
