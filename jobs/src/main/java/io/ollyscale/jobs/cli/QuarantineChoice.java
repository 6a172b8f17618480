package io.ollyscale.jobs.cli;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The records that a command changes, which have to be named: by their numbers, by a filter, or as all. */
final class QuarantineChoice {

    @Parameters(arity = "0..*", paramLabel = "ID", description = "Numbers of records, as \"list\" shows them.")
    private List<Long> ids = new ArrayList<>();

    @Mixin
    private QuarantineFilter filter;

    @Option(names = "--all", description = "All records.")
    private boolean all;

    boolean isByIds() {
        return !ids.isEmpty();
    }

    /** @throws ParameterException unless exactly one way of choosing is used */
    QuarantineSelection selection(CommandSpec spec) {
        int ways = (ids.isEmpty() ? 0 : 1) + (filter.isEmpty() ? 0 : 1) + (all ? 1 : 0);
        if (ways != 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    ways == 0
                            ? "Say which records: ids, a filter such as --reason, or --all"
                            : "Choose records either by ids, or by filters, or by --all");
        }
        return ids.isEmpty() ? filter.selection() : QuarantineSelection.of(ids);
    }

    /** The ids that were named and that there are no records of. */
    List<Long> unknown(Connection connection) throws SQLException {
        String sql = "SELECT DISTINCT wanted FROM unnest(?::bigint[]) AS wanted"
                + " WHERE wanted NOT IN (SELECT id FROM otel.quarantine WHERE id = ANY (?::bigint[])) ORDER BY 1";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, QuarantineSelection.array(ids));
            query.setString(2, QuarantineSelection.array(ids));
            List<Long> unknown = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    unknown.add(rows.getLong(1));
                }
            }
            return unknown;
        }
    }

    static void warnOf(List<Long> unknown, PrintWriter err) {
        unknown.forEach(id -> err.println("There is no quarantined record " + id));
    }
}
