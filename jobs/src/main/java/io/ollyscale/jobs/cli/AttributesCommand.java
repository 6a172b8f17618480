package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.TextTable.Align;
import io.ollyscale.jobs.cli.TextTable.Column;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.sql.Migrations;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says what is promoted, and what should be. */
@Command(
        name = "attributes",
        description = {
            "Says which attributes the newest rows have: what is promoted to typed tables, and which keys of the catch-all occur"
                    + " so often that they should be.",
            "Suggests the line for promoted-keys.yaml, which decides on what comes, and the statement that moves what is stored."
        })
final class AttributesCommand implements Callable<Integer> {

    /** Types that have a typed table. */
    private static final List<String> PROMOTABLE = List.of("string", "int", "double", "bool", "bytes");

    /** A longer value can't be promoted, so keys whose values are longer on average aren't worth it. */
    private static final int LONGEST_VALUE = 1024;

    /** What a policy file takes; keys are foreign texts, and what is suggested is copied to other places. */
    private static final Pattern KEY = Pattern.compile("[^\\p{C}\\p{Zl}\\p{Zp}]{1,512}");

    /** As YAML knows no other meaning of it. */
    private static final Pattern PLAIN_YAML = Pattern.compile("[A-Za-z_][\\w-]*(\\.[\\w-]+)+");

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Option(
            names = "--context",
            paramLabel = "CONTEXT",
            split = ",",
            description = "Of what: ${COMPLETION-CANDIDATES}; may be repeated. Default: all.")
    private List<AttributeContext> contexts = List.of(AttributeContext.values());

    @Option(
            names = "--sample",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Read the newest N rows of each context. Default: ${DEFAULT-VALUE}.")
    private int sample;

    @Option(
            names = "--min-share",
            paramLabel = "PERCENT",
            defaultValue = "10",
            description = "Suggest keys that so many of a hundred rows have. Default: ${DEFAULT-VALUE}.")
    private double minShare;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description =
                    "Show at most N keys of each context, the most frequent, 0 for all. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** A row of {@code otel.attribute_usage}. */
    private record Usage(
            AttributeContext context,
            String key,
            String type,
            String tier,
            long occurrences,
            double share,
            long bytes,
            long distinct) {

        String place() {
            return context + " " + key;
        }

        boolean isPromoted() {
            return "promoted".equals(tier);
        }

        double bytesEach() {
            return (double) bytes / occurrences;
        }
    }

    @Override
    public Integer call() throws SQLException {
        if (sample < 1) {
            throw new ParameterException(spec.commandLine(), "--sample must be 1 or more");
        }
        if (limit < 0) {
            throw new ParameterException(spec.commandLine(), "--limit must be 0 or more");
        }
        if (!(minShare >= 0 && minShare <= 100)) {
            throw new ParameterException(spec.commandLine(), "--min-share must be 0 to 100");
        }
        List<Usage> usages = new ArrayList<>();
        try (Connection connection = connections.connect()) {
            Migrations.verify(connection);
            for (AttributeContext context : contexts) {
                usages.addAll(read(connection, context));
            }
        }
        List<Usage> suggested = suggested(usages);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(
                    out,
                    usages.stream()
                            .map(usage -> json(usage, suggested.contains(usage)))
                            .toList());
        } else {
            print(usages, suggested, out);
        }
        return 0;
    }

    private List<Usage> read(Connection connection, AttributeContext context) throws SQLException {
        List<Usage> usages = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT * FROM otel.attribute_usage(?, ?)")) {
            query.setString(1, context.sectionName());
            query.setInt(2, sample);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    usages.add(new Usage(
                            context,
                            row.getString("key"),
                            row.getString("type"),
                            row.getString("tier"),
                            row.getLong("occurrences"),
                            row.getDouble("share"),
                            row.getLong("bytes"),
                            row.getLong("distinct_values")));
                }
            }
        }
        return usages;
    }

    /** A key of a context once, with its most frequent type: a policy can't have two of them. */
    private List<Usage> suggested(List<Usage> usages) {
        Set<String> taken = usages.stream()
                .filter(Usage::isPromoted)
                .map(Usage::place)
                .collect(Collectors.toCollection(HashSet::new));
        return usages.stream()
                .filter(usage -> isWorthPromoting(usage) && taken.add(usage.place()))
                .toList();
    }

    private boolean isWorthPromoting(Usage usage) {
        return PROMOTABLE.contains(usage.type())
                && usage.share() * 100 >= minShare
                && usage.bytesEach() <= LONGEST_VALUE
                && KEY.matcher(usage.key()).matches();
    }

    private void print(List<Usage> usages, List<Usage> suggested, PrintWriter out) {
        if (usages.isEmpty()) {
            out.println("Nothing with attributes is stored yet");
            return;
        }
        TextTable table = TextTable.fitting(
                out,
                List.of(
                        left("context"),
                        left("key"),
                        left("type"),
                        left("tier"),
                        right("rows"),
                        right("share"),
                        right("bytes each"),
                        right("distinct")),
                Terminal.width());
        for (AttributeContext context : contexts) {
            usages.stream()
                    .filter(usage -> usage.context() == context)
                    .limit(limit == 0 ? Long.MAX_VALUE : limit)
                    .forEach(usage -> table.row(List.of(
                            context.sectionName(),
                            usage.key(),
                            usage.type(),
                            usage.tier(),
                            String.format(Locale.ROOT, "%,d", usage.occurrences()),
                            String.format(Locale.ROOT, "%.0f %%", usage.share() * 100),
                            String.format(Locale.ROOT, "%.0f", usage.bytesEach()),
                            String.format(Locale.ROOT, "%,d", usage.distinct()))));
        }
        table.end();
        suggest(suggested, out);
    }

    private static void suggest(List<Usage> suggested, PrintWriter out) {
        out.println();
        if (suggested.isEmpty()) {
            out.println("No key of the catch-all occurs so often that it should be promoted");
            return;
        }
        out.println("For promoted-keys.yaml, for what comes:");
        AttributeContext section = null;
        for (Usage usage : suggested) {
            if (usage.context() != section) {
                section = usage.context();
                out.println("  " + section.sectionName() + ":");
            }
            out.println("    " + yaml(usage));
        }
        out.println("then, for what is stored:");
        suggested.forEach(usage -> out.println("  " + statement(usage)));
    }

    private static String yaml(Usage usage) {
        String key = PLAIN_YAML.matcher(usage.key()).matches() ? usage.key() : quoted(usage.key());
        return key + ": " + (isNearUnique(usage) ? "{type: " + usage.type() + ", indexed: false}" : usage.type());
    }

    /** Its values would make the value index large and serve nobody. */
    private static boolean isNearUnique(Usage usage) {
        return usage.distinct() > 100 && usage.distinct() * 2 > usage.occurrences();
    }

    private static String statement(Usage usage) {
        return "CALL otel.promote_attribute('" + usage.context().sectionName() + "', " + quoted(usage.key()) + ", '"
                + usage.type() + "');";
    }

    /** In YAML as in SQL. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static Map<String, Object> json(Usage usage, boolean suggested) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("context", usage.context().sectionName());
        json.put("key", usage.key());
        json.put("type", usage.type());
        json.put("tier", usage.tier());
        json.put("occurrences", usage.occurrences());
        json.put("share", usage.share());
        json.put("bytes", usage.bytes());
        json.put("distinct_values", usage.distinct());
        json.put("statement", suggested ? statement(usage) : null);
        return json;
    }

    private static Column left(String name) {
        return new Column(name, Align.LEFT);
    }

    private static Column right(String name) {
        return new Column(name, Align.RIGHT);
    }
}
