package io.ollyscale.jobs.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Results for programs: one JSON object on a line for each statement, {@code {"rows": [{column: value, …}, …], "more":
 * false}} or {@code {"rows_changed": 5}}. A column whose name occurs again has a number behind it.
 */
final class SqlJsonOutput implements SqlOutput {

    private final PrintWriter out;
    private final PrintWriter err;

    SqlJsonOutput(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public void rows(ResultSet rows, int limit) throws SQLException {
        List<String> names = names(rows.getMetaData());
        try {
            JsonGenerator json =
                    new JsonFactory().createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeArrayFieldStart("rows");
            long shown = 0;
            boolean more = rows.next();
            while (more && (limit == 0 || shown < limit)) {
                json.writeStartObject();
                for (int i = 0; i < names.size(); i++) {
                    json.writeFieldName(names.get(i));
                    value(json, rows, i + 1);
                }
                json.writeEndObject();
                shown++;
                more = rows.next();
            }
            json.writeEndArray();
            json.writeBooleanField("more", more);
            json.writeEndObject();
            json.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.println();
    }

    @Override
    public void done(long rowsChanged) {
        out.println("{\"rows_changed\":" + rowsChanged + "}");
    }

    @Override
    public void notice(String message) {
        err.println(message);
    }

    private static List<String> names(ResultSetMetaData result) throws SQLException {
        List<String> names = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int i = 1; i <= result.getColumnCount(); i++) {
            String name = result.getColumnLabel(i);
            for (int n = 2; !taken.add(name); n++) {
                name = result.getColumnLabel(i) + "_" + n;
            }
            names.add(name);
        }
        return names;
    }

    private static void value(JsonGenerator json, ResultSet rows, int column) throws SQLException, IOException {
        String text = rows.getString(column);
        if (text == null) {
            json.writeNull();
            return;
        }
        switch (rows.getMetaData().getColumnType(column)) {
            case Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.NUMERIC, Types.REAL, Types.DOUBLE ->
                number(json, text);
            case Types.BIT, Types.BOOLEAN -> json.writeBoolean(rows.getBoolean(column));
            default -> {
                if (rows.getMetaData().getColumnTypeName(column).startsWith("json")) {
                    json.writeRawValue(text);
                } else {
                    json.writeString(text);
                }
            }
        }
    }

    /** JSON has no NaN and no infinity: they are strings. */
    private static void number(JsonGenerator json, String text) throws IOException {
        if (Character.isLetter(text.charAt(text.length() - 1))) {
            json.writeString(text);
        } else {
            json.writeNumber(text);
        }
    }
}
