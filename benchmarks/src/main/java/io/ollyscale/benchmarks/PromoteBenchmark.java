package io.ollyscale.benchmarks;

import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What moving stored values to a typed table does to a job that stores spans meanwhile. */
@Command(
        name = "promote",
        description = {
            "Stores --units spans as fast as the job can, then lets spans flow at half of that rate, and measures what is stored of"
                    + " them before and while promote_attribute moves a key's values of all of them.",
            "Nothing may be lost or there twice then."
        })
final class PromoteBenchmark implements Callable<Integer> {
    private static final String KEY = "thread.name";

    @Spec
    private CommandSpec spec;

    @Mixin
    private InputOptions input;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "60",
            description = "How long the rate before is measured. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Override
    public Integer call() throws Exception {
        if (seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--seconds must be 1 or more");
        }
        long units = input.units(Signal.TRACES);
        Configuration configuration = input.configuration();
        say("starting PostgreSQL and Kafka");
        try (Stack stack = Stack.start(input.postgresSettings())) {
            stack.prepare(input.policy());
            stack.createTopic(Signal.TRACES, SpanFlow.PARTITIONS);
            stack.configure(configuration, Signal.TRACES);
            Path scratch = Files.createTempDirectory("ollyscale-benchmark-checkpoints");
            try (TopicFiller topic = stack.topicFiller(Signal.TRACES);
                    EmbeddedCluster cluster = EmbeddedCluster.start(configuration, scratch, 0, 1)) {
                return measure(stack, new SpanFlow(stack, cluster, topic, 0), units);
            } finally {
                FileUtils.deleteDirectoryQuietly(scratch.toFile());
            }
        }
    }

    private int measure(Stack stack, SpanFlow flow, long units) throws Exception {
        say("storing %,d spans".formatted(units));
        SpanFlow.Rate fastest = flow.backlog(units);
        double rate = fastest.perSecond() / 2;

        say("%,.0f spans/s; from now on half of that".formatted(fastest.perSecond()));
        try (Feeder feeder = flow.feed(rate)) {
            flow.during(after(10));
            say("measuring the rate before");
            SpanFlow.Rate before = flow.during(after(seconds));
            say("promoting " + KEY);
            CompletableFuture<Long> promoted = CompletableFuture.supplyAsync(() -> promote(stack));
            SpanFlow.Rate meanwhile = flow.during(promoted);
            long behind = feeder.published() * SpanFlow.UNITS_PER_RECORD - flow.stored();
            feeder.stop();
            flow.awaitStored(feeder.published() * SpanFlow.UNITS_PER_RECORD);
            print(fastest, before, meanwhile, promoted.get(), behind);
            return check(stack, promoted.get()) ? 0 : 1;
        }
    }

    private static CompletableFuture<Void> after(int seconds) {
        return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS));
    }

    private static long promote(Stack stack) {
        try (Connection connection = stack.connect();
                CallableStatement call =
                        connection.prepareCall("CALL otel.promote_attribute('span', ?, 'string', value_count => ?)")) {
            call.setString(1, KEY);
            call.setNull(2, Types.BIGINT);
            call.registerOutParameter(2, Types.BIGINT);
            call.execute();
            return call.getLong(2);
        } catch (SQLException e) {
            throw new IllegalStateException("promote_attribute failed", e);
        }
    }

    /** Each span has the key once, and as many have it typed as were moved. */
    private boolean check(Stack stack, long promoted) throws SQLException {
        say("counting");
        long typed = number(
                stack,
                "SELECT count(*) FROM otel.span_attrs_string WHERE key_id = otel.key_id('" + KEY + "', 'string')");
        long owners = number(
                stack,
                "SELECT count(DISTINCT parent_id) FROM otel.span_attrs_string WHERE key_id = otel.key_id('" + KEY
                        + "', 'string')");
        long inCatchAll = number(stack, "SELECT count(*) FROM otel.spans_fact WHERE attributes_other ? '" + KEY + "'");
        long all = number(stack, "SELECT count(*) FROM otel.spans_fact");
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%,d spans: %,d have %s typed, %,d in the catch-all; %,d twice, %,d lost%n",
                all,
                typed,
                KEY,
                inCatchAll,
                typed - owners,
                all - owners - inCatchAll);
        return typed == promoted && owners == typed && owners + inCatchAll == all;
    }

    private void print(
            SpanFlow.Rate fastest, SpanFlow.Rate before, SpanFlow.Rate meanwhile, long promoted, long behind) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "at most     %,9.0f spans/s%n", fastest.perSecond());
        out.printf(Locale.ROOT, "before      %,9.0f spans/s for %.0f s%n", before.perSecond(), before.seconds());
        out.printf(
                Locale.ROOT,
                "meanwhile   %,9.0f spans/s for %.0f s: %.2f of before; %,d values moved, %,.0f/s; %,d spans behind at its end%n",
                meanwhile.perSecond(),
                meanwhile.seconds(),
                meanwhile.perSecond() / before.perSecond(),
                promoted,
                promoted / meanwhile.seconds(),
                behind);
    }

    private static long number(Stack stack, String query) throws SQLException {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    private void say(String what) {
        spec.commandLine().getErr().println("benchmarks/run: " + what);
    }
}
