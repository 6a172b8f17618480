package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.audit.Audit;
import io.ollyscale.sql.Migrations;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether the rollups are what the facts say. */
@Command(
        name = "audit",
        description = {
            "Compares the rollups with the facts, in one snapshot, so it may run while data comes in: each count, sum,"
                    + " minimum, maximum and sketch of each minute and hour. Sums of doubles may differ by 1e-9 of them."
                    + " Windows that retention has dropped, of rollups or of facts, are left out.",
            "Also counts facts older than an hour that name a resource, scope, service or series that isn't there, as far as"
                    + " it gets within a minute.",
            "",
            "It reads every span of the time, and holds back the removal of dead rows meanwhile.",
            "",
            "Exit status 1: there are differences, or rows that aren't there."
        })
final class AuditCommand implements Callable<Integer> {

    private static final String ERASE_LINE = "\r\u001b[K";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = ExportCommand.Time.class,
            description = {
                "Only windows that begin then or later, by the spans' start.",
                "2026-01-31, 2026-01-31T12:00:00Z or with +01:00; a date is its midnight in UTC."
            })
    private Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = ExportCommand.Time.class,
            description = "Only windows that begin before then.")
    private Instant to;

    @Option(
            names = "--json",
            description = "Print JSON. As the table, it has the first " + Audit.MOST_DIFFERENCES + " differences.")
    private boolean json;

    @Override
    public Integer call() throws SQLException {
        if (from != null && to != null && !from.isBefore(to)) {
            throw new ParameterException(spec.commandLine(), "The end of the time must be after its beginning");
        }
        try (Connection connection = connections.connect();
                StopSignal stop = new StopSignal()) {
            Migrations.verify(connection);
            Thread cancel = ShutdownHooks.cancel(connection);
            try {
                return report(audit(connection));
            } catch (SQLException e) {
                if (stop.received()) {
                    spec.commandLine().getErr().println("Stopped before the end");
                    return 1;
                }
                throw e;
            } finally {
                ShutdownHooks.remove(cancel);
            }
        }
    }

    private Audit audit(Connection connection) throws SQLException {
        PrintWriter err = spec.commandLine().getErr();
        boolean shown = Terminal.isPresent();
        if (shown) {
            err.print("Comparing the rollups with every span …");
            err.flush();
        }
        try {
            return Audit.of(connection, from, to);
        } finally {
            if (shown) {
                err.print(ERASE_LINE);
                err.flush();
            }
        }
    }

    private int report(Audit audit) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, AuditJson.of(audit));
        } else {
            AuditText.print(out, audit);
        }
        return audit.isClean() ? 0 : 1;
    }
}
