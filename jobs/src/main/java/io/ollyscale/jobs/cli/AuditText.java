package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.TextTable.Align;
import io.ollyscale.jobs.cli.TextTable.Column;
import io.ollyscale.jobs.cli.audit.Audit;
import io.ollyscale.jobs.cli.audit.Dangling;
import io.ollyscale.jobs.cli.audit.Difference;
import io.ollyscale.jobs.cli.audit.References;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** An audit for people: a line where all is well, else what isn't. */
final class AuditText {

    private AuditText() {}

    static void print(PrintWriter out, Audit audit) {
        if (audit.isClean()) {
            out.printf(
                    Locale.ROOT,
                    "The rollups equal the facts: %,d %s in %,d %s%n",
                    audit.spans(),
                    audit.spans() == 1 ? "span" : "spans",
                    audit.minutes(),
                    audit.minutes() == 1 ? "minute" : "minutes");
        }
        if (audit.count() > 0) {
            differences(out, audit);
        }
        for (Dangling dangling : audit.references().dangling()) {
            out.printf(
                    Locale.ROOT,
                    "%,d of %s that are older than an hour name a row of %s that isn't there%n",
                    dangling.rows(),
                    dangling.facts(),
                    dangling.dimension());
        }
        if (!audit.references().unchecked().isEmpty()) {
            out.println("Whether all dimensions are there wasn't looked at within " + Ages.of(References.TIME) + ", of "
                    + String.join(", ", audit.references().unchecked()));
        }
    }

    private static void differences(PrintWriter out, Audit audit) {
        TextTable table = TextTable.fitting(
                out,
                List.of(
                        left("rollup"),
                        left("window"),
                        left("service"),
                        left("operation"),
                        left("measure"),
                        left("by the facts"),
                        left("by the rollup")),
                Terminal.width());
        for (Difference difference : audit.differences()) {
            table.row(List.of(
                    difference.rollup(),
                    difference.window() == null ? "" : difference.window().toString(),
                    named(difference.service(), difference.serviceId()),
                    named(difference.operation(), difference.operationId()),
                    difference.measure(),
                    shown(difference.expected()),
                    shown(difference.actual())));
        }
        table.end();
        long more = audit.count() - audit.differences().size();
        if (more > 0) {
            out.printf(Locale.ROOT, "and %,d more%n", more);
        }
        out.printf(
                Locale.ROOT,
                "%,d %s between rollups and facts. CALL otel.rebuild_rollups(from, to) makes them anew. Unless the spans"
                        + " are older than their rollups (an upgrade), please report this: they should never differ%n",
                audit.count(),
                audit.count() == 1 ? "difference" : "differences");
    }

    /** @param id null where there is nothing to be named */
    private static String named(String name, Long id) {
        if (id == null) {
            return "";
        }
        return name == null ? String.format("%016x", id) : name;
    }

    private static String shown(String value) {
        return value == null ? "-" : value;
    }

    private static Column left(String name) {
        return new Column(name, Align.LEFT);
    }
}
