package io.ollyscale.benchmarks;

import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/** What moving stored values to a typed table does to a job that stores spans meanwhile. */
@Command(
        name = "promote",
        description = {
            "Stores --units spans as fast as the job can, then lets spans flow at half of that rate, and measures what is stored of"
                    + " them before and while promote_attribute moves a key's values of all of them.",
            "Nothing may be lost or there twice then."
        })
final class PromoteBenchmark extends FlowBenchmark {
    private static final String KEY = "thread.name";

    private long promoted;

    @Override
    void measure(Stack stack, TopicFiller topic, SpanFlow flow) throws Exception {
        long units = input.units(Signal.TRACES);
        say("storing %,d spans".formatted(units));
        SpanFlow.Rate fastest = flow.backlog(units);
        double rate = fastest.perSecond() / 2;

        say("%,.0f spans/s; from now on half of that".formatted(fastest.perSecond()));
        try (Feeder feeder = flow.feed(rate)) {
            flow.during(after(10));
            say("measuring the rate before");
            SpanFlow.Rate before = flow.during(after(seconds));
            say("promoting " + KEY);
            CompletableFuture<Long> promotion = CompletableFuture.supplyAsync(() -> promote(stack));
            SpanFlow.Rate meanwhile = flow.during(promotion);
            promoted = promotion.get();
            long behind = feeder.published() * SpanFlow.UNITS_PER_RECORD - flow.stored();
            feeder.stop();
            flow.awaitStored(feeder.published() * SpanFlow.UNITS_PER_RECORD);
            print(fastest, before, meanwhile, behind);
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
    @Override
    boolean isRight(Stack stack) throws SQLException {
        say("counting");
        long typed = stack.number(
                "SELECT count(*) FROM otel.span_attrs_string WHERE key_id = otel.key_id('" + KEY + "', 'string')");
        long owners =
                stack.number("SELECT count(DISTINCT parent_id) FROM otel.span_attrs_string WHERE key_id = otel.key_id('"
                        + KEY + "', 'string')");
        long inCatchAll = stack.number("SELECT count(*) FROM otel.spans_fact WHERE attributes_other ? '" + KEY + "'");
        long all = stack.number("SELECT count(*) FROM otel.spans_fact");
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

    private void print(SpanFlow.Rate fastest, SpanFlow.Rate before, SpanFlow.Rate meanwhile, long behind) {
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
}
