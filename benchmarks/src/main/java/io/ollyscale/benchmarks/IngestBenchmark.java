package io.ollyscale.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ollyscale.jobs.IngestJob;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.local.LocalStackException;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Spans, log records and data points a second from Kafka to PostgreSQL, beside those of a plain COPY of the same rows into
 * the same tables.
 */
@Command(
        name = "benchmarks/run",
        subcommands = {IndexBenchmark.class, PromoteBenchmark.class, FreshnessBenchmark.class},
        description = {
            "Measures the ingest job from Kafka to PostgreSQL, and in turn with it a plain binary COPY of the same rows,"
                    + " encoded beforehand, into the same tables and indexes; one signal after another.",
            "Starts its own Kafka, PostgreSQL and Flink in temporary directories."
        })
public final class IngestBenchmark implements Callable<Integer> {

    /** Fewer leave too little between the first transactions and the last ones. */
    private static final long MIN_UNITS = 5L * Workload.TRANSACTION_UNITS;

    /** Nanoseconds from one generated unit to the next. */
    private static final long BETWEEN_UNITS = 10_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private InputOptions input;

    @Option(
            names = "--signal",
            paramLabel = "SIGNAL",
            split = ",",
            description = "traces, logs or metrics; may be repeated. Default: all, or the recording's.")
    private List<Signal> signals = new ArrayList<>();

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
            names = "--without",
            paramLabel = "PART",
            description =
                    "Measures in each round also the job without a part, to say what it costs: ${COMPLETION-CANDIDATES}.")
    private IngestJob.Part without;

    @Option(names = "--json", description = "Prints the result as JSON, a list of one object for each signal.")
    private boolean json;

    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new IngestBenchmark()).setCaseInsensitiveEnumValuesAllowed(true);
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
        input.problem().ifPresent(problem -> check(false, problem));
        check(parallelism >= 1, "--parallelism must be 1 or more");
        check(rounds >= 1, "--rounds must be 1 or more");
        Configuration configuration = input.configuration();

        List<Report> reports = new ArrayList<>();
        PrintWriter out = spec.commandLine().getOut();
        TreeSet<Signal> chosen = signals();
        for (Signal signal : chosen) {
            check(
                    input.units(signal) >= MIN_UNITS * parallelism,
                    "--units must be at least " + MIN_UNITS + " for each of --parallelism");
        }
        say("starting PostgreSQL and Kafka");
        try (Stack stack = Stack.start(input.postgresSettings())) {
            AttributePolicy policy = stack.prepare(input.policy());
            for (Signal signal : chosen) {
                Report report = measure(stack, configuration, signal, policy);
                reports.add(report);
                if (!json) {
                    report.print(out);
                    out.println();
                    out.flush();
                }
            }
        }
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(reports));
        } else {
            reports.forEach(report -> report.printRates(out));
        }
        return 0;
    }

    private Report measure(Stack stack, Configuration configuration, Signal signal, AttributePolicy policy)
            throws Exception {
        say(signal + ": filling the topic");
        Clock clock = new Clock(TimeUnit.SECONDS.toNanos(Instant.now().getEpochSecond()), BETWEEN_UNITS);
        Workload workload = Workload.prepare(
                stack,
                signal,
                input.source(signal, clock),
                policy,
                input.units(signal),
                parallelism,
                Workload.TRANSACTION_UNITS);
        Rounds measured = new Rounds(stack, configuration, workload, parallelism, what -> say(signal + ": " + what));
        return Report.of(
                input.describe(signal),
                stack.describe(),
                parallelism,
                workload,
                without,
                measured.run(rounds, without));
    }

    private TreeSet<Signal> signals() {
        Optional<Signal> recorded = input.recordedSignal();
        if (recorded.isEmpty()) {
            return new TreeSet<>(signals.isEmpty() ? List.of(Signal.values()) : signals);
        }
        check(
                signals.isEmpty() || signals.equals(List.of(recorded.get())),
                "--recording holds " + recorded.get() + ", not what --signal says");
        return new TreeSet<>(List.of(recorded.get()));
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
