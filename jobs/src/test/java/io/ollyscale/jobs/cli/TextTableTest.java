package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.jobs.cli.TextTable.Align;
import io.ollyscale.jobs.cli.TextTable.Column;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TextTableTest {

    private static final List<Column> COLUMNS = List.of(new Column("name", Align.LEFT), new Column("n", Align.RIGHT));

    private final StringWriter text = new StringWriter();
    private final PrintWriter out = new PrintWriter(text);

    @Test
    void alignsTextLeftAndNumbersRight() {
        TextTable table = TextTable.fitting(out, COLUMNS, OptionalInt.empty());

        table.row(List.of("😀€", "7"));
        table.row(Arrays.asList(null, "100"));
        table.end();

        assertThat(text.toString().lines()).containsExactly("name |   n", "-----+----", "😀€   |   7", "NULL | 100");
    }

    @Test
    void cutsTextButNoNumbersToTheLine() {
        TextTable table = TextTable.fitting(out, COLUMNS, OptionalInt.of(24));

        table.row(List.of("abcdefghijklmnopqrstuvwxyz", "12345678901"));
        table.end();

        assertThat(text.toString().lines())
                .containsExactly("name       |           n", "-----------+------------", "abcdefghi… | 12345678901");
    }

    @Test
    void writesNothingThatATerminalActsOn() {
        TextTable table = TextTable.wide(out, List.of(new Column("v", Align.LEFT)));

        table.row(List.of("a\nb\tc\u001b[31md\u202Ee\u0000"));
        table.end();

        assertThat(text.toString().lines()).last().isEqualTo("a\\nb\\tc\\u001b[31md\\u202ee\\u0000");
    }

    @Test
    void printsRowsBeforeItsEndWhenThereAreMany() {
        TextTable table = TextTable.wide(out, COLUMNS);

        for (int i = 0; i < 1_500; i++) {
            table.row(List.of("row", Integer.toString(i)));
        }

        assertThat(text.toString().lines()).hasSize(1_502);
        table.end();
        assertThat(text.toString().lines()).hasSize(1_502);
    }
}
