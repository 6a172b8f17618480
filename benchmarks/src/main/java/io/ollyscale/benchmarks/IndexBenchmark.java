package io.ollyscale.benchmarks;

import io.ollyscale.jobs.IngestJob;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
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
                    + " and times queries on each. The server's CPU is what counts, so other load on the machine matters"
                    + " less than to the rates.",
        })
final class IndexBenchmark implements Callable<Integer> {
    private static final String DATABASE = "variant";

    /** The rates don't count here, and a vacuum in one variant alone would. */
    private static final Map<String, String> SETTINGS = Map.of("autovacuum", "off", "jit", "off");

    @Spec
    private CommandSpec spec;

    @Mixin
    private InputOptions input;

    @Parameters(paramLabel = "SIGNAL", description = "logs or metrics.")
    private Signal signal;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Times that each variant is filled. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "24",
            description = "Of event time that generated units spread over. Default: ${DEFAULT-VALUE}.")
    private int hours;

    @Option(names = "--only", paramLabel = "TEXT", description = "Only the variants whose name has this.")
    private String only = "";

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
                    TimeUnit.SECONDS.toNanos(Instant.now().getEpochSecond()) - spread, spread / input.units());
            say("encoding");
            Workload workload =
                    Workload.prepare(stack, signal, input.source(signal, clock), policy, input.units(), 1);
            say("storing dimensions");
            JobRun.run(stack, configuration, workload, 1, IngestJob::define, new Commits(stack.cpuClock()));
            stack.empty();
            measure(stack, workload).print(spec.commandLine().getOut());
        }
        return 0;
    }

    private IndexReport measure(Stack stack, Workload workload) throws SQLException {
        IndexCases cases = IndexCases.of(signal);
        List<IndexVariant> variants = new ArrayList<>(cases.variants());
        variants.removeIf(variant -> variant != cases.variants().get(0) && !variant.name().contains(only));
        List<IndexReport.Result> results = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (IndexVariant variant : variants) {
                say("round " + round + " of " + rounds + ": " + variant.name());
                stack.copyDatabase(DATABASE);
                try (Connection connection = stack.connect(DATABASE)) {
                    variant.apply(connection);
                    results.add(fill(stack, connection, workload, variant, round == 1 ? cases.queries() : List.of()));
                }
            }
        }
        return new IndexReport(signal, workload.units(), variants, cases.queries(), results);
    }

    private static IndexReport.Result fill(
            Stack stack, Connection connection, Workload workload, IndexVariant variant, List<IndexQuery> queries)
            throws SQLException {
        execute(connection, "CHECKPOINT");
        long walBefore = stack.walBytes();
        CpuClock clock = stack.cpuClock();
        CpuClock.Times before = clock.now();
        connection.setAutoCommit(false);
        for (CopyTransaction transaction : workload.transactions().get(0)) {
            transaction.run(connection);
        }
        connection.setAutoCommit(true);
        double cpu = clock.now().since(before).postgres();
        double wal = stack.walBytes() - walBefore;
        double table = bytes(connection, "pg_table_size");
        double indexes = bytes(connection, "pg_indexes_size");
        double units = workload.units();

        Map<IndexQuery, Double> times = new HashMap<>();
        if (!queries.isEmpty()) {
            execute(connection, "VACUUM ANALYZE");
            for (IndexQuery query : queries) {
                times.put(query, query.time(connection));
            }
        }
        return new IndexReport.Result(
                variant, cpu / units * 1e6, wal / units, table / units, indexes / units, times);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Of the fact tables and their children. */
    private static double bytes(Connection connection, String function) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT sum(" + function + "(to_regclass('otel.' ||"
                        + " quote_ident(partition_name)))) FROM otel.partitions WHERE " + function
                        + "(to_regclass('otel.' || quote_ident(partition_name))) > 0")) {
            result.next();
            return result.getDouble(1);
        }
    }

    private void refuse(String problem) {
        throw new ParameterException(spec.commandLine(), problem);
    }

    private void say(String what) {
        spec.commandLine().getErr().println("benchmarks/run: " + what);
    }
}
