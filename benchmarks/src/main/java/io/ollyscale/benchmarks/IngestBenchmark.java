package io.ollyscale.benchmarks;

import io.ollyscale.jobs.IngestJob;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.local.LocalStackException;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.TracesEncoder;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.schema.policy.PolicyFiles;
import io.ollyscale.schema.tables.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Spans a second from Kafka to PostgreSQL, beside those of a plain COPY of the same rows into the same tables. */
@Command(
        name = "benchmarks/run",
        description = {
            "Measures the ingest job from Kafka to PostgreSQL, and in turn with it a plain binary COPY of the same rows,"
                    + " encoded beforehand, into the same tables and indexes.",
            "Starts its own Kafka, PostgreSQL and Flink in temporary directories."
        })
public final class IngestBenchmark implements Callable<Integer> {

    /** Fewer leave too little between the first transactions and the last ones. */
    private static final long MIN_SPANS = 5L * Workload.TRANSACTION_SPANS;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    @Option(
            names = "--spans",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Stored in each round, at least; about 1 kB of memory each. Default: ${DEFAULT-VALUE}.")
    private long spans;

    @Option(
            names = "--spans-per-record",
            paramLabel = "N",
            defaultValue = "500",
            description = "Spans of a Kafka record. Default: ${DEFAULT-VALUE}.")
    private int spansPerRecord;

    @Option(
            names = "--recording",
            paramLabel = "FILE",
            description =
                    "Protobuf traces to use, as ./ollyscale load takes them; cut into records between ResourceSpans,"
                            + " with times shifted to now, and repeated. Default: generated spans.")
    private Path recording;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            description = "Subtasks of the job, and connections of the plain COPY. Default: ${DEFAULT-VALUE}.")
    private int parallelism;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Rounds, each the job and then the plain COPY. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--without-dimensions",
            description = "Measures in each round also the job without its dimensions, to say what they cost.")
    private boolean withoutDimensions;

    @Option(
            names = "--conf-dir",
            paramLabel = "DIR",
            defaultValue = "${OLLYSCALE_CONF_DIR:-flink-conf}",
            description = "Directory of config.yaml and of the attribute policy. Default: ${DEFAULT-VALUE}.")
    private Path confDirectory;

    @Option(
            names = "-D",
            paramLabel = "OPTION=VALUE",
            description = "Sets an option of the job (ollyscale.…) or of Flink. May be repeated.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(
            names = "--postgres-setting",
            paramLabel = "NAME=VALUE",
            description = "Sets a parameter of the PostgreSQL server. May be repeated.")
    private Map<String, String> postgresSettings = new LinkedHashMap<>();

    @Option(names = "--json", description = "Prints the result as JSON.")
    private boolean json;

    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new IngestBenchmark());
        commandLine.setExecutionExceptionHandler((failure, command, result) -> {
            if (failure instanceof UserFailure
                    || failure instanceof LocalStackException
                    || failure instanceof PolicyException) {
                command.getErr().println(failure.getMessage());
                return 1;
            }
            throw failure;
        });
        System.exit(commandLine.execute(args));
    }

    @Override
    public Integer call() throws Exception {
        check(spans >= MIN_SPANS * parallelism, "--spans must be at least " + MIN_SPANS + " for each of --parallelism");
        check(spansPerRecord >= 1, "--spans-per-record must be 1 or more");
        check(parallelism >= 1, "--parallelism must be 1 or more");
        check(rounds >= 1, "--rounds must be 1 or more");
        Configuration configuration = configuration();
        Supplier<byte[]> source = source();

        say("starting PostgreSQL and Kafka");
        try (Stack stack = Stack.start(postgresSettings)) {
            TracesEncoder encoder = new TracesEncoder(
                    stack.prepare(PolicyFiles.read(Path.of(configuration.get(IngestOptions.POLICY_DIRECTORY)))),
                    DecodingLimits.DEFAULT);
            say("filling the topic");
            Workload workload = Workload.prepare(stack, source, encoder, spans, parallelism);
            say("warming up");
            // A whole round: less leaves the JVM compiling in the first one that counts.
            job(stack, configuration, workload, IngestJob::define);
            stack.empty();
            copy(stack, workload);

            List<Report.Round> results = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                // Not always the same one first: each leaves the server in another state.
                Report.Side facts =
                        withoutDimensions && round % 2 == 0 ? facts(stack, configuration, workload, round) : null;
                say("round " + round + " of " + rounds + ": job");
                stack.empty();
                Report.Side job = side(stack, workload, () -> job(stack, configuration, workload, IngestJob::define));
                if (withoutDimensions && round % 2 == 1) {
                    facts = facts(stack, configuration, workload, round);
                }
                say("round " + round + " of " + rounds + ": COPY");
                stack.empty();
                results.add(new Report.Round(job, facts, side(stack, workload, () -> copy(stack, workload))));
            }
            Report report = Report.of(input(), stack.describe(), parallelism, workload, results);
            if (json) {
                report.printJson(spec.commandLine().getOut());
            } else {
                report.print(spec.commandLine().getOut());
            }
        }
        return 0;
    }

    private Report.Side facts(Stack stack, Configuration configuration, Workload workload, int round) throws Exception {
        say("round " + round + " of " + rounds + ": job without dimensions");
        stack.empty();
        return side(stack, workload, () -> job(stack, configuration, workload, IngestJob::defineWithoutDimensions));
    }

    private Commits job(
            Stack stack, Configuration configuration, Workload workload, EmbeddedCluster.JobDefinition definition)
            throws SQLException, PolicyException, IOException, InterruptedException {
        Commits commits = new Commits(stack.cpuClock());
        JobRun.run(stack, configuration, workload, parallelism, definition, commits);
        return commits;
    }

    private static Commits copy(Stack stack, Workload workload) throws SQLException, InterruptedException {
        Commits commits = new Commits(stack.cpuClock());
        CopyRun.run(stack, workload, commits);
        return commits;
    }

    /** Measures one side of a round, and makes sure that it stored what it should. */
    private Report.Side side(Stack stack, Workload workload, Callable<Commits> run) throws Exception {
        long walBefore = stack.walBytes();
        Commits.Steady steady = run.call().steady(parallelism);
        double wal = stack.walBytes() - walBefore;
        Map<Table, Long> rows = stack.rows();
        if (!rows.equals(workload.rows())) {
            throw new IllegalStateException("stored were " + rows + " instead of " + workload.rows());
        }
        return new Report.Side(steady, wal / workload.spans(), (double) stack.diskBytes() / workload.spans());
    }

    private Supplier<byte[]> source() {
        if (recording != null) {
            return new RecordedTraces(recording, spansPerRecord);
        }
        return new GeneratedTraces(
                spansPerRecord, TimeUnit.SECONDS.toNanos(Instant.now().getEpochSecond()));
    }

    private String input() {
        return recording == null ? "Generated spans" : recording.getFileName().toString();
    }

    private Configuration configuration() {
        if (!Files.isRegularFile(confDirectory.resolve("config.yaml"))) {
            throw new UserFailure("There is no " + confDirectory.resolve("config.yaml")
                    + ": name the directory with --conf-dir or OLLYSCALE_CONF_DIR");
        }
        Configuration configuration = GlobalConfiguration.loadConfiguration(confDirectory.toString());
        configuration.set(IngestOptions.POLICY_DIRECTORY, confDirectory.toString());
        options.forEach(configuration::setString);
        return configuration;
    }

    private void check(boolean right, String otherwise) {
        if (!right) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }

    private void say(String what) {
        spec.commandLine().getErr().println("benchmarks/run: " + what);
    }
}
