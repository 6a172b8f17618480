package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import io.ollyscale.sql.Migrations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs SQL on the store. */
@Command(name = "sql", description = "Runs SQL on the store and prints the results.")
final class SqlCommand implements Callable<Integer> {

    private static final String EXAMPLE = "@";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Parameters(
            arity = "0..1",
            paramLabel = "QUERY",
            description = {
                "One statement or several with semicolons between;",
                "@name for an example, @ lists them; - for standard input."
            })
    private String query;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A file of statements.")
    private Path file;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Show at most N rows of each result, 0 for all. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--wide", description = "Don't cut text to the terminal's width.")
    private boolean wide;

    @Option(names = "--json", description = "Print one JSON object for each statement, on a line of its own.")
    private boolean json;

    @Override
    public Integer call() throws SQLException, IOException {
        if (query == null == (file == null)) {
            throw new ParameterException(spec.commandLine(), "Pass either a query or a file");
        }
        if (limit < 0 || limit == Integer.MAX_VALUE) {
            throw new ParameterException(spec.commandLine(), "--limit must be 0 or more");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (EXAMPLE.equals(query)) {
            printExamples(out);
            return 0;
        }
        String text = text();
        PrintWriter err = spec.commandLine().getErr();
        SqlOutput output = json ? new SqlJsonOutput(out, err) : new SqlTableOutput(out, err, Terminal.width(), wide);
        try (Connection connection = ConnectionOptions.connect(dataSource())) {
            run(connection, new SqlSession(connection, output, limit), text);
        }
        return 0;
    }

    private void printExamples(PrintWriter out) {
        Map<String, String> examples = Examples.all();
        if (json) {
            Json.print(out, examples);
        } else {
            examples.forEach((name, description) -> out.printf("@%-24s %s%n", name, description));
        }
    }

    private String text() throws IOException {
        if (file != null) {
            return Files.readString(file);
        }
        if (query.equals("-")) {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        }
        return query.startsWith(EXAMPLE) ? Examples.query(query.substring(1)) : query;
    }

    private static void run(Connection connection, SqlSession session, String text) throws SQLException {
        try {
            session.run(text);
        } catch (UserFailure e) {
            boolean unknownTable = e.getCause() instanceof SQLException cause
                    && (cause.getSQLState().equals("42P01")
                            || cause.getSQLState().equals("3F000"));
            if (unknownTable) {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                Migrations.verify(connection);
            }
            throw e;
        }
    }

    /** Fetches as many rows at once as memory has room for: one may be tens of megabytes. */
    private PGSimpleDataSource dataSource() throws SQLException {
        PGSimpleDataSource dataSource = connections.dataSource();
        dataSource.setAdaptiveFetch(true);
        dataSource.setDefaultRowFetchSize(4);
        dataSource.setAdaptiveFetchMaximum(1_000);
        dataSource.setMaxResultBuffer("25p");
        return dataSource;
    }
}
