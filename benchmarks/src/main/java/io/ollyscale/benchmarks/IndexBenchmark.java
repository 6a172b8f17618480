package io.ollyscale.benchmarks;

import io.ollyscale.jobs.IngestJob;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What each index costs at ingest, and what it buys. */
@Command(
        name = "indexes",
        description = {
            "Copies the same rows into the tables with their indexes as they are, without one of them, or with another one,"
                    + " in turn, and times queries on each. What counts is the CPU of the sessions.",
        })
final class IndexBenchmark implements Callable<Integer> {
    /** All variants fit in the memory, and no vacuum meets one of them alone. */
    private static final Map<String, String> SETTINGS =
            Map.of("autovacuum", "off", "jit", "off", "shared_buffers", "4GB");

    /** Few enough to alternate often between the variants. */
    private static final int TRANSACTION_UNITS = 10_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private InputOptions input;

    @Parameters(paramLabel = "SIGNAL", description = "logs or metrics.")
    private Signal signal;

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "24",
            description = "Of event time that generated units spread over. Default: ${DEFAULT-VALUE}.")
    private int hours;

    @Override
    public Integer call() throws Exception {
        input.problem().ifPresent(this::refuse);
        if (signal == Signal.TRACES) {
            refuse("SIGNAL must be logs or metrics");
        }
        Configuration configuration = input.configuration();
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.putAll(input.postgresSettings());
        say("starting PostgreSQL and Kafka");
        try (Stack stack = Stack.start(settings)) {
            AttributePolicy policy = stack.prepare(input.policy());
            long spread = TimeUnit.HOURS.toNanos(hours);
            Clock clock = new Clock(
                    TimeUnit.SECONDS.toNanos(Instant.now().getEpochSecond()) - spread, spread / input.units(signal));
            say("encoding");
            Workload workload = Workload.prepare(
                    stack, signal, input.source(signal, clock), policy, input.units(signal), 1, TRANSACTION_UNITS);
            say("storing dimensions");
            JobRun.run(stack, configuration, workload, 1, IngestJob::define, new Commits(stack.cpuClock()));
            stack.empty();
            measure(stack, workload).print(spec.commandLine().getOut());
        }
        return 0;
    }

    /** Fills all variants side by side, so that whatever else the machine does meets them alike. */
    private IndexReport measure(Stack stack, Workload workload) throws SQLException {
        IndexCases cases = IndexCases.of(signal);
        List<VariantDatabase> databases = new ArrayList<>();
        try {
            for (IndexVariant variant : cases.variants()) {
                databases.add(VariantDatabase.create(stack, "variant_" + databases.size(), variant));
            }
            List<CopyTransaction> transactions = workload.transactions().get(0);
            for (int i = 0; i < transactions.size(); i++) {
                say("transaction " + (i + 1) + " of " + transactions.size());
                // The second after another is quicker than the first.
                Collections.rotate(databases, 1);
                for (VariantDatabase database : databases) {
                    database.store(transactions.get(i), stack);
                }
            }
            List<IndexReport.Result> results = new ArrayList<>();
            for (VariantDatabase database : databases) {
                say("queries " + database.variant().name());
                results.add(database.result(workload.units(), cases.queries()));
            }
            return new IndexReport(signal, workload.units(), cases, results);
        } finally {
            for (VariantDatabase database : databases) {
                database.close();
            }
        }
    }

    private void refuse(String problem) {
        throw new ParameterException(spec.commandLine(), problem);
    }

    private void say(String what) {
        spec.commandLine().getErr().println("benchmarks/run: " + what);
    }
}
