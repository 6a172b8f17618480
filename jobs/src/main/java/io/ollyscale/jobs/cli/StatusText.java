package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.TextTable.Align;
import io.ollyscale.jobs.cli.TextTable.Column;
import io.ollyscale.jobs.cli.recording.UnitCount;
import io.ollyscale.jobs.cli.status.PartitionLag;
import io.ollyscale.jobs.cli.status.StatusReport;
import io.ollyscale.jobs.cli.status.StoreStatus;
import io.ollyscale.jobs.cli.status.TableSize;
import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The status for people: a heading and a table or a line for each subject. */
final class StatusText {

    private static final String DIMENSION = "_dim";

    private final PrintWriter out;
    private final StatusReport report;
    private final StoreStatus store;

    StatusText(PrintWriter out, StatusReport report) {
        this.out = out;
        this.report = report;
        this.store = report.store();
    }

    void print() {
        lag();
        freshness();
        job();
        gaps();
        quarantine();
        dimensions();
        policy();
        partitions();
        tables();
    }

    private void lag() {
        if (report.lagProblem().isPresent()) {
            say("Lag", "unknown. " + report.lagProblem().get());
            return;
        }
        if (report.lags().isEmpty()) {
            say("Lag", "none, Kafka has no topic to read");
            return;
        }
        say("Lag", records(report.lag()) + " to be stored");
        table(
                report.lags(),
                List.of(left("topic"), right("partition"), right("next offset"), right("end offset"), right("lag")),
                lag -> List.of(
                        lag.topic(),
                        Integer.toString(lag.partition()),
                        lag.nextOffset() == null ? "never read" : number(lag.nextOffset()),
                        number(lag.logEnd()),
                        number(lag.lag())));
    }

    private void freshness() {
        String written = store.lastWriteAgo()
                .map(ago -> "last write " + Ages.of(ago) + " ago")
                .orElse("nothing was ever written");
        String record = store.lastRecord()
                .map(timestamp -> ", newest record of " + time(timestamp))
                .orElse("");
        say("Freshness", written + record);
        for (Signal signal : Signal.values()) {
            Duration ago = store.newestFactAgo().get(signal);
            out.println("  "
                    + (ago == null
                            ? "no " + UnitCount.name(signal, false) + " is stored"
                            : "newest " + UnitCount.name(signal, false) + " arrived " + Ages.of(ago) + " ago"));
        }
    }

    private void job() {
        say(
                "Job",
                store.job()
                        .map(job ->
                                "generation " + job.generation() + ", submitted " + time(job.submittedAt()) + " from "
                                        + job.host() + ", version " + job.version()
                                        + (job.sessions() == 0 ? "; no job has a session here" : ""))
                        .orElse("none was ever submitted"));
    }

    private void gaps() {
        List<PartitionLag> losing =
                report.lags().stream().filter(lag -> lag.lost() > 0).toList();
        if (store.gaps().isEmpty() && losing.isEmpty()) {
            say("Gaps", "none");
            return;
        }
        say("Gaps", "records that Kafka no longer had when they were due");
        table(
                store.gaps(),
                List.of(left("topic"), right("partition"), right("from"), right("to"), left("reason"), left("noticed")),
                gap -> List.of(
                        gap.topic(),
                        Integer.toString(gap.partition()),
                        number(gap.from()),
                        number(gap.to()),
                        gap.reason(),
                        time(gap.noticedAt())));
        losing.forEach(lag -> out.println("  " + lag.topic() + " partition " + lag.partition() + ": "
                + records(lag.lost()) + " deleted before they were stored"));
    }

    private void quarantine() {
        long total =
                store.quarantine().values().stream().mapToLong(Long::longValue).sum();
        if (total == 0) {
            say("Quarantine", "empty");
            return;
        }
        say("Quarantine", records(total));
        table(
                List.copyOf(store.quarantine().entrySet()),
                List.of(left("reason"), right("records")),
                reason -> List.of(reason.getKey(), number(reason.getValue())));
    }

    private void dimensions() {
        String rows = store.tables().stream()
                .filter(table -> table.name().endsWith(DIMENSION))
                .map(table -> rows(table) + " " + dimension(table))
                .collect(Collectors.joining(", "));
        say("Dimensions", rows);
        long collisions = store.dimensions().collisions();
        long refused = store.dimensions().refused();
        if (collisions > 0) {
            out.println("  " + number(collisions) + " whose id belongs to another one: see otel.dimension_collisions");
        }
        if (refused > 0) {
            out.println("  " + number(refused) + " refused by PostgreSQL: see otel.refused_dimensions");
        }
    }

    /** operation_dim and resources_dim have operations and resources; a series is one and many. */
    private static String dimension(TableSize table) {
        String name = table.name()
                .substring(0, table.name().length() - DIMENSION.length())
                .replace('_', ' ');
        String one = name.replaceFirst("(?<!serie)s$", "");
        return table.rows() == 1 || one.endsWith("series") ? one : one + "s";
    }

    private void policy() {
        say(
                "Policy",
                store.policy()
                        .map(policy -> "version " + policy.version() + ", since " + time(policy.activeSince()))
                        .orElse("none is registered"));
    }

    private void partitions() {
        say(
                "Partitions",
                store.partitions()
                        .map(ahead -> ahead.ahead().isNegative()
                                ? "missing since " + time(ahead.until()) + ": rows can't be stored"
                                : "there until " + time(ahead.until()) + ", " + Ages.of(ahead.ahead()) + " ahead")
                        .orElse("none yet, the job creates them"));
    }

    private void tables() {
        say("Tables", "those with rows; ~ is an estimate");
        table(
                store.tables().stream().filter(table -> table.rows() > 0).toList(),
                List.of(left("table"), right("rows"), right("size")),
                (TableSize table) -> List.of(table.name(), rows(table), Size.of(table.bytes())));
    }

    private void say(String subject, String what) {
        out.printf("%-11s %s%n", subject, what);
    }

    private <T> void table(List<T> rows, List<Column> columns, Function<T, List<String>> cells) {
        if (rows.isEmpty()) {
            return;
        }
        out.println();
        TextTable table = TextTable.fitting(out, columns, OptionalInt.empty());
        rows.forEach(row -> table.row(cells.apply(row)));
        table.end();
        out.println();
    }

    private static Column left(String name) {
        return new Column(name, Align.LEFT);
    }

    private static Column right(String name) {
        return new Column(name, Align.RIGHT);
    }

    private static String rows(TableSize table) {
        return (table.exact() ? "" : "~") + number(table.rows());
    }

    private static String records(long count) {
        return number(count) + (count == 1 ? " record" : " records");
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
