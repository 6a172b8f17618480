package io.ollyscale.benchmarks;

import io.ollyscale.jobs.cli.recording.UnitCount;
import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What variants of the indexes cost and buy.
 *
 * @param variants the first is the set that the others differ from
 * @param results in the order that they were measured: round by round
 */
record IndexReport(
        Signal signal, long units, List<IndexVariant> variants, List<IndexQuery> queries, List<Result> results) {

    /** How much slower or quicker a query must be to be shown. */
    private static final double NOTABLE = 1.5;

    /**
     * One filling of the tables; bytes are for a unit.
     *
     * @param cpu seconds of the server for a million units
     * @param times milliseconds; empty where queries weren't asked
     */
    record Result(
            IndexVariant variant, double cpu, double wal, double table, double indexes, Map<IndexQuery, Double> times) {}

    void print(PrintWriter out) {
        line(out, "%,d %s", units, UnitCount.name(signal, true));
        line(out, "");
        line(
                out,
                "%-40s %13s %22s %8s %8s %8s",
                "",
                "CPU s/M units",
                "difference (each)",
                "WAL B",
                "table B",
                "index B");
        for (IndexVariant variant : variants) {
            line(
                    out,
                    "%-40s %13.2f %22s %8.0f %8.0f %8.0f",
                    variant.name(),
                    median(variant, Result::cpu),
                    differences(variant),
                    median(variant, Result::wal),
                    median(variant, Result::table),
                    median(variant, Result::indexes));
        }
        line(out, "");
        line(out, "Milliseconds of queries, and of variants that differ by over %.1f times:", NOTABLE);
        for (IndexQuery query : queries) {
            double usual = time(variants.get(0), query);
            StringBuilder others = new StringBuilder();
            for (IndexVariant variant : variants) {
                double time = time(variant, query);
                if (time > usual * NOTABLE || time < usual / NOTABLE) {
                    others.append(String.format(Locale.ROOT, "; %s %.2f", variant.name(), time));
                }
            }
            line(out, "%-44s %9.2f%s", query.name(), usual, others);
        }
    }

    /** The median of the rounds' differences from the set, and each of them. */
    private String differences(IndexVariant variant) {
        double[] set = values(variants.get(0), Result::cpu);
        double[] own = values(variant, Result::cpu);
        double[] differences = new double[own.length];
        StringBuilder each = new StringBuilder();
        for (int i = 0; i < own.length; i++) {
            differences[i] = own[i] - set[i];
            each.append(String.format(Locale.ROOT, " %+.1f", differences[i]));
        }
        return variant == variants.get(0)
                ? ""
                : String.format(Locale.ROOT, "%+.2f (%s)", median(differences), each.substring(1));
    }

    private double time(IndexVariant variant, IndexQuery query) {
        return results.stream()
                .filter(result -> result.variant() == variant && result.times().containsKey(query))
                .findFirst()
                .orElseThrow()
                .times()
                .get(query);
    }

    private double median(IndexVariant variant, ToDoubleFunction<Result> value) {
        return median(values(variant, value));
    }

    private double[] values(IndexVariant variant, ToDoubleFunction<Result> value) {
        return results.stream()
                .filter(result -> result.variant() == variant)
                .mapToDouble(value)
                .toArray();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static void line(PrintWriter out, String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    }
}
