package io.ollyscale.jobs.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Rows in aligned columns. The widths are settled by the first rows, so that any number of them can follow. Cells are
 * foreign text: what would move the cursor or change colours is written as an escape. Not for several threads.
 */
final class TextTable {

    enum Align {
        LEFT,
        RIGHT
    }

    record Column(String name, Align align) {}

    private static final int ROWS_THAT_SETTLE = 1_000;
    private static final int LONGEST_CELL = 1_000;
    private static final int NARROWEST_COLUMN = 10;
    private static final String SEPARATOR = " | ";

    private final PrintWriter out;
    private final List<Column> columns;
    private final OptionalInt lineWidth;
    private final int longestCell;
    private final List<List<String>> pending = new ArrayList<>();
    private int[] widths;

    /**
     * Cuts cells so that a line fits.
     *
     * @param lineWidth in characters; empty: only cells that are longer than anybody reads are cut
     */
    static TextTable fitting(PrintWriter out, List<Column> columns, OptionalInt lineWidth) {
        return new TextTable(out, columns, lineWidth, LONGEST_CELL);
    }

    /** Cuts nothing. */
    static TextTable wide(PrintWriter out, List<Column> columns) {
        return new TextTable(out, columns, OptionalInt.empty(), Integer.MAX_VALUE);
    }

    private TextTable(PrintWriter out, List<Column> columns, OptionalInt lineWidth, int longestCell) {
        this.out = out;
        this.columns = columns;
        this.lineWidth = lineWidth;
        this.longestCell = longestCell;
    }

    /** @param cells one for each column; null for NULL */
    void row(List<String> cells) {
        List<String> printable = new ArrayList<>(cells.size());
        for (String cell : cells) {
            printable.add(printable(cell == null ? "NULL" : cell, longestCell));
        }
        if (widths != null) {
            print(printable);
            return;
        }
        pending.add(printable);
        if (pending.size() == ROWS_THAT_SETTLE) {
            settle();
        }
    }

    /** Prints what isn't printed yet. */
    void end() {
        if (widths == null) {
            settle();
        }
    }

    private void settle() {
        widths = new int[columns.size()];
        List<String> names = columns.stream()
                .map(column -> printable(column.name(), longestCell))
                .toList();
        measure(names);
        pending.forEach(this::measure);
        lineWidth.ifPresent(this::shrink);
        print(names);
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(i == 0 ? "" : "-+-").append("-".repeat(widths[i]));
        }
        out.println(line);
        pending.forEach(this::print);
        pending.clear();
    }

    private void measure(List<String> cells) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], Math.min(length(cells.get(i)), LONGEST_CELL));
        }
    }

    /** Numbers stay whole: a number that is cut is another number. */
    private void shrink(int line) {
        int excess = SEPARATOR.length() * (widths.length - 1) - line;
        for (int width : widths) {
            excess += width;
        }
        for (; excess > 0; excess--) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                boolean cuttable = columns.get(i).align() == Align.LEFT && widths[i] > NARROWEST_COLUMN;
                if (cuttable && (widest < 0 || widths[i] > widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                return;
            }
            widths[widest]--;
        }
    }

    private void print(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            boolean left = columns.get(i).align() == Align.LEFT;
            String cell = left && lineWidth.isPresent() ? cut(cells.get(i), widths[i]) : cells.get(i);
            String padding = " ".repeat(Math.max(0, widths[i] - length(cell)));
            line.append(i == 0 ? "" : SEPARATOR).append(left ? cell + padding : padding + cell);
        }
        out.println(line.toString().stripTrailing());
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String cut(String text, int length) {
        return length(text) <= length ? text : text.substring(0, text.offsetByCodePoints(0, length - 1)) + "…";
    }

    /** Cut to so many characters, and with escapes for what would move the cursor or change colours. */
    static String printable(String text, int longest) {
        String shown = cut(text, longest);
        StringBuilder result = new StringBuilder(shown.length());
        shown.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> result.append("\\n");
                case '\r' -> result.append("\\r");
                case '\t' -> result.append("\\t");
                default -> {
                    if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                        result.append(String.format("\\u%04x", c));
                    } else {
                        result.appendCodePoint(c);
                    }
                }
            }
        });
        return result.toString();
    }
}
