package io.ollyscale.jobs.cli;

import io.ollyscale.sql.Migrations;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Deletes records of quarantine for good. */
@Command(
        name = "delete",
        description = {
            "Deletes records of quarantine and their bytes for good. A replay of one that isn't stored yet stores nothing"
                    + " any more.",
            "Asks first; where there is no terminal to ask on, --yes has to be passed."
        })
final class QuarantineDeleteCommand implements Callable<Integer> {

    private static final int PAGE = 1_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Mixin
    private QuarantineChoice choice;

    @Option(
            names = {"-y", "--yes"},
            description = "Don't ask.")
    private boolean yes;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /**
     * What was chosen.
     *
     * @param replaying published, and not stored yet
     * @param lastId of those that were asked about
     */
    private record Extent(long records, long bytes, long replaying, long lastId) {}

    @Override
    public Integer call() throws SQLException {
        QuarantineSelection chosen = choice.selection(spec);
        if (!yes && !Terminal.isPresent()) {
            throw new ParameterException(spec.commandLine(), "There is no terminal to ask on: pass --yes");
        }
        PrintWriter err = spec.commandLine().getErr();
        try (Connection connection = connections.connect()) {
            Migrations.verify(connection);
            List<Long> unknown = choice.unknown(connection);
            Extent extent = extent(connection, chosen);
            if (!json) {
                QuarantineChoice.warnOf(unknown, err);
            }
            if (extent.records() > 0 && !yes && !isConfirmed(extent)) {
                err.println("Nothing was deleted");
                return 1;
            }
            long deleted = delete(connection, chosen, extent.lastId());
            if (json) {
                Map<String, Object> report = new LinkedHashMap<>();
                report.put("deleted", deleted);
                report.put("unknown_ids", unknown);
                Json.print(spec.commandLine().getOut(), report);
            } else {
                spec.commandLine().getOut().println("Deleted " + records(deleted));
            }
            return unknown.isEmpty() ? 0 : 1;
        }
    }

    private static Extent extent(Connection connection, QuarantineSelection chosen) throws SQLException {
        String sql = "SELECT count(*), coalesce(sum(payload_size), 0), count(replayed_at), coalesce(max(id), 0)"
                + " FROM otel.quarantine WHERE %s";
        try (PreparedStatement query = chosen.prepare(connection, sql);
                ResultSet row = query.executeQuery()) {
            row.next();
            return new Extent(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        }
    }

    private static boolean isConfirmed(Extent extent) {
        if (extent.replaying() > 0) {
            System.console()
                    .printf("%s of them published for a replay and not stored yet%n", records(extent.replaying()));
        }
        String answer = System.console()
                .readLine("Delete %s, %s, for good? [y/N] ", records(extent.records()), Size.of(extent.bytes()));
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    }

    private static long delete(Connection connection, QuarantineSelection chosen, long lastId) throws SQLException {
        QuarantineSelection there = chosen.and("id <= ?::bigint", Long.toString(lastId));
        long deleted = 0;
        try (PreparedStatement statement = connection.prepareStatement("SELECT otel.delete_quarantined(?::bigint[])")) {
            List<Long> ids = there.page(connection, 0, PAGE);
            while (!ids.isEmpty()) {
                statement.setString(1, QuarantineSelection.array(ids));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    deleted += row.getLong(1);
                }
                ids = there.page(connection, ids.get(ids.size() - 1), PAGE);
            }
        }
        return deleted;
    }

    private static String records(long count) {
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? "record" : "records");
    }
}
