package io.ollyscale.jobs.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ollyscale.jobs.cli.TextTable.Align;
import io.ollyscale.jobs.cli.TextTable.Column;
import io.ollyscale.sql.Migrations;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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

/** Lists what is in quarantine, without foreign bytes. */
@Command(
        name = "list",
        description = "Lists records in quarantine, the newest first, and counts them by reason. Shows no payloads.")
final class QuarantineListCommand implements Callable<Integer> {

    private static final int ROWS_AT_ONCE = 1_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Mixin
    private QuarantineFilter filter;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "List at most N records, 0 for all. Default: ${DEFAULT-VALUE}. The counts are of all.")
    private int limit;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** What there is for one reason. */
    private record Reason(String code, long records, long bytes, Instant oldest, Instant newest) {}

    @FunctionalInterface
    private interface RowConsumer {
        void accept(QuarantineRow row) throws IOException;
    }

    @Override
    public Integer call() throws SQLException, IOException {
        if (limit < 0 || limit == Integer.MAX_VALUE) {
            throw new ParameterException(spec.commandLine(), "--limit must be 0 or more");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Connection connection = connections.connect()) {
            Migrations.verify(connection);
            // Rows are fetched some at a time, and the counts are of the same moment.
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            List<Reason> reasons = reasons(connection);
            if (json) {
                printJson(connection, reasons, out);
            } else if (reasons.isEmpty()) {
                out.println(filter.isEmpty() ? "Nothing is in quarantine" : "No such record is in quarantine");
            } else {
                printText(connection, reasons, out);
            }
        }
        return 0;
    }

    private void printText(Connection connection, List<Reason> reasons, PrintWriter out)
            throws SQLException, IOException {
        TextTable table = TextTable.fitting(
                out,
                List.of(
                        right("id"),
                        left("quarantined"),
                        left("signal"),
                        left("topic"),
                        right("partition"),
                        right("offset"),
                        right("part"),
                        right("size"),
                        left("reason"),
                        left("replay"),
                        left("detail")),
                Terminal.width());
        boolean more = forEach(
                connection,
                row -> table.row(List.of(
                        Long.toString(row.id()),
                        time(row.quarantinedAt()),
                        row.signal(),
                        row.topic(),
                        Integer.toString(row.partition()),
                        Long.toString(row.offset()),
                        Integer.toString(row.part()),
                        Size.of(row.payloadSize()),
                        row.reason(),
                        replay(row),
                        row.detail())));
        table.end();
        if (more) {
            out.println("(the newest " + limit + ", there are more: --limit shows them)");
        }
        out.println();
        TextTable summary = TextTable.fitting(
                out,
                List.of(left("reason"), right("records"), right("size"), left("oldest"), left("newest")),
                Terminal.width());
        for (Reason reason : reasons) {
            summary.row(List.of(
                    reason.code(),
                    String.format(Locale.ROOT, "%,d", reason.records()),
                    Size.of(reason.bytes()),
                    time(reason.oldest()),
                    time(reason.newest())));
        }
        summary.end();
    }

    private void printJson(Connection connection, List<Reason> reasons, PrintWriter out)
            throws SQLException, IOException {
        ObjectMapper mapper = new ObjectMapper();
        JsonGenerator generator = mapper.createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .useDefaultPrettyPrinter();
        generator.writeStartObject();
        generator.writeArrayFieldStart("records");
        boolean more = forEach(connection, row -> generator.writePOJO(row.json()));
        generator.writeEndArray();
        generator.writeBooleanField("more", more);
        generator.writePOJOField(
                "reasons", reasons.stream().map(QuarantineListCommand::json).toList());
        generator.writeEndObject();
        generator.flush();
        out.println();
    }

    private static Map<String, Object> json(Reason reason) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("reason", reason.code());
        json.put("records", reason.records());
        json.put("bytes", reason.bytes());
        json.put("oldest", reason.oldest().toString());
        json.put("newest", reason.newest().toString());
        return json;
    }

    /** @return whether there are more than the limit */
    private boolean forEach(Connection connection, RowConsumer consumer) throws SQLException, IOException {
        String sql = "SELECT " + QuarantineRow.COLUMNS + " FROM otel.quarantine WHERE %s ORDER BY id DESC"
                + (limit == 0 ? "" : " LIMIT " + (limit + 1));
        try (PreparedStatement query = filter.selection().prepare(connection, sql)) {
            query.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet rows = query.executeQuery()) {
                for (int count = 0; rows.next(); count++) {
                    if (limit > 0 && count == limit) {
                        return true;
                    }
                    consumer.accept(QuarantineRow.of(rows));
                }
            }
        }
        return false;
    }

    private List<Reason> reasons(Connection connection) throws SQLException {
        String sql = "SELECT reason, count(*), sum(payload_size), min(quarantined_at), max(quarantined_at)"
                + " FROM otel.quarantine WHERE %s GROUP BY reason ORDER BY 2 DESC, 1";
        List<Reason> reasons = new ArrayList<>();
        try (PreparedStatement query = filter.selection().prepare(connection, sql);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                reasons.add(new Reason(
                        rows.getString(1),
                        rows.getLong(2),
                        rows.getLong(3),
                        QuarantineRow.instant(rows.getTimestamp(4)),
                        QuarantineRow.instant(rows.getTimestamp(5))));
            }
        }
        return reasons;
    }

    private static String replay(QuarantineRow row) {
        if (row.replayedAt() != null) {
            return "published";
        }
        return row.replayRequestedAt() != null ? "requested" : "";
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static Column left(String name) {
        return new Column(name, Align.LEFT);
    }

    private static Column right(String name) {
        return new Column(name, Align.RIGHT);
    }
}
