package io.ollyscale.jobs.cli;

import java.io.PrintWriter;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Results for people. */
final class SqlTableOutput implements SqlOutput {

    private final PrintWriter out;
    private final PrintWriter err;
    private final OptionalInt lineWidth;
    private final boolean wide;
    private boolean first = true;

    SqlTableOutput(PrintWriter out, PrintWriter err, OptionalInt lineWidth, boolean wide) {
        this.out = out;
        this.err = err;
        this.lineWidth = lineWidth;
        this.wide = wide;
    }

    @Override
    public void rows(ResultSet rows, int limit) throws SQLException {
        if (!first) {
            out.println();
        }
        first = false;
        List<TextTable.Column> columns = columns(rows.getMetaData());
        TextTable table = wide ? TextTable.wide(out, columns) : TextTable.fitting(out, columns, lineWidth);
        long shown = 0;
        boolean more = rows.next();
        while (more && (limit == 0 || shown < limit)) {
            List<String> cells = new ArrayList<>(columns.size());
            for (int i = 1; i <= columns.size(); i++) {
                cells.add(rows.getString(i));
            }
            table.row(cells);
            shown++;
            more = rows.next();
        }
        table.end();
        if (more) {
            out.println("(the first " + shown + " rows, there are more: --limit shows them)");
        } else {
            out.println(shown == 1 ? "(1 row)" : "(" + shown + " rows)");
        }
    }

    @Override
    public void done(long rowsChanged) {
        first = false;
        out.println(rowsChanged == 0 ? "Done" : rowsChanged == 1 ? "1 row changed" : rowsChanged + " rows changed");
    }

    @Override
    public void notice(String message) {
        err.println(message);
    }

    private static List<TextTable.Column> columns(ResultSetMetaData result) throws SQLException {
        List<TextTable.Column> columns = new ArrayList<>();
        for (int i = 1; i <= result.getColumnCount(); i++) {
            TextTable.Align align = switch (result.getColumnType(i)) {
                case Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.NUMERIC, Types.REAL, Types.DOUBLE ->
                    TextTable.Align.RIGHT;
                default -> TextTable.Align.LEFT;
            };
            columns.add(new TextTable.Column(result.getColumnLabel(i), align));
        }
        return columns;
    }
}
