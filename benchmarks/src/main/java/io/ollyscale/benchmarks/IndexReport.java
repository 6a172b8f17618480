package io.ollyscale.benchmarks;

import io.ollyscale.jobs.cli.recording.UnitCount;
import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What variants of the indexes cost and buy. */
record IndexReport(Signal signal, long units, IndexCases cases, List<Result> results) {

    /** How much slower or quicker a query must be to be shown. */
    private static final double NOTABLE = 2;

    /**
     * One variant; bytes are for a unit.
     *
     * @param cpu seconds of the session for a million units, by transaction
     * @param times milliseconds
     */
    record Result(
            IndexVariant variant,
            List<Double> cpu,
            double wal,
            double table,
            double indexes,
            Map<IndexQuery, Double> times) {}

    void print(PrintWriter out) {
        Result set = of(cases.variants().get(0));
        line(out, "%,d %s", units, UnitCount.name(signal, true));
        line(out, "");
        line(
                out,
                "%-40s %13s %26s %8s %8s %8s",
                "",
                "CPU s/M units",
                "more (quartiles)",
                "WAL B",
                "table B",
                "index B");
        for (IndexVariant variant : cases.variants()) {
            Result result = of(variant);
            line(
                    out,
                    "%-40s %13.1f %26s %8.0f %8.0f %8.0f",
                    variant.name(),
                    quantile(result.cpu().stream().mapToDouble(Double::doubleValue), 0.5),
                    result == set ? "" : more(result, set),
                    result.wal(),
                    result.table(),
                    result.indexes());
        }
        line(out, "");
        line(
                out,
                "Milliseconds of queries, and in the variants where they take over %.0f times as long or short:",
                NOTABLE);
        for (IndexQuery query : cases.queries()) {
            double usual = set.times().get(query);
            StringBuilder others = new StringBuilder();
            for (IndexVariant variant : cases.variants()) {
                double time = of(variant).times().get(query);
                if (time > usual * NOTABLE || time < usual / NOTABLE) {
                    others.append(String.format(Locale.ROOT, "; %s %.2f", variant.name(), time));
                }
            }
            line(out, "%-44s %9.2f%s", query.name(), usual, others);
        }
    }

    private Result of(IndexVariant variant) {
        return results.stream()
                .filter(result -> result.variant() == variant)
                .findFirst()
                .orElseThrow();
    }

    /** The same transactions' difference: the median and the quartiles. The first one fills caches. */
    private static String more(Result result, Result set) {
        double[] more = IntStream.range(1, result.cpu().size())
                .mapToDouble(i -> result.cpu().get(i) - set.cpu().get(i))
                .toArray();
        return String.format(
                Locale.ROOT,
                "%+.2f (%+.2f to %+.2f)",
                quantile(DoubleStream.of(more), 0.5),
                quantile(DoubleStream.of(more), 0.25),
                quantile(DoubleStream.of(more), 0.75));
    }

    private static double quantile(DoubleStream values, double quantile) {
        double[] sorted = values.sorted().toArray();
        return sorted[(int) Math.round(quantile * (sorted.length - 1))];
    }

    private static void line(PrintWriter out, String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    }
}
