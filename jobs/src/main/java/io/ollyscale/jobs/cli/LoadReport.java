package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.recording.UnitCount;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a load has published. Not for several threads. */
final class LoadReport {

    private static final class Count {
        private long records;
        private long bytes;
        private long units;
    }

    private final long started = System.nanoTime();
    private final Map<LoadSource, Count> counts = new LinkedHashMap<>();

    LoadReport(List<LoadSource> sources) {
        sources.forEach(source -> counts.put(source, new Count()));
    }

    /** @param units spans, log records or data points */
    void count(LoadSource source, int bytes, long units) {
        Count count = counts.get(source);
        count.records++;
        count.bytes += bytes;
        count.units += units;
    }

    void print(PrintWriter out) {
        counts.forEach((source, count) -> out.printf(
                Locale.ROOT,
                "%s: %s with %,d %s to %s%n",
                source.file(),
                amount(count.records, count.bytes),
                count.units,
                UnitCount.name(source.signal(), count.units != 1),
                source.topic()));
        long nanos = System.nanoTime() - started;
        out.printf(
                Locale.ROOT,
                "Published %s in %.1f s (%s)%n",
                amount(records(), bytes()),
                nanos / 1e9,
                Progress.rate(bytes(), nanos));
    }

    void printJson(PrintWriter out) {
        List<Map<String, Object>> files = counts.entrySet().stream()
                .map(entry -> {
                    Map<String, Object> file = new LinkedHashMap<>();
                    file.put("file", entry.getKey().file().toString());
                    file.put("signal", entry.getKey().signal().toString());
                    file.put("topic", entry.getKey().topic());
                    file.put("records", entry.getValue().records);
                    file.put("bytes", entry.getValue().bytes);
                    file.put("units", entry.getValue().units);
                    file.put("left_out", entry.getKey().leftOut());
                    return file;
                })
                .toList();
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("records", records());
        report.put("bytes", bytes());
        report.put("seconds", Math.round((System.nanoTime() - started) / 1e6) / 1e3);
        report.put("files", files);
        Json.print(out, report);
    }

    private long records() {
        return counts.values().stream().mapToLong(count -> count.records).sum();
    }

    private long bytes() {
        return counts.values().stream().mapToLong(count -> count.bytes).sum();
    }

    private static String amount(long records, long bytes) {
        return String.format(Locale.ROOT, "%,d %s, %s", records, records == 1 ? "record" : "records", Size.of(bytes));
    }
}
