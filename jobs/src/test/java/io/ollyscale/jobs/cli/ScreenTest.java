package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScreenTest {

    private final StringWriter text = new StringWriter();

    @Test
    void showsWhatFitsAndGivesTheFirstScreenBack() {
        try (Screen screen = new Screen(new PrintWriter(text))) {
            screen.show(List.of("😀bcd", "ef", "gh"), Optional.of(new Terminal.Extent(2, 3)));
        }

        assertThat(text)
                .hasToString("\u001b[?1049h\u001b[?25l"
                        + "\u001b[H😀bc\u001b[K\nef\u001b[K\u001b[J"
                        + "\u001b[?25h\u001b[?1049l");
    }

    @Test
    void writesNothingAfterItWasLeft() {
        Screen screen = new Screen(new PrintWriter(text));
        screen.close();
        String left = text.toString();

        screen.show(List.of("late"), Optional.empty());
        screen.close();

        assertThat(text).hasToString(left);
    }
}
