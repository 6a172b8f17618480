package io.ollyscale.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The README's table of options is the options' own descriptions. */
class OptionsDocumentedTest {
    private static final Path README = Path.of("..", "README.md");

    @TestFactory
    Stream<DynamicTest> readmeHasEachOption() throws Exception {
        List<String> readme = Files.readAllLines(README);
        return OptionSources.all().stream()
                .map(option -> DynamicTest.dynamicTest(
                        option.key(), () -> assertThat(readme).contains(row(option))));
    }

    @Test
    void readmeHasNoOtherOption() throws Exception {
        assertThat(Files.readAllLines(README).stream().filter(line -> line.startsWith("| `ollyscale.")))
                .containsExactlyElementsOf(OptionSources.all().stream()
                        .map(OptionsDocumentedTest::row)
                        .toList());
    }

    private static String row(ConfigOption<?> option) {
        return "| `" + option.key() + "` | " + defaultValue(option) + " | "
                + new HtmlFormatter().format(option.description()) + " |";
    }

    private static String defaultValue(ConfigOption<?> option) {
        Object value = option.defaultValue();
        if (value == null || value.toString().equals("{}")) {
            return "";
        }
        return "`" + (value instanceof java.time.Duration time ? TimeUtils.formatWithHighestUnit(time) : value) + "`";
    }
}
