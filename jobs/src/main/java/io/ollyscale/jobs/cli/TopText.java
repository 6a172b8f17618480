package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.TextTable.Align;
import io.ollyscale.jobs.cli.TextTable.Column;
import io.ollyscale.jobs.cli.top.Activity;
import io.ollyscale.jobs.cli.top.Grouping;
import io.ollyscale.jobs.cli.top.Order;
import io.ollyscale.jobs.cli.top.Snapshot;
import io.ollyscale.jobs.cli.top.Subject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * A snapshot for people: a line of totals, a table, and what a reader has to know of it.
 *
 * @param limit shows at most as many rows
 * @param zone of the times that are shown
 */
record TopText(Grouping grouping, Order order, int limit, ZoneId zone) {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final String NONE = "-";

    /** Columns that a narrow terminal goes without, the first ones first. */
    private static final List<String> DISPENSABLE = List.of("instances", "spans/s", "p99 ms", "max ms", "seen");

    private static final int READABLE_NAME = 18;
    private static final int SEPARATOR = 3;

    private record Cell(Column column, Function<Activity, String> text) {}

    /**
     * @param width of a line in characters; empty: any
     * @param height how many lines there may be; empty: any number
     */
    List<String> lines(Snapshot snapshot, OptionalInt width, OptionalInt height) {
        List<String> lines = new ArrayList<>(heading(snapshot));
        if (snapshot.activities().isEmpty()) {
            lines.add(nothing(snapshot));
            return lines;
        }
        List<String> notes = notes(snapshot);
        // The table's own heading has two lines, and one says how many more rows there are.
        int room = height.isEmpty() ? limit : height.getAsInt() - lines.size() - notes.size() - 3;
        List<Activity> rows = snapshot.activities().stream()
                .sorted(order.comparator())
                .limit(Math.max(1, Math.min(limit, room)))
                .toList();
        lines.addAll(table(snapshot, rows, width));
        int more = snapshot.activities().size() - rows.size();
        if (more > 0) {
            lines.add("and " + number(more) + " more");
        }
        lines.addAll(notes);
        return lines;
    }

    private List<String> heading(Snapshot snapshot) {
        String period = time(snapshot.until()) + "  since " + time(snapshot.since());
        if (snapshot.activities().isEmpty()) {
            return List.of(period, "");
        }
        long spans = snapshot.activities().stream().mapToLong(Activity::spans).sum();
        String totals = String.format(
                Locale.ROOT,
                "%s, %s, %s spans/s",
                period,
                count(snapshot.activities().size(), grouping.toString()),
                significant(snapshot.rate(spans)));
        return List.of(totals, "");
    }

    private String nothing(Snapshot snapshot) {
        if (snapshot.newest() == null) {
            return "The store holds no spans yet.";
        }
        return "No spans began since then. The newest one of the store arrived "
                + Ages.of(Duration.between(snapshot.newest(), snapshot.until())) + " ago.";
    }

    private List<String> notes(Snapshot snapshot) {
        List<String> notes = new ArrayList<>();
        if (grouping == Grouping.SERVICE && snapshot.activities().stream().anyMatch(a -> a.requests() == 0)) {
            notes.add("Without req/s: no server or consumer spans; errors and durations are those of all spans.");
        }
        if (!snapshot.complete()) {
            notes.add("There are more than were read: these are the busiest.");
        }
        return notes;
    }

    private List<String> table(Snapshot snapshot, List<Activity> rows, OptionalInt width) {
        List<Cell> cells = fitting(cells(snapshot, rows), rows, width);
        StringWriter text = new StringWriter();
        TextTable table = TextTable.fitting(
                new PrintWriter(text), cells.stream().map(Cell::column).toList(), width);
        rows.forEach(row ->
                table.row(cells.stream().map(cell -> cell.text().apply(row)).toList()));
        table.end();
        return text.toString().lines().toList();
    }

    private List<Cell> fitting(List<Cell> cells, List<Activity> rows, OptionalInt width) {
        List<Cell> fitting = new ArrayList<>(cells);
        for (String dispensable : DISPENSABLE) {
            int needed = fitting.stream()
                    .mapToInt(cell -> SEPARATOR + width(cell, rows))
                    .sum();
            // By operation, the rate is that of spans.
            boolean needless = grouping == Grouping.SERVICE || !dispensable.equals("spans/s");
            if (width.isPresent() && needed - SEPARATOR > width.getAsInt() && needless) {
                fitting.removeIf(cell -> cell.column().name().equals(dispensable));
            }
        }
        return fitting;
    }

    private static int width(Cell cell, List<Activity> rows) {
        int longest = rows.stream()
                .mapToInt(row -> cell.text().apply(row).length())
                .max()
                .orElse(0);
        int width = Math.max(cell.column().name().length(), longest);
        return cell.column().align() == Align.LEFT ? Math.min(width, READABLE_NAME) : width;
    }

    private List<Cell> cells(Snapshot snapshot, List<Activity> rows) {
        List<Cell> cells = new ArrayList<>();
        cells.add(left("service", a -> service(a.subject())));
        if (rows.stream().anyMatch(a -> a.subject().environment() != null)) {
            cells.add(left(
                    "environment", a -> Objects.requireNonNullElse(a.subject().environment(), NONE)));
        }
        if (grouping == Grouping.SERVICE) {
            cells.add(right("req/s", a -> a.requests() == 0 ? NONE : significant(snapshot.rate(a.requests()))));
        } else {
            cells.add(left("operation", a -> a.subject().operation()));
            cells.add(left("kind", a -> a.subject().kind()));
        }
        cells.add(right("spans/s", a -> significant(snapshot.rate(a.spans()))));
        cells.add(
                right("errors", a -> percent(a.measured().errors(), a.measured().spans())));
        cells.add(right("p50 ms", a -> millis(a.measured().p50())));
        cells.add(right("p95 ms", a -> millis(a.measured().p95())));
        cells.add(right("p99 ms", a -> millis(a.measured().p99())));
        cells.add(right("max ms", a -> millis(a.measured().max())));
        if (grouping == Grouping.SERVICE) {
            cells.add(right("instances", a -> number(a.instances())));
        }
        cells.add(right("seen", a -> Ages.of(Duration.between(a.lastSeen(), snapshot.until()))));
        return cells;
    }

    private static String service(Subject subject) {
        if (subject.serviceId() != null) {
            return String.format(Locale.ROOT, "(not known yet: %016x)", subject.serviceId());
        }
        String name = Objects.requireNonNullElse(subject.service(), "(no name)");
        return subject.namespace() == null ? name : subject.namespace() + "/" + name;
    }

    private static Cell left(String name, Function<Activity, String> text) {
        return new Cell(new Column(name, Align.LEFT), text);
    }

    private static Cell right(String name, Function<Activity, String> text) {
        return new Cell(new Column(name, Align.RIGHT), text);
    }

    private String time(Instant time) {
        return TIME.format(time.atZone(zone));
    }

    private static String count(int count, String what) {
        return number(count) + " " + what + (count == 1 ? "" : "s");
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String percent(long part, long whole) {
        return part == 0 ? "0 %" : significant(100.0 * part / whole) + " %";
    }

    private static String millis(Double nanos) {
        return nanos == null ? NONE : significant(nanos / 1e6);
    }

    /** Three digits where there is a fraction to cut. */
    private static String significant(double number) {
        int decimals = number < 10 ? 2 : number < 100 ? 1 : 0;
        return String.format(Locale.ROOT, "%,." + decimals + "f", number);
    }
}
