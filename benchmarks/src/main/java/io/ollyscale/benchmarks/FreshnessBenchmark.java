package io.ollyscale.benchmarks;

import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;

/** Whether folding keeps up, how soon a span shows, and how long questions take. */
@Command(
        name = "freshness",
        description = {
            "Stores --units spans of --operations operations as fast as the job can and looks at what isn't folded meanwhile; then lets spans"
                    + " flow at half of that rate and measures how long after Kafka has one a view counts it; last the audit and the views that"
                    + " people read.",
            "The exit status is 1 where the audit finds anything."
        })
final class FreshnessBenchmark extends FlowBenchmark {
    @Override
    void measure(Stack stack, TopicFiller topic, SpanFlow flow) throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        long units = input.units(Signal.TRACES);
        say("storing %,d spans".formatted(units));
        UnfoldedProbe unfolded = new UnfoldedProbe(stack);
        SpanFlow.Rate fastest = flow.backlog(units);
        out.printf(
                Locale.ROOT,
                "at most  %,8.0f spans/s for %.0f s; %s%n",
                fastest.perSecond(),
                fastest.seconds(),
                unfolded.stop());

        say("%,.0f spans/s for %d s".formatted(fastest.perSecond() / 2, seconds));
        unfolded = new UnfoldedProbe(stack);
        try (Feeder feeder = flow.feed(fastest.perSecond() / 2);
                Connection connection = stack.connect()) {
            Freshness freshness = new Freshness(connection, topic, SpanFlow.PARTITIONS);
            CompletableFuture<double[]> probes = CompletableFuture.supplyAsync(() -> {
                try {
                    return freshness.measure(seconds);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            SpanFlow.Rate rate = flow.during(probes);
            out.printf(
                    Locale.ROOT,
                    "half     %,8.0f spans/s for %.0f s; %s%n",
                    rate.perSecond(),
                    rate.seconds(),
                    unfolded.stop());
            double[] millis = probes.get();
            out.printf(
                    Locale.ROOT,
                    "shown    %.0f ms after Kafka had them (median of %d; 95 %%: %.0f ms, at most %.0f ms)%n",
                    millis[millis.length / 2],
                    millis.length,
                    millis[millis.length * 95 / 100],
                    millis[millis.length - 1]);
            feeder.stop();
            flow.awaitStored(feeder.published() * SpanFlow.UNITS_PER_RECORD);
        }
    }

    @Override
    boolean isRight(Stack stack) throws SQLException {
        say("asking");
        ask(stack, "SELECT count(*) FROM otel.top_operations", "%,d operations, @top_operations");
        ask(stack, "SELECT count(*) FROM otel.service_overview", "%,d services, @service_overview");
        ask(stack, "SELECT count(*) FROM otel.spans_fact", "%,d spans, counting them in spans_fact");
        return ask(stack, "SELECT count(*) FROM otel.audit_rollups()", "%,d differences, audit_rollups()") == 0;
    }

    private long ask(Stack stack, String query, String what) throws SQLException {
        long start = System.nanoTime();
        long count = stack.number(query);
        spec.commandLine()
                .getOut()
                .printf(Locale.ROOT, "%,8.2f s  " + what + "%n", (System.nanoTime() - start) / 1e9, count);
        return count;
    }
}
