package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.top.ActivityQuery;
import io.ollyscale.jobs.cli.top.Grouping;
import io.ollyscale.jobs.cli.top.Order;
import io.ollyscale.jobs.cli.top.Snapshot;
import io.ollyscale.sql.Migrations;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Rate, errors and durations on the terminal. */
@Command(
        name = "top",
        description = {
            "Shows the rate, errors and durations of each service, of the spans that began within the last minute or so.",
            "",
            "It reads the rollups by minute, with what isn't folded yet, so the window is of the spans' own time, and begins"
                    + " with the whole minute that --window ago lies in. Rates are over the time from then until now; spans"
                    + " that are on their way are missing from them, and come late.",
            "",
            "A service's requests are its server and consumer spans. A service without any shows those of all its"
                    + " spans. Versions and instances of a service are one row, environments are not. Quantiles are exact"
                    + " to 1 %%. A span without an end, or with one before its start, lasts 0; one without a start isn't"
                    + " counted. Operations beyond the limit of a service are one, otel.overflow. \"seen\" is how long ago"
                    + " the last minute ended in which a span began.",
            "",
            "On a terminal it refreshes until Ctrl-C; elsewhere it prints once."
        })
final class TopCommand implements Callable<Integer> {

    private static final Duration SHORTEST_WINDOW = Duration.ofSeconds(5);

    /** Longer than a statement may take. */
    private static final Duration PATIENCE = ActivityQuery.PATIENCE.plusSeconds(10);

    /** Reading takes at most a fifth of the time, however much there is to read. */
    private static final int REST_PER_READING = 4;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Option(
            names = "--window",
            paramLabel = "TIME",
            defaultValue = "1m",
            description = "How far back, in whole minutes: 30s, 5m, 1h. Default: ${DEFAULT-VALUE}.")
    private Duration window;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "2s",
            description = "Time between two refreshes, longer where reading takes long. Default: ${DEFAULT-VALUE}.")
    private Duration interval;

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            defaultValue = "service",
            description = "What has a row: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Grouping grouping;

    @Option(names = "--service", paramLabel = "NAME", description = "Only services of this name.")
    private String service;

    @Option(
            names = "--sort",
            paramLabel = "BY",
            defaultValue = "rate",
            description = "What comes first: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Order order;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Show at most N rows; on a terminal also no more than fit. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--once", description = "Print once and end.")
    private boolean once;

    @Option(names = "--json", description = "Print once, as JSON.")
    private boolean json;

    @Override
    public Integer call() throws SQLException, InterruptedException {
        if (window.compareTo(SHORTEST_WINDOW) < 0) {
            throw new ParameterException(spec.commandLine(), "--window must be 5s or longer");
        }
        if (interval.isNegative() || interval.isZero()) {
            throw new ParameterException(spec.commandLine(), "--interval must be longer than 0");
        }
        if (limit < 1) {
            throw new ParameterException(spec.commandLine(), "--limit must be 1 or more");
        }
        ActivityQuery query = new ActivityQuery(grouping, window, service);
        if (once || json || !Terminal.isPresent()) {
            print(query);
        } else {
            refresh(query);
        }
        return 0;
    }

    private void print(ActivityQuery query) throws SQLException {
        Snapshot snapshot;
        try (Connection connection = connect()) {
            Migrations.verify(connection);
            snapshot = query.read(connection);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, TopJson.of(snapshot, order, limit));
        } else {
            text().lines(snapshot, Terminal.width(), OptionalInt.empty()).forEach(out::println);
        }
    }

    /** Ends with the process, or because there is no store at the start. */
    private void refresh(ActivityQuery query) throws SQLException, InterruptedException {
        try (Connection connection = connect()) {
            Migrations.verify(connection);
        }
        try (Screen screen = new Screen(spec.commandLine().getOut())) {
            while (true) {
                long begun = System.nanoTime();
                try (Connection connection = connect()) {
                    while (true) {
                        begun = System.nanoTime();
                        Snapshot snapshot = query.read(connection);
                        Duration pause = pauseAfter(snapshot.took());
                        show(screen, snapshot, pause);
                        Thread.sleep(pause.toMillis());
                    }
                } catch (SQLException | UserFailure e) {
                    // A local mode that was stopped is no failure of the URL's, and may be back soon.
                    screen.show(List.of(Failures.line(e), "Trying again …"), Terminal.extent());
                }
                Thread.sleep(
                        pauseAfter(Duration.ofNanos(System.nanoTime() - begun)).toMillis());
            }
        }
    }

    private void show(Screen screen, Snapshot snapshot, Duration pause) {
        Optional<Terminal.Extent> extent = Terminal.extent();
        List<String> lines = new ArrayList<>(text().lines(
                        snapshot,
                        extent.map(e -> OptionalInt.of(e.columns())).orElse(OptionalInt.empty()),
                        extent.map(e -> OptionalInt.of(e.rows())).orElse(OptionalInt.empty())));
        if (pause.compareTo(interval) > 0) {
            double seconds = snapshot.took().toMillis() / 1e3;
            lines.set(0, lines.get(0) + String.format(Locale.ROOT, "  (reading takes %.1f s)", seconds));
        }
        screen.show(lines, extent);
    }

    private Duration pauseAfter(Duration reading) {
        Duration rest = reading.multipliedBy(REST_PER_READING);
        return rest.compareTo(interval) > 0 ? rest : interval;
    }

    private TopText text() {
        return new TopText(grouping, order, limit, ZoneId.systemDefault());
    }

    private Connection connect() throws SQLException {
        PGSimpleDataSource dataSource = connections.dataSource();
        dataSource.setSocketTimeout((int) PATIENCE.toSeconds());
        return ConnectionOptions.connect(dataSource);
    }
}
