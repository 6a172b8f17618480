package io.ollyscale.benchmarks;

import io.ollyscale.jobs.IngestJob;
import io.ollyscale.jobs.cli.recording.UnitCount;
import io.ollyscale.schema.otlp.Signal;
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
 * @param rowsPerUnit over all tables
 * @param without the part that {@code less} doesn't have; null where nothing was left out
 * @param medianLess null where the job wasn't measured without a part
 */
record Report(
        String input,
        String server,
        int parallelism,
        Signal signal,
        long units,
        int records,
        double otlpBytesPerUnit,
        double copyBytesPerUnit,
        double rowsPerUnit,
        String without,
        List<Round> rounds,
        Side medianJob,
        Side medianLess,
        Side medianCopy,
        double jobToCopy) {

    private static final String HEADING = "%-15s %13s %15s %15s %11s %8s %8s";

    /** One way to store the units, once, with bytes for a unit. */
    record Side(Commits.Steady steady, double walBytes, double diskBytes) {

        double unitsPerSecond() {
            return steady.unitsPerSecond();
        }
    }

    /** @param less the job without a part; null where it wasn't measured */
    record Round(Side job, Side less, Side copy) {

        double jobToCopy() {
            return job.unitsPerSecond() / copy.unitsPerSecond();
        }
    }

    static Report of(
            String input,
            String server,
            int parallelism,
            Workload workload,
            IngestJob.Part without,
            List<Round> rounds) {
        double units = workload.units();
        Side job = median(rounds.stream().map(Round::job).toList());
        List<Side> less =
                rounds.stream().map(Round::less).filter(Objects::nonNull).toList();
        Side copy = median(rounds.stream().map(Round::copy).toList());
        return new Report(
                input,
                server,
                parallelism,
                workload.signal(),
                workload.units(),
                workload.records(),
                workload.otlpBytes() / units,
                workload.copyBytes() / units,
                workload.rows().values().stream().mapToLong(Long::longValue).sum() / units,
                without == null ? null : without.toString(),
                rounds,
                job,
                less.isEmpty() ? null : median(less),
                copy,
                job.unitsPerSecond() / copy.unitsPerSecond());
    }

    void print(PrintWriter out) {
        line(
                out,
                "%s: %,d %s in %,d records; one is %.0f B of OTLP, %.1f rows, %.0f B of COPY",
                input,
                units,
                unitsName(),
                records,
                otlpBytesPerUnit,
                rowsPerUnit,
                copyBytesPerUnit);
        line(out, "%s", server);
        line(
                out,
                "Parallelism %d, %d processors",
                parallelism,
                Runtime.getRuntime().availableProcessors());
        line(out, "");
        line(out, HEADING, "", "", "CPU s/M units", "CPU s/M units", "CPUs busy", "WAL", "disk");
        line(out, HEADING, "", unitsName() + "/s", "PostgreSQL", "this process", "elsewhere", "B/unit", "B/unit");
        for (int i = 0; i < rounds.size(); i++) {
            print(out, "round " + (i + 1) + "  job", rounds.get(i).job());
            if (medianLess != null) {
                print(out, "         less", rounds.get(i).less());
            }
            print(out, "         COPY", rounds.get(i).copy());
        }
        print(out, "median   job", medianJob);
        if (medianLess != null) {
            print(out, "         less", medianLess);
        }
        print(out, "         COPY", medianCopy);
        line(out, "");
        if (medianLess != null) {
            line(
                    out,
                    "job/less %.2f (rounds: %s): less is the job without %s",
                    medianJob.unitsPerSecond() / medianLess.unitsPerSecond(),
                    ratios(round -> round.job().unitsPerSecond() / round.less().unitsPerSecond()),
                    without);
        }
        line(out, "job/COPY %.2f (rounds: %s)", jobToCopy, ratios(Round::jobToCopy));
    }

    private String ratios(ToDoubleFunction<Round> ratio) {
        return rounds.stream()
                .map(round -> String.format(Locale.ROOT, "%.2f", ratio.applyAsDouble(round)))
                .collect(Collectors.joining(", "));
    }

    /** The result in one line. */
    void printRates(PrintWriter out) {
        line(
                out,
                "%-13s %,9.0f/s by the job, %,9.0f/s by plain COPY: %.2f",
                unitsName(),
                medianJob.unitsPerSecond(),
                medianCopy.unitsPerSecond(),
                jobToCopy);
    }

    private String unitsName() {
        return UnitCount.name(signal, true);
    }

    private static void print(PrintWriter out, String name, Side side) {
        line(
                out,
                "%-15s %,13.0f %15.1f %15.1f %11.2f %,8.0f %,8.0f",
                name,
                side.unitsPerSecond(),
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
                        median(sides, Side::unitsPerSecond),
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
