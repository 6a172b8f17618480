package io.ollyscale.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What was measured.
 *
 * @param input what was stored, in words
 * @param server what it was stored in
 * @param rowsPerSpan over all tables
 * @param medianFacts null where the job wasn't measured without dimensions
 */
record Report(
        String input,
        String server,
        int parallelism,
        long spans,
        int records,
        double otlpBytesPerSpan,
        double copyBytesPerSpan,
        double rowsPerSpan,
        List<Round> rounds,
        Side medianJob,
        Side medianFacts,
        Side medianCopy,
        double jobToCopy) {

    private static final String HEADING = "%-15s %9s %15s %15s %11s %8s %8s";

    /** One way to store the spans, once, with bytes for a span. */
    record Side(Commits.Steady steady, double walBytes, double diskBytes) {

        double spansPerSecond() {
            return steady.spansPerSecond();
        }
    }

    /** @param facts the job without dimensions; null where it wasn't measured */
    record Round(Side job, Side facts, Side copy) {

        double jobToCopy() {
            return job.spansPerSecond() / copy.spansPerSecond();
        }
    }

    static Report of(String input, String server, int parallelism, Workload workload, List<Round> rounds) {
        double spans = workload.spans();
        Side job = median(rounds.stream().map(Round::job).toList());
        List<Side> facts =
                rounds.stream().map(Round::facts).filter(Objects::nonNull).toList();
        Side copy = median(rounds.stream().map(Round::copy).toList());
        return new Report(
                input,
                server,
                parallelism,
                workload.spans(),
                workload.records(),
                workload.otlpBytes() / spans,
                workload.copyBytes() / spans,
                workload.rows().values().stream().mapToLong(Long::longValue).sum() / spans,
                rounds,
                job,
                facts.isEmpty() ? null : median(facts),
                copy,
                job.spansPerSecond() / copy.spansPerSecond());
    }

    void print(PrintWriter out) {
        line(
                out,
                "%s: %,d spans in %,d records; a span is %.0f B of OTLP, %.1f rows, %.0f B of COPY",
                input,
                spans,
                records,
                otlpBytesPerSpan,
                rowsPerSpan,
                copyBytesPerSpan);
        line(out, "%s", server);
        line(
                out,
                "Parallelism %d, %d processors",
                parallelism,
                Runtime.getRuntime().availableProcessors());
        line(out, "");
        line(out, HEADING, "", "", "CPU s/M spans", "CPU s/M spans", "CPUs busy", "WAL", "disk");
        line(out, HEADING, "", "spans/s", "PostgreSQL", "this process", "elsewhere", "B/span", "B/span");
        for (int i = 0; i < rounds.size(); i++) {
            print(out, "round " + (i + 1) + "  job", rounds.get(i).job());
            if (medianFacts != null) {
                print(out, "         facts", rounds.get(i).facts());
            }
            print(out, "         COPY", rounds.get(i).copy());
        }
        print(out, "median   job", medianJob);
        if (medianFacts != null) {
            print(out, "         facts", medianFacts);
        }
        print(out, "         COPY", medianCopy);
        line(out, "");
        if (medianFacts != null) {
            line(
                    out,
                    "job/facts %.2f (rounds: %s): facts is the job without dimensions",
                    medianJob.spansPerSecond() / medianFacts.spansPerSecond(),
                    ratios(round -> round.job().spansPerSecond() / round.facts().spansPerSecond()));
        }
        line(out, "job/COPY %.2f (rounds: %s)", jobToCopy, ratios(Round::jobToCopy));
    }

    private String ratios(ToDoubleFunction<Round> ratio) {
        return rounds.stream()
                .map(round -> String.format(Locale.ROOT, "%.2f", ratio.applyAsDouble(round)))
                .collect(Collectors.joining(", "));
    }

    void printJson(PrintWriter out) {
        try {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void print(PrintWriter out, String name, Side side) {
        line(
                out,
                "%-15s %,9.0f %15.1f %15.1f %11.2f %,8.0f %,8.0f",
                name,
                side.spansPerSecond(),
                side.steady().postgresCpu(),
                side.steady().ownCpu(),
                side.steady().othersCpu(),
                side.walBytes(),
                side.diskBytes());
    }

    private static void line(PrintWriter out, String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    }

    private static Side median(List<Side> sides) {
        return new Side(
                new Commits.Steady(
                        median(sides, Side::spansPerSecond),
                        median(sides, side -> side.steady().postgresCpu()),
                        median(sides, side -> side.steady().ownCpu()),
                        median(sides, side -> side.steady().othersCpu())),
                median(sides, Side::walBytes),
                median(sides, Side::diskBytes));
    }

    private static double median(List<Side> sides, ToDoubleFunction<Side> value) {
        double[] sorted = sides.stream().mapToDouble(value).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
