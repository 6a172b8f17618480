package io.ollyscale.jobs.cli;

import io.ollyscale.functions.quarantine.ReplayPublisher;
import io.ollyscale.sql.Migrations;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
import picocli.CommandLine.Spec;

/** Publishes records of quarantine to Kafka again. */
@Command(
        name = "replay",
        description = {
            "Publishes records of quarantine to their topics again, for the job to store them.",
            "",
            "Each is stored once, however often it is replayed: the job removes it from quarantine in the transaction that"
                    + " stores it. What is refused again comes back under a new number. Records that are stored already"
                    + " (newer-otlp) are never replayed; those that were published before and aren't stored yet only by"
                    + " their numbers.",
            "Exit status 1: Kafka refuses some, or some don't exist."
        })
final class QuarantineReplayCommand implements Callable<Integer> {

    private static final String ERASE_LINE = "\r\u001b[K";
    private static final int REFUSED_SHOWN = 20;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Mixin
    private QuarantineChoice choice;

    @Option(
            names = "--to-topic",
            paramLabel = "TOPIC",
            description = "Publish to this topic. Default: each record's own, where it came from this Kafka.")
    private String toTopic;

    @Option(names = "--dry-run", description = "Say what would be published, and publish nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /**
     * What was chosen.
     *
     * @param due to be published
     * @param stored of a newer OTLP
     * @param published before, and not stored yet; 0 where they are due again
     * @param elsewhere of another Kafka, whose topics of the same names these aren't
     * @param lastId of those that were there at the beginning: what comes back has a higher one
     */
    private record Extent(long due, long dueBytes, long stored, long published, long elsewhere, long lastId) {}

    @Override
    public Integer call() throws SQLException {
        QuarantineSelection chosen = choice.selection(spec);
        try (Connection connection = connections.connect();
                StopSignal stop = new StopSignal()) {
            Migrations.verify(connection);
            List<Long> unknown = choice.unknown(connection);
            // Says within seconds what is wrong.
            String cluster = clusterId();
            QuarantineSelection here =
                    toTopic == null ? chosen.and("(cluster_id = ? OR reason = 'newer-otlp')", cluster) : chosen;
            long elsewhere = toTopic == null
                    ? count(connection, chosen.and("cluster_id <> ? AND reason <> 'newer-otlp'", cluster))
                    : 0;
            Extent extent = extent(connection, here, elsewhere);
            ReplayPublisher.Outcome outcome = dryRun || extent.due() == 0
                    ? new ReplayPublisher.Outcome(0, 0, List.of())
                    : publish(connection, here, extent, stop);
            print(extent, outcome, unknown);
            if (stop.received()) {
                spec.commandLine().getErr().println("Stopped before the end");
            }
            return stop.received() || !outcome.refused().isEmpty() || !unknown.isEmpty() ? 1 : 0;
        }
    }

    /** A number that was named is published again. */
    private String due() {
        return choice.isByIds() ? "reason <> 'newer-otlp'" : "reason <> 'newer-otlp' AND replayed_at IS NULL";
    }

    private String clusterId() {
        try (KafkaCluster kafka = KafkaCluster.connect(connections.kafkaProperties())) {
            return kafka.id();
        }
    }

    private static long count(Connection connection, QuarantineSelection selection) throws SQLException {
        try (PreparedStatement query = selection.prepare(connection, "SELECT count(*) FROM otel.quarantine WHERE %s");
                ResultSet row = query.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private Extent extent(Connection connection, QuarantineSelection here, long elsewhere) throws SQLException {
        String due = due();
        String sql = "SELECT count(*) FILTER (WHERE " + due + "), coalesce(sum(payload_size) FILTER (WHERE " + due
                + "), 0), count(*) FILTER (WHERE reason = 'newer-otlp'), count(*), coalesce(max(id), 0)"
                + " FROM otel.quarantine WHERE %s";
        try (PreparedStatement query = here.prepare(connection, sql);
                ResultSet row = query.executeQuery()) {
            row.next();
            long stored = row.getLong(3);
            return new Extent(
                    row.getLong(1),
                    row.getLong(2),
                    stored,
                    row.getLong(4) - row.getLong(1) - stored,
                    elsewhere,
                    row.getLong(5));
        }
    }

    private ReplayPublisher.Outcome publish(
            Connection connection, QuarantineSelection here, Extent extent, StopSignal stop) throws SQLException {
        QuarantineSelection due = here.and(due()).and("id <= ?::bigint", Long.toString(extent.lastId()));
        List<ReplayPublisher.Refused> refused = new ArrayList<>();
        long published = 0;
        long bytes = 0;
        try (ReplayPublisher publisher = new ReplayPublisher(connection, connections.kafkaProperties())) {
            List<Long> ids = due.page(connection, 0, ReplayPublisher.PAGE);
            while (!ids.isEmpty() && !stop.received()) {
                ReplayPublisher.Outcome page = publisher.publish(ids, toTopic);
                published += page.published();
                bytes += page.bytes();
                refused.addAll(page.refused());
                progress(published, extent.due());
                ids = due.page(connection, ids.get(ids.size() - 1), ReplayPublisher.PAGE);
            }
        } finally {
            if (Terminal.isPresent()) {
                spec.commandLine().getErr().print(ERASE_LINE);
                spec.commandLine().getErr().flush();
            }
        }
        return new ReplayPublisher.Outcome(published, bytes, refused);
    }

    private void progress(long published, long all) {
        if (Terminal.isPresent()) {
            PrintWriter err = spec.commandLine().getErr();
            err.printf(Locale.ROOT, "%s%,d of %,d records published", ERASE_LINE, published, all);
            err.flush();
        }
    }

    private void print(Extent extent, ReplayPublisher.Outcome outcome, List<Long> unknown) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, json(extent, outcome, unknown));
            return;
        }
        PrintWriter err = spec.commandLine().getErr();
        QuarantineChoice.warnOf(unknown, err);
        outcome.refused().stream()
                .limit(REFUSED_SHOWN)
                .forEach(refused -> err.println("Record " + refused.id() + " isn't published: "
                        + TextTable.printable(String.valueOf(refused.why()), 500)));
        if (outcome.refused().size() > REFUSED_SHOWN) {
            err.println("… and " + (outcome.refused().size() - REFUSED_SHOWN) + " more");
        }
        out.println(
                dryRun
                        ? "Would publish " + amount(extent.due(), extent.dueBytes())
                        : "Published " + amount(outcome.published(), outcome.bytes()));
        if (extent.stored() > 0) {
            out.printf(
                    Locale.ROOT, "Left out %,d of reason newer-otlp: their rows are stored already%n", extent.stored());
        }
        if (extent.published() > 0) {
            out.printf(
                    Locale.ROOT,
                    "Left out %,d that were published before and aren't stored yet: name their ids to publish them again%n",
                    extent.published());
        }
        if (extent.elsewhere() > 0) {
            out.printf(
                    Locale.ROOT, "Left out %,d of another Kafka: --to-topic publishes them here%n", extent.elsewhere());
        }
    }

    private Map<String, Object> json(Extent extent, ReplayPublisher.Outcome outcome, List<Long> unknown) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("dry_run", dryRun);
        report.put("due", extent.due());
        report.put("due_bytes", extent.dueBytes());
        report.put("published", outcome.published());
        report.put("published_bytes", outcome.bytes());
        report.put("left_out_stored", extent.stored());
        report.put("left_out_published_before", extent.published());
        report.put("left_out_of_another_kafka", extent.elsewhere());
        report.put("unknown_ids", unknown);
        report.put(
                "refused",
                outcome.refused().stream()
                        .map(refused -> {
                            Map<String, Object> entry = new LinkedHashMap<>();
                            entry.put("id", refused.id());
                            entry.put("why", String.valueOf(refused.why()));
                            return entry;
                        })
                        .toList());
        return report;
    }

    private static String amount(long records, long bytes) {
        return String.format(Locale.ROOT, "%,d %s, %s", records, records == 1 ? "record" : "records", Size.of(bytes));
    }
}
